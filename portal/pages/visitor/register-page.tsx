import { useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { RegisterPage as RegisterOperation } from '../../operations/visitor.ts';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load } from '../../parts/states.tsx';
import { FirstDay, LastDay } from '../../parts/when.tsx';

/** Who uses the data, for what. */
export function RegisterPage() {
  const [pages, setPages] = useState<readonly (string | null)[]>([null]);
  const query = useQuery(RegisterOperation, { after: pages.at(-1) ?? null });
  return (
    <Page title="Register of approved uses" lead="Everybody may know who works with the data, and what for.">
      <Load query={query}>
        {({ approvedUses: { nodes, totalCount, pageInfo } }) =>
          nodes.length === 0 ? (
            <Empty title="No use is approved yet" />
          ) : (
            <>
              <p>{totalCount} approved.</p>
              {nodes.map((use) => (
                <section key={use.id} className="portal-use">
                  <h2>{use.title}</h2>
                  <p>
                    {use.applicant}, {use.institution} · {asWords(use.state)} · <FirstDay at={use.startsAt} /> to{' '}
                    <LastDay at={use.endsAt} />
                  </p>
                  <p className="portal-text">{use.plainSummary}</p>
                  <p className="portal-quiet">
                    {use.modalities.map((modality) => MODALITY_TEXT[modality].name).join(', ')}
                  </p>
                </section>
              ))}
              <p className="portal-buttons">
                {pages.length > 1 && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setPages(pages.slice(0, -1))}
                  >
                    Newer
                  </button>
                )}
                {pageInfo.hasNextPage && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setPages([...pages, pageInfo.endCursor ?? null])}
                  >
                    Older
                  </button>
                )}
              </p>
            </>
          )
        }
      </Load>
    </Page>
  );
}
