import {
  CountersignCloseOut,
  type EvidenceFragment,
  RemoveGrantMember,
  ResumeGrant,
  RevokeGrant,
  SuspendGrant,
} from '../../operations/steward.ts';
import { Act } from '../../parts/act.tsx';
import { peopleOf } from './evidence.tsx';

/** What can be done to a grant that lives: suspend, resume, revoke, remove a member, countersign its end. */
export function GrantDuties({ request, reload }: { request: EvidenceFragment; reload: () => void }) {
  const may = request.allowedCommands;
  const any = ['suspendGrant', 'resumeGrant', 'revokeGrant', 'removeMember', 'countersignCloseOut'] as const;
  if (!any.some((command) => may.includes(command))) return null;
  const at = { requestId: request.id, expectedVersion: request.version };
  const reason = { name: 'reason', label: 'Reason', why: 'Everybody on the grant reads it.', kind: 'text' } as const;
  return (
    <section>
      <h2>The grant</h2>
      <div className="portal-buttons">
        {may.includes('suspendGrant') && (
          <Act
            label="Suspend"
            tone="danger"
            title="Suspend this grant?"
            operation={SuspendGrant}
            fields={[reason]}
            input={(values) => ({ ...at, reason: values.reason ?? '' })}
            done={reload}
            look={reload}
          >
            <p>Nobody on it sees data from now on; exports and runs under way end. It can be resumed.</p>
          </Act>
        )}
        {may.includes('resumeGrant') && (
          <Act
            label="Resume"
            title="Resume this grant?"
            operation={ResumeGrant}
            input={() => at}
            done={reload}
            look={reload}
          >
            <p>Its people see data again at once.</p>
          </Act>
        )}
        {may.includes('revokeGrant') && (
          <Act
            label="Revoke"
            tone="danger"
            title="Revoke this grant for good?"
            operation={RevokeGrant}
            fields={[reason]}
            input={(values) => ({ ...at, reason: values.reason ?? '' })}
            done={reload}
            look={reload}
          >
            <p>Access ends at once and does not come back; copies have to be destroyed and that be attested.</p>
          </Act>
        )}
        {may.includes('removeMember') && peopleOf(request).length > 1 && (
          <Act
            label="Remove a member"
            tone="danger"
            title="Remove a member at once?"
            operation={RemoveGrantMember}
            fields={[
              {
                name: 'accountId',
                label: 'Who',
                options: peopleOf(request)
                  .slice(1)
                  .map(({ id, name }) => [id, name] as const),
              },
            ]}
            input={({ accountId }) => ({ ...at, accountId: accountId ?? '' })}
            done={reload}
            look={reload}
          >
            <p>They see no data from now on; the others keep theirs.</p>
          </Act>
        )}
        {may.includes('countersignCloseOut') && (
          <Act
            label="Countersign the close-out"
            title="Countersign the close-out?"
            operation={CountersignCloseOut}
            input={() => at}
            done={reload}
            look={reload}
          >
            <p>You confirm for the institution that copies, models and derivatives are destroyed.</p>
          </Act>
        )}
      </div>
    </section>
  );
}
