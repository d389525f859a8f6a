import { type FormEvent, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { EntriesOfGroup, WhoSawWhat } from '../../operations/duties.ts';
import { LogEntry } from '../../parts/log-entry.tsx';
import { actionText } from '../../parts/log-words.ts';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, Refused, SignedIn } from '../../parts/states.tsx';
import { Turn } from '../../parts/turn.tsx';
import { UseGroups } from '../../parts/use-groups.tsx';
import { When } from '../../parts/when.tsx';
import { beginOf, endOf } from './days.ts';

/** Who saw what of the data, for auditors and stewards: one row for what is of a kind. */
export const SeenPage = () => (
  <SignedIn title="Who saw what">
    <Seen />
  </SignedIn>
);

const FIELDS = [
  ['account', 'Account', 'user name or address', 'text'],
  ['grant', 'Grant', 'its id, from an entry below', 'text'],
  ['from', 'From', 'day, UTC', 'date'],
  ['to', 'To', 'day, UTC', 'date'],
] as const;

function Seen() {
  const [search, setSearch] = useSearchParams();
  const [trail, setTrail] = useState<readonly string[]>([]);
  const query = useQuery(WhoSawWhat, {
    ...{ account: search.get('account'), grant: search.get('grant'), after: trail.at(-1) ?? null },
    ...{ from: beginOf(search.get('from')), to: endOf(search.get('to')) },
  });
  const find = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(event.currentTarget))
      if (typeof value === 'string' && value.trim()) asked.set(name, value.trim());
    setTrail([]);
    setSearch(asked);
  };
  return (
    <Page
      title="Who saw what"
      lead="Every look at data, download, export and run: one row for what is of a kind, by one person on one day. Looking here is an entry as well."
    >
      <p>
        Everything else that is written down stands in <Link to="/auditor">the log</Link>.
      </p>
      <form onSubmit={find} key={search.toString()} className="portal-filters">
        {FIELDS.map(([name, label, why, type]) => (
          <div key={name}>
            <label className="usa-label" htmlFor={`seen-${name}`}>
              {label} <span className="portal-quiet">({why})</span>
            </label>
            <input
              id={`seen-${name}`}
              name={name}
              type={type}
              className="usa-input"
              defaultValue={search.get(name) ?? ''}
              autoComplete="off"
            />
          </div>
        ))}
        <p>
          <button type="submit" className="usa-button">
            Find
          </button>
        </p>
      </form>
      <Load query={query} lines={8}>
        {({ accessGroups }) =>
          !accessGroups ? (
            <Refused problems={query.problems} />
          ) : accessGroups.nodes.length === 0 ? (
            <Empty title="No use of data that fits">
              <p>Each look, download, export and run of somebody stands here from the moment it is made.</p>
            </Empty>
          ) : (
            <>
              <UseGroups
                caption="Uses of data, the newest first"
                groups={accessGroups.nodes}
                entries={({ id }) => <Entries group={id} />}
              />
              <Turn trail={trail} turn={setTrail} info={accessGroups.pageInfo} />
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Entries({ group }: { group: string }) {
  const query = useQuery(EntriesOfGroup, { group });
  return (
    <Load query={query} lines={2}>
      {({ auditEntries }) => (
        <ol className="portal-log">
          {auditEntries?.nodes.map(({ id, at, action, text }) => (
            <li key={id}>
              <details>
                <summary>
                  <strong>{actionText(action)}</strong>, <When at={at} />
                </summary>
                <LogEntry text={text} />
              </details>
            </li>
          ))}
          {auditEntries?.pageInfo.hasNextPage && <li>The newest 200 are shown.</li>}
        </ol>
      )}
    </Load>
  );
}
