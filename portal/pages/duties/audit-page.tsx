import { type FormEvent, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AuditLog } from '../../operations/duties.ts';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, Refused, SignedIn } from '../../parts/states.tsx';
import { Turn } from '../../parts/turn.tsx';
import { When } from '../../parts/when.tsx';
import { beginOf, endOf } from './days.ts';

/** The log: who did and saw what, with filters that a link keeps. */
export const AuditPage = () => (
  <SignedIn title="The log">
    <Audit />
  </SignedIn>
);

const FIELDS = [
  ['action', 'Action', 'READ is a look at data; DOWNLOAD a file; COMMAND_REFUSED a refusal'],
  ['account', 'Account', 'its user name, address or id'],
  ['grant', 'Grant', 'its id'],
  ['request', 'Request', 'its id'],
  ['release', 'Release', 'such as 1.0.0'],
] as const;

/** What an entry is about, where it says so in a word: its command or operation, and with what it was refused. */
function aboutOf(text: string): string {
  const { command, operation, code } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const told = [command ?? operation, code].filter((one) => typeof one === 'string');
  return told.length > 0 ? `${told.join(': ')},` : '';
}

function Audit() {
  const [search, setSearch] = useSearchParams();
  const [trail, setTrail] = useState<readonly string[]>([]);
  const action = search.get('action');
  const filter = {
    ...(action && { action: [action] }),
    ...Object.fromEntries(FIELDS.slice(1).flatMap(([name]) => (search.get(name) ? [[name, search.get(name)]] : []))),
    ...{ from: beginOf(search.get('from')), to: endOf(search.get('to')) },
  };
  const query = useQuery(AuditLog, { filter, after: trail.at(-1) ?? null });
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
      title="The log"
      lead="Every command, refusal, look at data, download and sign-in, the newest first. Looking at it is an entry as well."
    >
      <form onSubmit={find} key={search.toString()} className="portal-filters">
        {FIELDS.map(([name, label, why]) => (
          <div key={name}>
            <label className="usa-label" htmlFor={`audit-${name}`}>
              {label} <span className="portal-quiet">({why})</span>
            </label>
            <input
              id={`audit-${name}`}
              name={name}
              className="usa-input"
              defaultValue={search.get(name) ?? ''}
              autoComplete="off"
            />
          </div>
        ))}
        {(['from', 'to'] as const).map((name) => (
          <div key={name}>
            <label className="usa-label" htmlFor={`audit-${name}`}>
              {name === 'from' ? 'From' : 'To'} <span className="portal-quiet">(day, UTC)</span>
            </label>
            <input
              id={`audit-${name}`}
              name={name}
              type="date"
              className="usa-input"
              defaultValue={search.get(name) ?? ''}
            />
          </div>
        ))}
        <p>
          <button type="submit" className="usa-button">
            Find
          </button>
        </p>
      </form>
      <p>
        Whether the log is whole is proved beside the server, against the checkpoints that you keep:{' '}
        <code>iss audit verify</code>.
      </p>
      <Load query={query}>
        {({ auditEntries }) =>
          !auditEntries ? (
            <Refused problems={query.problems} />
          ) : auditEntries.nodes.length === 0 ? (
            <Empty title="No entry fits" />
          ) : (
            <>
              <ol className="portal-log">
                {auditEntries.nodes.map(({ id, position, at, action: what, by, text, hash, link }) => (
                  <li key={id}>
                    <details>
                      <summary>
                        <strong>{what}</strong> {aboutOf(text)} {by?.name ?? 'the server'}, <When at={at} />
                        <span className="portal-quiet">
                          {' '}
                          {position === null ? 'not linked yet' : `no. ${position}`}
                        </span>
                      </summary>
                      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard */}
                      <pre className="portal-json" tabIndex={0}>
                        {text}
                      </pre>
                      <p className="portal-quiet">
                        hash {hash}
                        {link && <>, link {link}</>}
                      </p>
                    </details>
                  </li>
                ))}
              </ol>
              <Turn trail={trail} turn={setTrail} info={auditEntries.pageInfo} />
            </>
          )
        }
      </Load>
    </Page>
  );
}
