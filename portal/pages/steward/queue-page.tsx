import { Link, useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { StewardQueue, type StewardQueueQuery, type StewardQueueQueryVariables } from '../../operations/steward.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, nextOf, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { waited } from './ago.ts';

type Waiting = StewardQueueQuery['accessRequests']['nodes'][number];

const VIEWS: Readonly<Record<string, { label: string; ask: StewardQueueQueryVariables }>> = {
  mine: { label: 'Waiting for stewards', ask: { waitsFor: 'STEWARD' } },
  official: { label: 'Waiting for officials', ask: { waitsFor: 'SIGNING_OFFICIAL' } },
  running: { label: 'Approved and suspended', ask: { state: ['APPROVED', 'SUSPENDED'] } },
  ended: { label: 'Ended', ask: { state: ['REJECTED', 'WITHDRAWN', 'EXPIRED', 'REVOKED', 'CLOSED'] } },
  all: { label: 'All', ask: {} },
};

/** The requests that wait, the longest waiting first. */
export function QueuePage() {
  return (
    <SignedIn title="Requests to decide">
      <Queue
        title="Requests to decide"
        lead="What waits for a steward, the longest waiting first."
        base="/steward/requests"
        first="mine"
      />
    </SignedIn>
  );
}

/** The requests of an official's institutions. */
export function OfficialQueuePage() {
  return (
    <SignedIn title="Requests of your institution">
      <Queue
        title="Requests of your institution"
        lead="Endorse or decline what people of your institution ask for. You decide who they are and whether they may; stewards decide about the data."
        base="/official/requests"
        first="official"
      />
    </SignedIn>
  );
}

function Queue({ title, lead, base, first }: { title: string; lead: string; base: string; first: string }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('view') ?? first;
  const view = Object.hasOwn(VIEWS, asked) ? asked : first;
  const { label, ask } = VIEWS[view]!;
  const query = useQuery(StewardQueue, ask);
  return (
    <Page title={title} lead={lead}>
      <fieldset className="usa-fieldset portal-buttons">
        <legend className="usa-sr-only">Which requests</legend>
        {Object.entries(VIEWS).map(([key, { label: name }]) => (
          <button
            key={key}
            type="button"
            className={`usa-button ${key === view ? '' : 'usa-button--outline'}`}
            aria-pressed={key === view}
            onClick={() => setSearch({ view: key })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Load query={query}>
        {({ accessRequests: { nodes, totalCount } }) =>
          nodes.length === 0 ? (
            <Empty title={`${label}: none`}>
              <p>Nothing waits here now. A request appears when it is sent in.</p>
            </Empty>
          ) : (
            <>
              <DataTable
                caption={`${label}: ${totalCount.toLocaleString('en')}`}
                head={['Request', 'Applicant', 'Waiting', 'Asks for', 'State', 'Assigned to']}
                rows={[...nodes].sort(byWait).map((request) => [
                  <Link key="title" to={`${base}/${request.id}`}>
                    {request.title || 'Untitled request'}
                  </Link>,
                  <Who key="who" person={request.applicant} />,
                  <Wait key="wait" request={request} />,
                  request.form.items.map(({ modality }) => MODALITY_TEXT[modality].name).join(', ') || '—',
                  <State key="state" request={request} official={first === 'official'} />,
                  request.assignedTo?.name ?? '—',
                ])}
              />
              {totalCount > nodes.length && <p>The newest {nodes.length} of them are shown.</p>}
            </>
          )
        }
      </Load>
    </Page>
  );
}

/** Since when the one who acts next could have acted: what happened last. */
const since = ({ events, submittedAt, createdAt }: Waiting): string => events.at(-1)?.at ?? submittedAt ?? createdAt;
const byWait = (one: Waiting, other: Waiting): number =>
  (one.submittedAt ?? one.createdAt).localeCompare(other.submittedAt ?? other.createdAt);

const Who = ({ person }: { person: Waiting['applicant'] }) => (
  <>
    {person.name}
    {person.institution && <span className="portal-quiet">, {person.institution}</span>}
  </>
);

const Wait = ({ request }: { request: Waiting }) => (
  <>
    {waited(request.submittedAt ?? request.createdAt)}
    <br />
    <span className="portal-quiet">
      last change <When at={since(request)} />
    </span>
  </>
);

const State = ({ request: { state, whoActsNext, proposal }, official }: { request: Waiting; official: boolean }) => (
  <>
    {asWords(state)}
    {proposal && <>, proposed by {proposal.by.name}: needs a second steward</>}
    {whoActsNext && <span className="portal-quiet"> · next: {nextOf(whoActsNext, official)}</span>}
  </>
);
