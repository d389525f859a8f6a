import { useId, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  ChooseInstitution,
  CreateRequest,
  InstitutionsToChoose,
  RequestsPage as RequestsOperation,
} from '../../operations/researcher.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, nextActor, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { LastDay, When } from '../../parts/when.tsx';

/** One's requests, and the way to a new one. */
export function RequestsPage() {
  return (
    <SignedIn title="Access requests">
      <Requests />
    </SignedIn>
  );
}

function Requests() {
  const query = useQuery(RequestsOperation, {});
  const create = useCommand(CreateRequest);
  const navigate = useNavigate();
  const begin = async (): Promise<void> => {
    const outcome = await create.run({});
    if (outcome.ok) await navigate(`/requests/${outcome.value.request.id}`);
  };
  return (
    <Page title="Access requests">
      <Load query={query}>
        {({ viewer }) =>
          viewer && (
            <>
              {viewer.account.institution === null && <WhereYouWork done={query.reload} />}
              {viewer.requests.length === 0 ? (
                <Empty title="No request yet">
                  <p>
                    A request says who you are, what the research is for and which kinds of data it needs. It is saved
                    while you type; you can leave at any moment and go on later.
                  </p>
                </Empty>
              ) : (
                <DataTable
                  caption="Requests that you are on, what changed last first"
                  head={['Title', 'State', 'Who acts next', 'Begun', 'Sent in', 'Ends']}
                  rows={viewer.requests.map(
                    ({ id, title, state, whoActsNext, createdAt, submittedAt, endsAt, applicant }) => [
                      <Link key="title" to={`/requests/${id}`}>
                        {title || 'Untitled request'}
                      </Link>,
                      asWords(state),
                      whoActsNext ? nextActor(whoActsNext, applicant.id === viewer.account.id) : '—',
                      <When key="begun" at={createdAt} />,
                      <When key="sent" at={submittedAt} />,
                      <LastDay key="ends" at={endsAt} />,
                    ],
                  )}
                />
              )}
              <RefusalAlert refusal={create.refusal} />
              <button type="button" className="usa-button" disabled={create.busy} onClick={() => void begin()}>
                Begin a new request
              </button>
            </>
          )
        }
      </Load>
    </Page>
  );
}

/** A request is made for an institution, whose signing official endorses it. */
function WhereYouWork({ done }: { done: () => void }) {
  const [search, setSearch] = useState('');
  const found = useQuery(InstitutionsToChoose, { search: search || null });
  const choose = useCommand(ChooseInstitution);
  const id = useId();
  return (
    <section className="portal-card">
      <h2>Where do you work?</h2>
      <p className="portal-why">A request is made for your institution, and its signing official endorses it.</p>
      <label className="usa-label" htmlFor={id}>
        Part of its name
      </label>
      <input id={id} className="usa-input" value={search} onChange={({ target }) => setSearch(target.value)} />
      <Load query={found} lines={2}>
        {({ institutions }) => (
          <ul className="usa-list">
            {institutions?.nodes.map(({ id: institution, name, country }) => (
              <li key={institution}>
                {name} ({country}){' '}
                <button
                  type="button"
                  className="usa-button usa-button--unstyled"
                  disabled={choose.busy}
                  onClick={() => void choose.run({ id: institution }).then(({ ok }) => ok && done())}
                >
                  I work here
                </button>
              </li>
            ))}
          </ul>
        )}
      </Load>
      <RefusalAlert refusal={choose.refusal} />
    </section>
  );
}
