import { useId, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AccessLogOfGroup, AccessLogPage as AccessLogOperation } from '../../operations/data.ts';
import { grantName } from '../../parts/grant-name.ts';
import { actionText } from '../../parts/log-words.ts';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { UseGroups } from '../../parts/use-groups.tsx';
import { When } from '../../parts/when.tsx';

/** Who has seen what under one's grants: for everybody on the team. */
export function AccessLogPage() {
  return (
    <SignedIn title="Who saw what">
      <AccessLog />
    </SignedIn>
  );
}

function Entries({ grantId, group }: { grantId: string; group: string }) {
  const query = useQuery(AccessLogOfGroup, { group });
  return (
    <Load query={query} lines={2}>
      {({ viewer }) => {
        const log = viewer?.grants.find(({ id }) => id === grantId)?.accessLog;
        return (
          <ol className="portal-log">
            {log?.nodes.map(({ at, action, patients, rows }) => (
              <li key={`${at} ${action}`}>
                {actionText(action)}, <When at={at} />
                {patients !== null && `, ${patients} patients`}
                {rows !== null && `, ${rows} rows`}
              </li>
            ))}
            {log?.pageInfo.hasNextPage && <li>The newest 200 are shown.</li>}
          </ol>
        );
      }}
    </Load>
  );
}

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
          const nodes = grant.accessGroups?.nodes ?? [];
          const info = grant.accessGroups?.pageInfo;
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
                <UseGroups
                  caption={`Under “${grantName(viewer, grant)}”, the newest first`}
                  groups={nodes}
                  entries={(group) => <Entries grantId={grant.id} group={group.id} />}
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
