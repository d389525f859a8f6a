import { useId, useState } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  type IncidentKind,
  IncidentsPage as IncidentsOperation,
  type IncidentsPageQuery,
  ReportIncident,
} from '../../operations/researcher.ts';
import { grantName } from '../../parts/grant-name.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, capital, Empty, Load, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { useKeptText } from '../../parts/use-kept-text.ts';
import { When } from '../../parts/when.tsx';

const KINDS: readonly IncidentKind[] = [
  'LEAKED_CREDENTIAL',
  'LOST_DEVICE',
  'UNAUTHORISED_ACCESS',
  'DATA_LEFT',
  'RE_IDENTIFICATION',
  'FORBIDDEN_USE',
  'OTHER',
];

/** Reporting that something went wrong with data, and what one has reported. */
export function IncidentsPage() {
  return (
    <SignedIn title="Report an incident">
      <Incidents />
    </SignedIn>
  );
}

function Incidents() {
  const query = useQuery(IncidentsOperation, {});
  return (
    <Page
      title="Report an incident"
      lead="Something went wrong with data, or may have: say so, also when you are not sure. Under a grant it has to be within 24 hours of noticing."
    >
      <Load query={query}>
        {({ viewer, incidents }) =>
          viewer && (
            <>
              <Report viewer={viewer} done={query.reload} />
              <h2>What you have reported</h2>
              <Reported
                incidents={(incidents ?? []).filter(({ reportedBy }) => reportedBy?.id === viewer.account.id)}
              />
            </>
          )
        }
      </Load>
    </Page>
  );
}

/** An instant as the field of a form writes it, in the reader's zone. */
const asLocal = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function Report({ viewer, done }: { viewer: NonNullable<IncidentsPageQuery['viewer']>; done: () => void }) {
  const [kind, setKind] = useState<IncidentKind | ''>('');
  const [discovered, setDiscovered] = useState(() => asLocal(new Date()));
  const [grantId, setGrant] = useState(viewer.grants[0]?.id ?? '');
  const [summary, setSummary, sent] = useKeptText('incident');
  const [told, setTold] = useState(false);
  const report = useCommand(ReportIncident);
  const id = useId();
  return (
    <form
      aria-label="Report an incident"
      onSubmit={(event) => {
        event.preventDefault();
        if (kind === '') return;
        const discoveredAt = new Date(discovered).toISOString();
        void report.run({ kind, summary, discoveredAt, grantId: grantId || null }).then(({ ok }) => {
          setTold(ok);
          if (!ok) return;
          sent();
          setKind('');
          done();
        });
      }}
    >
      <label className="usa-label" htmlFor={`${id}k`}>
        What went wrong
      </label>
      <select
        id={`${id}k`}
        className="usa-select"
        required
        value={kind}
        onChange={({ target }) => setKind(target.value as IncidentKind)}
      >
        <option value="">Choose</option>
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {asWords(one)}
          </option>
        ))}
      </select>
      <label className="usa-label" htmlFor={`${id}d`}>
        When it was noticed, in your time zone
      </label>
      <input
        id={`${id}d`}
        className="usa-input"
        type="datetime-local"
        required
        value={discovered}
        onChange={({ target }) => setDiscovered(target.value)}
      />
      {viewer.grants.length > 0 && (
        <>
          <label className="usa-label" htmlFor={`${id}g`}>
            Under which grant
          </label>
          <select
            id={`${id}g`}
            className="usa-select"
            value={grantId}
            onChange={({ target }) => setGrant(target.value)}
          >
            {viewer.grants.map((grant) => (
              <option key={grant.id} value={grant.id}>
                {grantName(viewer, grant)}
              </option>
            ))}
            <option value="">under none</option>
          </select>
        </>
      )}
      <label className="usa-label" htmlFor={`${id}s`}>
        What happened
      </label>
      <p className="portal-why" id={`${id}why`}>
        What, where, which data, and what you have done so far. The stewards are told at once and contain it; nobody is
        blamed for reporting.
      </p>
      <textarea
        id={`${id}s`}
        className="usa-textarea"
        required
        aria-describedby={`${id}why`}
        value={summary}
        onChange={({ target }) => setSummary(target.value)}
      />
      <RefusalAlert refusal={report.refusal} />
      <output>{told && <p>It is reported. The stewards have it now.</p>}</output>
      <button type="submit" className="usa-button" disabled={report.busy}>
        Report it
      </button>
    </form>
  );
}

function Reported({ incidents }: { incidents: NonNullable<IncidentsPageQuery['incidents']> }) {
  if (incidents.length === 0)
    return (
      <Empty title="You have reported nothing">
        <p>What you report stands here, with how far the stewards are.</p>
      </Empty>
    );
  return (
    <ul className="portal-cards">
      {incidents.map(({ id, kind, state, summary, discoveredAt, reportedAt, reportedLate }) => (
        <li key={id} className="portal-card">
          <h3>{capital(kind)}</h3>
          <p>
            <strong>{asWords(state)}</strong>
            {reportedLate && ' · reported late'}
          </p>
          <p className="portal-text">{summary}</p>
          <p className="portal-quiet">
            Noticed <When at={discoveredAt} />, reported <When at={reportedAt} />
          </p>
        </li>
      ))}
    </ul>
  );
}
