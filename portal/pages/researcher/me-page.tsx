import { Alert } from '@trussworks/react-uswds';
import { Link } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { MePage as MeOperation, type MePageQuery } from '../../operations/researcher.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITIES, MODALITY_TEXT, USE_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, nextActor, SignedIn } from '../../parts/states.tsx';
import { LastDay } from '../../parts/when.tsx';

type Viewer = NonNullable<MePageQuery['viewer']>;
type Checklist = Viewer['LABELS'];

/** One page that says how somebody stands with each kind of data: what is met, missing, expiring, and who acts next. */
export function MePage() {
  return (
    <SignedIn title="Where you stand">
      <Mine />
    </SignedIn>
  );
}

function Mine() {
  const query = useQuery(MeOperation, {});
  return (
    <Load query={query} lines={12} title="Where you stand">
      {({ viewer, destructionDuties }) => {
        if (!viewer) return null;
        // Whoever is on nobody else's request is the applicant of whatever they ask for.
        const own = viewer.requests.every(({ applicant }) => applicant.id === viewer.account.id);
        return (
          <Page
            title="Where you stand"
            lead="For each kind of data: what you have, what is missing, and who acts next."
          >
            {destructionDuties?.some(({ state }) => state === 'OPEN' || state === 'OVERDUE') && (
              <Alert type="warning" headingLevel="h2" heading="You have copies to destroy">
                <Link to="/exports">See which, and attest it</Link>.
              </Alert>
            )}
            <Requests requests={viewer.requests} me={viewer.account.id} />
            <h2>At a glance</h2>
            <DataTable
              caption="What you may do now, by kind of data"
              head={[
                'Kind of data',
                ...Object.values(USE_TEXT).map(({ name }) => name),
                'Until',
                'Missing',
                'Who acts next',
              ]}
              rows={MODALITIES.map((modality) => {
                const { uses } = viewer[modality];
                const missing = uses[0]?.items.filter(({ met }) => !met) ?? [];
                const until = uses.map(({ validUntil }) => validUntil).find((at) => at !== null);
                return [
                  <a key="name" href={`#${modality}`}>
                    {MODALITY_TEXT[modality].name}
                  </a>,
                  ...uses.map(({ allowed }) => (allowed ? 'yes' : 'no')),
                  <LastDay key="until" at={until} />,
                  missing.length === 0 ? 'nothing' : `${missing.length} ${missing.length === 1 ? 'thing' : 'things'}`,
                  missing.length === 0
                    ? '—'
                    : [
                        ...new Set(
                          missing.map((item) => nextActor(item.whoActsNext, own)).filter((who) => who !== 'nobody'),
                        ),
                      ].join(', '),
                ];
              })}
            />
            {MODALITIES.map((modality) => (
              <Standing key={modality} checklist={viewer[modality]} own={own} />
            ))}
          </Page>
        );
      }}
    </Load>
  );
}

function Requests({ requests, me }: { requests: Viewer['requests']; me: string }) {
  if (requests.length === 0)
    return (
      <Empty title="You have no access request yet">
        <p>A request says what you want the data for. It takes some minutes, and is saved while you type.</p>
        <Link className="usa-button" to="/requests">
          Begin a request
        </Link>
      </Empty>
    );
  return (
    <ul className="portal-cards">
      {requests.slice(0, 4).map(({ id, title, state, whoActsNext, applicant }) => (
        <li key={id} className="portal-card">
          <h2>
            <Link to={`/requests/${id}`}>{title || 'Untitled request'}</Link>
          </h2>
          {asWords(state)}
          {whoActsNext && <> · next: {nextActor(whoActsNext, applicant.id === me)}</>}
        </li>
      ))}
    </ul>
  );
}

function Standing({ checklist: { modality, uses }, own }: { checklist: Checklist; own: boolean }) {
  const { name, text } = MODALITY_TEXT[modality];
  const allowed = uses.filter((use) => use.allowed);
  return (
    <section id={modality}>
      <h2>{name}</h2>
      <p className="portal-quiet">{text}</p>
      <p>
        {allowed.length === 0
          ? 'Nothing is open to you yet.'
          : `You may: ${allowed.map(({ use }) => USE_TEXT[use].name.toLowerCase()).join(', ')}.`}
      </p>
      <details>
        <summary>What it asks for ({USE_TEXT.READ.name.toLowerCase()})</summary>
        <ul className="portal-check">
          {uses[0]?.items.map(({ key, title, met, expiresAt, whatToDo, whoActsNext }) => (
            <li key={key} className={met ? 'met' : 'missing'}>
              <span className="usa-sr-only">{met ? 'Met: ' : 'Missing: '}</span>
              {title}
              {expiresAt && (
                <>
                  {' '}
                  (until <LastDay at={expiresAt} />)
                </>
              )}
              {!met && whatToDo && <>. {whatToDo}</>}
              {!met && <span className="portal-next"> Next: {nextActor(whoActsNext, own)}.</span>}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
