import { useId, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AccessLogPage as AccessLogOperation } from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { grantName } from '../../parts/grant-name.ts';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

/** Who has seen what under one's grants: for everybody on the team. */
export function AccessLogPage() {
  return (
    <SignedIn>
      <AccessLog />
    </SignedIn>
  );
}

const nameOf = (modality: string): string =>
  Object.hasOwn(MODALITY_TEXT, modality) ? MODALITY_TEXT[modality as keyof typeof MODALITY_TEXT].name : modality;

function AccessLog() {
  const [search, setSearch] = useSearchParams();
  const [pages, setPages] = useState<readonly (string | null)[]>([null]);
  const query = useQuery(AccessLogOperation, { after: pages.at(-1) ?? null });
  const field = useId();
  return (
    <Page
      title="Who saw what"
      lead="Every look at data under your grants, by you and your team: what was read, exported and run. Looking here is written down too."
    >
      <Load query={query} lines={8}>
        {({ viewer }) => {
          if (!viewer) return null;
          const grant = viewer.grants.find(({ id }) => id === search.get('grant')) ?? viewer.grants[0];
          if (!grant)
            return (
              <Empty title="You have no grant">
                <p>Once you have one, this page says who has used it, and for what.</p>
              </Empty>
            );
          const nodes = grant.accessLog?.nodes ?? [];
          const info = grant.accessLog?.pageInfo;
          return (
            <>
              {viewer.grants.length > 1 && (
                <div className="portal-filters">
                  <div>
                    <label className="usa-label" htmlFor={field}>
                      Grant
                    </label>
                    <select
                      id={field}
                      className="usa-select"
                      value={grant.id}
                      onChange={({ target }) => {
                        setPages([null]);
                        setSearch({ grant: target.value });
                      }}
                    >
                      {viewer.grants.map((one) => (
                        <option key={one.id} value={one.id}>
                          {grantName(viewer, one)}
                        </option>
                      ))}
                    </select>
                  </div>
                </div>
              )}
              <PartlyRefused problems={query.problems} />
              {nodes.length === 0 ? (
                <Empty title="Nobody has looked at anything under this grant" />
              ) : (
                <DataTable
                  caption={`Under “${grantName(viewer, grant)}”, the newest first`}
                  head={['When', 'Who', 'What was done', 'Kinds of data', 'Patients', 'Rows']}
                  rows={nodes.map(({ at, name, action, modalities, patients, rows }) => [
                    <When key="at" at={at} />,
                    name ?? 'the program',
                    asWords(action),
                    modalities.map(nameOf).join(', ') || '—',
                    patients ?? '—',
                    rows ?? '—',
                  ])}
                />
              )}
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
                {info?.hasNextPage && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setPages([...pages, info.endCursor ?? null])}
                  >
                    Older
                  </button>
                )}
              </p>
            </>
          );
        }}
      </Load>
    </Page>
  );
}
