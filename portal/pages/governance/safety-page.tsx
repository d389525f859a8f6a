import { useQuery } from '../../api/use-query.ts';
import {
  DoAskToLiftHalt,
  DoCloseIncident,
  DoContainIncident,
  DoHaltAccess,
  DoLiftQuarantine,
  DoNotifyIncident,
  DoPlaceQuarantine,
  DoReportIncident,
  DoReviewQuarantine,
  type HaltScope,
  type IncidentKind,
  type QuarantineReview,
  StewardSafety,
  type StewardSafetyQuery,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { Steps } from './steps.tsx';

type Safety = StewardSafetyQuery;

/** Halts, incidents and quarantine: what stops access, and what was done about it. */
export const SafetyPage = () => (
  <SignedIn>
    <Safety />
  </SignedIn>
);

const choices = (...values: string[]) =>
  values.map((value) => [value, asWords(value).replace(/^./, (first) => first.toUpperCase())] as const);

function Safety() {
  const query = useQuery(StewardSafety, {});
  const { reload } = query;
  return (
    <Page
      title="Halts, incidents, quarantine"
      lead="Stopping takes one steward and works at once. Opening again takes two."
    >
      <Load query={query}>
        {({ activeHalts, incidents, quarantines, pendingSteps }) => (
          <>
            <PartlyRefused problems={query.problems} />
            <Halts halts={activeHalts} reload={reload} />
            <h3>Waiting for a second person</h3>
            <Steps steps={pendingSteps} reload={reload} />
            <Incidents incidents={incidents} reload={reload} />
            <Quarantines quarantines={quarantines} reload={reload} />
          </>
        )}
      </Load>
    </Page>
  );
}

function Halts({ halts, reload }: { halts: Safety['activeHalts']; reload: () => void }) {
  return (
    <section>
      <h2>Halts</h2>
      {halts?.length === 0 && <Empty title="Nothing is halted" />}
      {halts?.map(({ id, scope, target, reason, category, placedAt, placedBy }) => (
        <div key={id} className="portal-card">
          <h3>
            {scope === 'ALL' ? 'All access is halted' : `${asWords(scope)} ${target}`} ({asWords(category)})
          </h3>
          <p>
            {placedBy?.name}, <When at={placedAt} />: {reason}
          </p>
          <Act
            label="Ask to lift it"
            about={`${scope} ${target ?? ''}`}
            title="Ask to lift this halt?"
            operation={DoAskToLiftHalt}
            fields={[{ name: 'reason', label: 'Reason', kind: 'text' }]}
            input={({ reason: why }) => ({ id, reason: why ?? '' })}
            done={reload}
          >
            <p>Access opens again when another person confirms it.</p>
          </Act>
        </div>
      ))}
      <p className="portal-buttons">
        <Act
          label="Halt access"
          tone="danger"
          title="Halt access at once?"
          action="Halt it"
          operation={DoHaltAccess}
          fields={[
            { name: 'scope', label: 'What', options: choices('ALL', 'RELEASE', 'MODALITY', 'INSTITUTION', 'GRANT') },
            { name: 'target', label: 'Which', why: 'A modality, or the id; empty for all.', optional: true },
            { name: 'reason', label: 'Reason', kind: 'text' },
          ]}
          input={({ scope, target, reason }) => ({
            scope: scope as HaltScope,
            ...(target && { target }),
            reason: reason ?? '',
          })}
          done={reload}
        >
          <p>Queries, files, exports and runs under way stop for everybody it concerns. Two people lift it.</p>
        </Act>
      </p>
    </section>
  );
}

function Incidents({ incidents, reload }: { incidents: Safety['incidents']; reload: () => void }) {
  return (
    <section>
      <h2>Incidents</h2>
      {incidents?.length === 0 && <Empty title="No incident" />}
      {incidents?.map(({ id, kind, state, summary, reportedAt, reportedBy, reportedLate, dueAt, events, evidence }) => (
        <div key={id} className="portal-card">
          <h3>
            {asWords(kind)}: {asWords(state)}
          </h3>
          <p className="portal-text">{summary}</p>
          <p className="portal-quiet">
            {reportedBy?.name}, <When at={reportedAt} />
            {reportedLate && ', late'}
            {dueAt && (
              <>
                ; due <When at={dueAt} />
              </>
            )}
            ; {evidence.length} gatherings of the log
          </p>
          <ul className="usa-list">
            {events.map(({ at, type, text }) => (
              <li key={at}>
                <When at={at} /> {asWords(type)} {text}
              </li>
            ))}
          </ul>
          <div className="portal-buttons">
            {state === 'REPORTED' && (
              <Act
                label="Contain"
                about={asWords(kind)}
                title="What was done to contain it?"
                operation={DoContainIncident}
                fields={[{ name: 'what', label: 'What was done', kind: 'text' }]}
                input={({ what }) => ({ id, what: what ?? '' })}
                done={reload}
                look={reload}
              />
            )}
            {state === 'CONTAINED' && (
              <Act
                label="Notify"
                about={asWords(kind)}
                title="Who was told?"
                operation={DoNotifyIncident}
                fields={[
                  { name: 'whom', label: 'Whom', why: 'Separated by commas.' },
                  { name: 'what', label: 'What they were told', kind: 'text' },
                ]}
                input={({ whom, what }) => ({
                  id,
                  whom: (whom ?? '').split(',').map((one) => one.trim()),
                  what: what ?? '',
                })}
                done={reload}
                look={reload}
              />
            )}
            {state !== 'CLOSED' && (
              <Act
                label="Close"
                about={asWords(kind)}
                title="Close this incident?"
                operation={DoCloseIncident}
                fields={[{ name: 'summary', label: 'What came of it', kind: 'text' }]}
                input={({ summary: text }) => ({ id, summary: text ?? '' })}
                done={reload}
                look={reload}
              />
            )}
          </div>
        </div>
      ))}
      <p className="portal-buttons">
        <Act
          label="Report an incident"
          title="Report an incident"
          operation={DoReportIncident}
          fields={[
            {
              name: 'kind',
              label: 'Kind',
              options: choices(
                ...['DATA_LEFT', 'UNAUTHORISED_ACCESS', 'LEAKED_CREDENTIAL', 'LOST_DEVICE'],
                ...['FORBIDDEN_USE', 'RE_IDENTIFICATION', 'OTHER'],
              ),
            },
            { name: 'discovered', label: 'Discovered on', kind: 'date', value: new Date().toISOString().slice(0, 10) },
            { name: 'summary', label: 'What happened', kind: 'text' },
          ]}
          input={({ kind, discovered, summary }) => ({
            kind: kind as IncidentKind,
            discoveredAt: `${discovered}T00:00:00Z`,
            summary: summary ?? '',
          })}
          done={reload}
        >
          <p>Stewards are told at once.</p>
        </Act>
      </p>
    </section>
  );
}

function Quarantines({ quarantines, reload }: { quarantines: Safety['quarantines']; reload: () => void }) {
  const lying = quarantines?.filter(({ liftedAt }) => !liftedAt);
  return (
    <section>
      <h2>Quarantine</h2>
      {lying?.length === 0 && <Empty title="Nothing is in quarantine" />}
      {lying?.map(({ id, patient, timestamp, fromSeconds, toSeconds, reason, placedAt, reviewDueAt }) => (
        <div key={id} className="portal-card">
          <h3>
            Patient {patient} {timestamp}
            {fromSeconds !== null && `, seconds ${fromSeconds} to ${toSeconds}`}
          </h3>
          <p>
            <When at={placedAt} />: {reason}. Review due <When at={reviewDueAt} />.
          </p>
          <div className="portal-buttons">
            <Act
              label="Review"
              about={`patient ${patient}`}
              title="What did the review find?"
              operation={DoReviewQuarantine}
              fields={[
                {
                  name: 'outcome',
                  label: 'Outcome',
                  options: [
                    ['KEEP', 'It stays hidden'],
                    ['LIFT', 'It is shown again'],
                  ],
                },
                { name: 'reason', label: 'Reason', kind: 'text' },
              ]}
              input={({ outcome, reason: why }) => ({ id, outcome: outcome as QuarantineReview, reason: why ?? '' })}
              done={reload}
            />
            <Act
              label="Lift"
              about={`quarantine of patient ${patient}`}
              title="Show it again?"
              operation={DoLiftQuarantine}
              input={() => ({ id })}
              done={reload}
            >
              <p>Everybody whose grant covers it sees it again at once.</p>
            </Act>
          </div>
        </div>
      ))}
      <p className="portal-buttons">
        <Act
          label="Quarantine a recording"
          tone="danger"
          title="Hide a recording at once?"
          action="Hide it"
          operation={DoPlaceQuarantine}
          fields={[
            { name: 'patient', label: 'Code of the patient' },
            { name: 'timestamp', label: 'Timestamp of the submission' },
            { name: 'reason', label: 'Reason', kind: 'text' },
          ]}
          input={({ patient, timestamp, reason }) => ({
            patient: patient ?? '',
            timestamp: timestamp ?? '',
            reason: reason ?? '',
          })}
          done={reload}
        >
          <p>It disappears everywhere until it is looked at, and can be shown again as easily.</p>
        </Act>
      </p>
    </section>
  );
}
