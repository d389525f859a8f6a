import { useId, useState } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { InviteToRequest, LeaveTeam, UninviteFromRequest } from '../../operations/researcher.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { RefusalAlert } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import type { RequestProps } from './request-props.ts';

/** Who is on the team, who is invited, and inviting. */
export function RequestTeam({ request, me, reload }: RequestProps & { me: string }) {
  const [email, setEmail] = useState('');
  const invite = useCommand(InviteToRequest);
  const uninvite = useCommand(UninviteFromRequest);
  const remove = useCommand(LeaveTeam);
  const field = useId();
  const may = request.allowedCommands;
  const requestId = request.id;
  const applies = request.applicant.id === me;
  const leave = (accountId: string) => void remove.run({ requestId, accountId }).then(({ ok }) => ok && reload());
  return (
    <section>
      <h2>The team</h2>
      <ul className="usa-list">
        <li>
          {request.applicant.name} (applicant){request.applicant.institution && `, ${request.applicant.institution}`}{' '}
          {may.includes('removeMember') && applies && (
            <Confirm label="Leave the team" title="Leave your own request?" onConfirm={() => leave(me)}>
              <p>
                Access of the whole team is suspended at once, until your signing official names a successor and a
                steward resumes it. You cannot take this back yourself.
              </p>
            </Confirm>
          )}
        </li>
        {request.collaborators.map(({ invitationId, email: address, person, expiresAt }) => (
          <li key={invitationId}>
            {person ? (
              person.name
            ) : (
              <>
                {address}, invited
                {expiresAt && (
                  <>
                    {' '}
                    until <When at={expiresAt} />
                  </>
                )}
              </>
            )}{' '}
            {may.includes('removeCollaborator') && (
              <Confirm
                label={`Remove ${person?.name ?? address}`}
                title="Remove from the request?"
                onConfirm={() => void uninvite.run({ requestId, invitationId }).then(({ ok }) => ok && reload())}
              >
                <p>They no longer see the request. You can invite them again; everybody signs anew then.</p>
              </Confirm>
            )}
            {may.includes('removeMember') && person && (applies || person.id === me) && (
              <Confirm
                label={person.id === me ? 'Leave the team' : `Remove ${person.name}`}
                title={person.id === me ? 'Leave the team?' : `Remove ${person.name} from the team?`}
                onConfirm={() => leave(person.id)}
              >
                <p>
                  {person.id === me ? 'Your' : 'Their'} access ends at once: queries, downloads, runs and tokens. Copies
                  are to be destroyed. Coming back takes an amendment that is approved.
                </p>
              </Confirm>
            )}
          </li>
        ))}
      </ul>
      {may.includes('inviteCollaborator') && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void invite.run({ requestId, email }).then(({ ok }) => {
              if (!ok) return;
              setEmail('');
              reload();
            });
          }}
        >
          <label className="usa-label" htmlFor={field}>
            Invite a colleague of your institution
          </label>
          <p className="portal-why" id={`${field}-why`}>
            Everybody who will see or use the data is named, has the trainings and signs. People of other institutions
            file a linked request of their own.
          </p>
          <input
            id={field}
            className="usa-input"
            type="email"
            required
            autoComplete="off"
            aria-describedby={`${field}-why`}
            placeholder="name@institution.example"
            value={email}
            onChange={({ target }) => setEmail(target.value)}
          />
          <button type="submit" className="usa-button usa-button--outline" disabled={invite.busy}>
            Send the invitation
          </button>
        </form>
      )}
      <RefusalAlert refusal={invite.refusal ?? uninvite.refusal ?? remove.refusal} />
    </section>
  );
}
