import { useCommand } from '../../api/use-command.ts';
import { JoinRequest } from '../../operations/researcher.ts';
import { Page } from '../../parts/page.tsx';
import { RefusalAlert } from '../../parts/states.tsx';

export interface InvitationToken {
  readonly invitationId: string;
  readonly token: string;
}

/** What the link of an invitation carries behind its `#`, where no server and no log sees it. */
export function invitationInAddress(): InvitationToken | null {
  const words = new URLSearchParams(location.hash.slice(1));
  const invitationId = words.get('invitation');
  const token = words.get('token');
  return invitationId && token ? { invitationId, token } : null;
}

/** The page that an invitation's link leads to. */
export function Invitation({
  requestId,
  invitation,
  done,
}: {
  requestId: string;
  invitation: InvitationToken;
  done: () => void;
}) {
  const join = useCommand(JoinRequest);
  const accept = async (): Promise<void> => {
    const outcome = await join.run({ requestId, ...invitation });
    if (!outcome.ok) return;
    history.replaceState(history.state, '', location.pathname);
    done();
  };
  return (
    <Page title="You are invited to a team">
      <p>
        A colleague asks for access to patients’ data and wants you on the team. If you accept, you see the request,
        sign the data use agreement with the others, and the committee knows your name. You can leave at any time.
      </p>
      <RefusalAlert refusal={join.refusal} />
      <button type="button" className="usa-button" disabled={join.busy} onClick={() => void accept()}>
        Accept the invitation
      </button>
    </Page>
  );
}
