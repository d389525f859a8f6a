import { withRole } from '../../app/nav.ts';
import { useShell } from '../../app/viewer.tsx';
import {
  DoLiftQuarantine,
  DoPlaceQuarantine,
  DoReviewQuarantine,
  type QuarantineReview,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { Empty } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import type { Safety } from './safety-choices.ts';

/** Curators alone name a recording by the moment at which it was recorded; everybody else by the moved one of a release. */
const namesDrops = withRole('CURATOR');

/** Recordings that are hidden until somebody has looked at them. */
export function Quarantines({ quarantines, reload }: { quarantines: Safety['quarantines']; reload: () => void }) {
  const viewer = useShell().data?.viewer ?? null;
  const lying = quarantines.filter(({ liftedAt }) => !liftedAt);
  return (
    <section>
      <h2>Quarantine</h2>
      {lying.length === 0 && <Empty title="Nothing is in quarantine" />}
      {lying.map(({ id, patient, timestamp, fromSeconds, toSeconds, reason, placedAt, placedBy, reviewDueAt }) => (
        <div key={id} className="portal-card">
          <h3>
            {/* Who may not see labels is not told whose it is. */}
            {patient ? `Patient ${patient}, recorded ${timestamp}` : 'A recording'}
            {fromSeconds !== null && `, seconds ${fromSeconds} to ${toSeconds}`}
          </h3>
          <p>
            {placedBy?.name}, <When at={placedAt} />: {reason.replace(/\.?$/, '.')} Review due <When at={reviewDueAt} />
            , by a steward who did not place it.
          </p>
          <div className="portal-buttons">
            <Act
              label="Review"
              about={patient ? `patient ${patient}` : reason}
              of={id}
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
              about={`quarantine: ${patient ? `patient ${patient}` : reason}`}
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
            { name: 'patient', label: 'Code of the patient', why: 'The study’s own code, such as 9004.' },
            {
              name: 'timestamp',
              label: 'Moment of the recording',
              why: namesDrops(viewer)
                ? 'As a release or the drop names it, such as 20201201T003232.'
                : 'As a release names it, such as 20201201T003232.',
            },
            {
              name: 'from',
              label: 'From second',
              why: 'Both empty: all of it.',
              kind: 'number',
              optional: true,
            },
            { name: 'to', label: 'To second', kind: 'number', optional: true },
            { name: 'reason', label: 'Reason', kind: 'text' },
          ]}
          input={({ patient, timestamp, from, to, reason }) => ({
            ...(from && { fromSeconds: Number(from) }),
            ...(to && { toSeconds: Number(to) }),
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
