import { type FormEvent, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AuditLog } from '../../operations/duties.ts';
import { LogEntry } from '../../parts/log-entry.tsx';
import { actionText, entryAbout, KINDS_OF_ENTRY } from '../../parts/log-words.ts';
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
  ['account', 'Account', 'user name or address'],
  ['release', 'Release', 'such as 1.0.0'],
  ['grant', 'Grant', 'its id'],
  ['request', 'Request', 'its id'],
] as const;

/** What the entries of an entry’s own person, grant, request or release are asked for by. */
const MORE = [
  ['account', 'Only this person'],
  ['grant', 'Only this grant'],
  ['request', 'Only this request'],
  ['release', 'Only this release'],
] as const;

/** Ways from an entry to all that has the same person, grant, request or release: nobody has to copy an id. */
function More({ text }: { text: string }) {
  const entry = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const links = MORE.filter(([name]) => typeof entry[name] === 'string');
  if (links.length === 0) return null;
  return (
    <p className="portal-buttons">
      {links.map(([name, label]) => (
        <Link key={name} to={`/auditor?${new URLSearchParams({ [name]: String(entry[name]) })}`}>
          {label}
        </Link>
      ))}
    </p>
  );
}

function Audit() {
  const [search, setSearch] = useSearchParams();
  const [trail, setTrail] = useState<readonly string[]>([]);
  const action = search.get('action');
  const filter = {
    ...(action && { action: action.split(',') }),
    ...Object.fromEntries(FIELDS.flatMap(([name]) => (search.get(name) ? [[name, search.get(name)]] : []))),
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
        <div>
          <label className="usa-label" htmlFor="audit-action">
            What was done
          </label>
          <select id="audit-action" name="action" className="usa-select" defaultValue={action ?? ''}>
            <option value="">anything</option>
            {KINDS_OF_ENTRY.map(([actions, text]) => (
              <option key={actions} value={actions}>
                {text}
              </option>
            ))}
            {action && !KINDS_OF_ENTRY.some(([actions]) => actions === action) && (
              <option value={action}>{action.split(',').map(actionText).join(', ')}</option>
            )}
          </select>
        </div>
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
      <p className="portal-quiet">
        Open an entry to see everything of the same person, grant, request or release; the id of a request also stands
        in the address of its page.
      </p>
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
                        <strong>{actionText(what)}</strong>
                        {entryAbout(text) && `: ${entryAbout(text)}`} · {by?.name ?? 'the server'}, <When at={at} />
                        <span className="portal-quiet">
                          {' '}
                          {position === null ? 'not linked yet' : `no. ${position}`}
                        </span>
                      </summary>
                      <LogEntry text={text}>
                        <More text={text} />
                      </LogEntry>
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
