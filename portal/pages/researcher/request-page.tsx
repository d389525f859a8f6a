import { Alert } from '@trussworks/react-uswds';
import { useRef } from 'react';
import { useParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  LiveRequest,
  RequestPage as RequestOperation,
  type RequestPageQuery,
  type RequestPartsFragment,
} from '../../operations/researcher.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, nextActor, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { Invitation, invitationInAddress } from './invitation.tsx';
import { RequestComments } from './request-comments.tsx';
import { RequestEnd } from './request-end.tsx';
import { RequestFields } from './request-fields.tsx';
import { RequestHistory } from './request-history.tsx';
import type { RequestProps } from './request-props.ts';
import { RequestSign } from './request-sign.tsx';
import { RequestSummary } from './request-summary.tsx';
import { RequestTeam } from './request-team.tsx';

/** One access request: writing it, following it, answering a return, and its end. */
export function RequestPage() {
  return (
    <SignedIn title="Access request">
      <Request />
    </SignedIn>
  );
}

function Request() {
  const { id = '' } = useParams();
  const query = useQuery(RequestOperation, { id });
  const invitation = invitationInAddress();
  return (
    <Load query={query} lines={12} title="Access request">
      {({ accessRequest, agreement, viewer, requirements }) => {
        if (invitation && !accessRequest?.allowedCommands.includes('signAgreement'))
          return <Invitation requestId={id} invitation={invitation} done={query.reload} />;
        if (!accessRequest || !viewer)
          return (
            <Page title="Access request">
              <Empty title="There is no such request">
                <p>It does not exist, or it is not yours to see. A link of an invitation works once you accept it.</p>
              </Empty>
            </Page>
          );
        return <Shown request={accessRequest} {...{ agreement, viewer, requirements }} reload={query.reload} />;
      }}
    </Load>
  );
}

function Shown({
  request,
  agreement,
  viewer,
  requirements,
  reload,
}: RequestProps &
  Pick<RequestPageQuery, 'agreement' | 'requirements'> & { viewer: NonNullable<RequestPageQuery['viewer']> }) {
  const may = (command: RequestPartsFragment['allowedCommands'][number]) => request.allowedCommands.includes(command);
  const editing = may('editAccessRequest');
  const heard = useRef<string | null>(null);
  useLive(LiveRequest, { id: request.id }, ({ accessRequest }) => {
    // While the form is open its own saves raise the version; a change of state, of the team or of signatures may be somebody else's.
    if (!accessRequest) return;
    const team = JSON.stringify([accessRequest.signatures, accessRequest.collaborators]);
    const joined = heard.current !== null && heard.current !== team;
    heard.current = team;
    if (joined || accessRequest.state !== request.state || (!editing && accessRequest.version !== request.version))
      reload();
  });
  return (
    <Page title={request.title || 'Untitled request'}>
      <p>
        <strong className="portal-state">{asWords(request.state)}</strong>
        {request.whoActsNext && (
          <> · next: {nextActor(request.whoActsNext, request.applicant.id === viewer.account.id)}</>
        )}
        {request.submittedAt && (
          <>
            {' '}
            · sent in <When at={request.submittedAt} />
          </>
        )}
      </p>
      {request.state === 'RETURNED' && (
        <Alert validation type="warning" headingLevel="h2" heading="It came back to you">
          {request.lastReason && <p className="portal-text">{request.lastReason}</p>}
          <p>Change what is asked for, sign again, and send it in again.</p>
        </Alert>
      )}
      {['REJECTED', 'REVOKED', 'SUSPENDED'].includes(request.state) && request.lastReason && (
        <Alert validation type="error" headingLevel="h2" heading={`It was ${asWords(request.state)}`}>
          <p className="portal-text">{request.lastReason}</p>
        </Alert>
      )}
      {request.amendment && (
        <Alert type="info" headingLevel="h2" heading={`An amendment is ${asWords(request.amendment.state)}`}>
          What was granted stays as it is until the amendment is approved.
        </Alert>
      )}
      {editing ? (
        <>
          <RequestFields key={request.id} request={request} asked={requirements} reload={reload} />
          <RequestTeam request={request} me={viewer.account.id} reload={reload} />
        </>
      ) : (
        <>
          <RequestSummary request={request} />
          <RequestTeam request={request} me={viewer.account.id} reload={reload} />
        </>
      )}
      {(may('signAgreement') || may('submitAccessRequest') || editing || request.signatures.length > 0) && (
        <RequestSign request={request} agreement={agreement} name={viewer.account.name} reload={reload} />
      )}
      <RequestEnd request={request} reload={reload} />
      <RequestComments request={request} reload={reload} />
      <RequestHistory request={request} />
    </Page>
  );
}
