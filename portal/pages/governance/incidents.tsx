import {
  DoCloseIncident,
  DoContainIncident,
  DoGatherEvidence,
  DoNotifyIncident,
  DoReportIncident,
  type IncidentKind,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords, capital, Empty } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { type Choices, grantChoices, type Safety, targetText, words } from './safety-choices.ts';

/** What went wrong, what was done about it, and what the log said, frozen as evidence. */
export function Incidents({
  incidents,
  choices,
  reload,
}: {
  incidents: Safety['incidents'];
  choices: Choices;
  reload: () => void;
}) {
  return (
    <section>
      <h2>Incidents</h2>
      {incidents.length === 0 && <Empty title="No incident" />}
      {incidents.map(
        ({ id, kind, state, summary, reportedAt, reportedBy, reportedLate, dueAt, grantId, events, evidence }) => (
          <div key={id} className="portal-card">
            <h3>
              {capital(kind)}: {asWords(state)}
            </h3>
            <p className="portal-text">{summary}</p>
            <p className="portal-quiet">
              Reported by {reportedBy?.name ?? 'nobody known'}, <When at={reportedAt} />
              {reportedLate && (
                <>
                  , late: it was due by <When at={dueAt} />
                </>
              )}
              {grantId && <>. Under “{targetText(choices, grantId)}”</>}
            </p>
            <ul className="usa-list">
              {events.map(({ at, type, text }) => (
                <li key={at}>
                  <When at={at} /> {asWords(type)} {text}
                </li>
              ))}
            </ul>
            {evidence.length > 0 && <Evidence evidence={evidence} />}
            <div className="portal-buttons">
              {state !== 'CLOSED' && grantChoices(choices).length > 0 && (
                <Act
                  label="Gather evidence"
                  about={asWords(kind)}
                  of={id}
                  title="Freeze what the log says?"
                  operation={DoGatherEvidence}
                  fields={[
                    {
                      name: 'grant',
                      label: 'Of which grant',
                      options: grantChoices(choices),
                      ...(grantId && { value: grantId }),
                    },
                    { name: 'from', label: 'From', kind: 'date', value: reportedAt.slice(0, 10) },
                  ]}
                  input={({ grant, from }) => ({ id, grants: [grant ?? ''], from: `${from}T00:00:00Z` })}
                  done={reload}
                  look={reload}
                >
                  <p>
                    Every entry until now is kept with its checksum, so that it can be shown later that none was
                    changed.
                  </p>
                </Act>
              )}
              {state === 'REPORTED' && (
                <Act
                  label="Contain"
                  about={asWords(kind)}
                  of={id}
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
                  of={id}
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
                  of={id}
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
        ),
      )}
      <p className="portal-buttons">
        <Act
          label="Report an incident"
          title="Report an incident"
          operation={DoReportIncident}
          fields={[
            {
              name: 'kind',
              label: 'Kind',
              options: words(
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

const Evidence = ({ evidence }: { evidence: Safety['incidents'][number]['evidence'] }) => (
  <DataTable
    caption="Evidence from the log"
    head={['Gathered', 'By', 'From', 'Until', 'Entries', 'As it was']}
    rows={evidence.map(({ gatheredAt, gatheredBy, from, until, count, intact, sha256 }) => [
      <When key="at" at={gatheredAt} />,
      gatheredBy?.name ?? '—',
      <When key="from" at={from} />,
      <When key="until" at={until} />,
      count,
      `${intact ? 'yes' : 'NO: the log differs'}, ${sha256.slice(0, 12)}…`,
    ])}
  />
);
