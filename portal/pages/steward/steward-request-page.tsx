import { Alert } from '@trussworks/react-uswds';
import { type ReactNode, useState } from 'react';
import { useParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import { LiveRequest } from '../../operations/researcher.ts';
import {
  DeclineRequest,
  EndorseRequest,
  type EvidenceFragment,
  OfficialRequest,
  type OfficialRequestQuery,
  StewardRequest,
} from '../../operations/steward.ts';
import { Act } from '../../parts/act.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, nextOf, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { RequestHistory } from '../researcher/request-history.tsx';
import { RequestSummary } from '../researcher/request-summary.tsx';
import { Decision } from './decision.tsx';
import {
  Comments,
  decidedForm,
  decidedProposal,
  EarlierRequests,
  EthicsApproval,
  People,
  Signatures,
} from './evidence.tsx';
import { GrantDuties } from './grant-duties.tsx';
import { MissingTrainings } from './missing-trainings.tsx';
import { TeamCertificates } from './team-certificates.tsx';

/** All the evidence of one request, and the decision. */
export const StewardRequestPage = () => (
  <SignedIn title="Access request">
    <Stewards />
  </SignedIn>
);

/** One request for the official of its institution: endorse or decline. */
export const OfficialRequestPage = () => (
  <SignedIn title="Access request">
    <Officials />
  </SignedIn>
);

const Unknown = () => (
  <Page title="Access request">
    <Empty title="There is no such request">
      <p>It does not exist, or you may not know of it.</p>
    </Empty>
  </Page>
);

function Stewards() {
  const { id = '' } = useParams();
  const query = useQuery(StewardRequest, { id });
  const [said, say] = useState<string | null>(null);
  return (
    <Load query={query} lines={12} title="Access request">
      {({ accessRequest: request, draftReleases, trainings, viewer }) => {
        if (!request || !viewer) return <Unknown />;
        return (
          <Frame request={request} reload={query.reload} said={said}>
            <Decision
              key={`${request.state} ${request.seenHash} ${request.amendment?.seenHash}`}
              request={request}
              gaps={request.missingTraining}
              newest={draftReleases?.find(({ status }) => status === 'PUBLISHED') ?? null}
              viewerId={viewer.account.id}
              reload={query.reload}
              say={say}
            />
            <GrantDuties request={request} reload={query.reload} />
            <People request={request} />
            <RequestSummary request={{ ...request, form: decidedForm(request) }} />
            <Signatures request={request} />
            <EthicsApproval request={request} document={request.ethicsDocument} reload={query.reload} />
            <MissingTrainings gaps={request.missingTraining} />
            <TeamCertificates certificates={request.certificates} trainings={trainings} reload={query.reload} />
            <EarlierRequests others={request.otherRequests} />
            <Comments request={request} />
            <RequestHistory request={request} />
          </Frame>
        );
      }}
    </Load>
  );
}

function Officials() {
  const { id = '' } = useParams();
  const query = useQuery(OfficialRequest, { id });
  const [said, say] = useState<string | null>(null);
  return (
    <Load query={query} lines={12} title="Access request">
      {({ accessRequest: request, agreement, viewer }) =>
        request && viewer ? (
          <Frame request={request} reload={query.reload} said={said} official>
            <Endorse
              request={request}
              agreement={agreement}
              name={viewer.account.name}
              done={(text) => {
                say(text);
                query.reload();
              }}
              reload={query.reload}
            />
            <GrantDuties request={request} reload={query.reload} />
            <People request={request} />
            <RequestSummary request={{ ...request, form: decidedForm(request) }} />
            <Signatures request={request} />
            <Comments request={request} />
            <RequestHistory request={request} />
          </Frame>
        ) : (
          <Unknown />
        )
      }
    </Load>
  );
}

/** Title, state, and word of it when somebody else changes the request while it is read. */
function Frame({
  request,
  reload,
  said,
  official = false,
  children,
}: {
  request: EvidenceFragment;
  reload: () => void;
  said: string | null;
  official?: boolean;
  children: ReactNode;
}) {
  const [newest, setNewest] = useState(request.version);
  useLive(LiveRequest, { id: request.id }, ({ accessRequest }) => {
    if (accessRequest) setNewest(accessRequest.version);
  });
  return (
    <Page title={request.title || 'Untitled request'}>
      <p>
        <strong className="portal-state">{asWords(request.state)}</strong>
        {decidedProposal(request) && <>, proposed by {decidedProposal(request)?.by.name}: needs a second steward</>}
        {request.whoActsNext && <> · next: {nextOf(request.whoActsNext, official)}</>}
        {request.submittedAt && (
          <>
            {' '}
            · sent in <When at={request.submittedAt} />
          </>
        )}
        {request.assignedTo && <> · {request.assignedTo.name} has it</>}
      </p>
      <output>
        {said && (
          <Alert type="success" headingLevel="h2" slim>
            {said}
          </Alert>
        )}
      </output>
      {newest > request.version && (
        <div role="alert">
          <Alert validation type="warning" headingLevel="h2" heading="This request has just changed">
            <p>Somebody acted on it while you were reading. What you typed here stays.</p>
            <p className="portal-buttons">
              <button type="button" className="usa-button" onClick={reload}>
                Show it as it is now
              </button>
            </p>
          </Alert>
        </div>
      )}
      {request.amendment && (
        <Alert type="info" headingLevel="h2" heading={`An amendment is ${asWords(request.amendment.state)}`}>
          What is shown as asked for is the amendment; what is granted stays until it is approved.
        </Alert>
      )}
      {request.progressReport && (
        <section>
          <h2>What has come of it so far</h2>
          <p className="portal-text">{request.progressReport}</p>
        </section>
      )}
      {children}
    </Page>
  );
}

function Endorse({
  request,
  agreement,
  name,
  done,
  reload,
}: {
  request: EvidenceFragment;
  agreement: OfficialRequestQuery['agreement'];
  name: string;
  done: (text: string) => void;
  reload: () => void;
}) {
  const may = request.allowedCommands;
  const at = { requestId: request.id, expectedVersion: request.version };
  if (!may.includes('endorseAccessRequest') && !may.includes('declineAccessRequest'))
    return <p>There is nothing for you to endorse or decline here now.</p>;
  return (
    <section>
      <h2>Endorse or decline</h2>
      {agreement && (
        <details>
          <summary>
            The agreement that you sign for your institution: {agreement.title}, version {agreement.version}
          </summary>
          <p className="portal-text">{agreement.text}</p>
        </details>
      )}
      <div className="portal-buttons">
        {may.includes('endorseAccessRequest') && agreement && (
          <Act
            label="Endorse"
            tone="primary"
            title="Endorse for your institution?"
            operation={EndorseRequest}
            fields={[
              { name: 'employed', kind: 'check', label: `${request.applicant.name} is employed here.` },
              { name: 'senior', kind: 'check', label: 'They are senior enough to answer for the research.' },
              { name: 'typedName', label: 'Your name, as your signature', why: name },
            ]}
            input={({ employed, senior, typedName }) => ({
              ...at,
              seen: request.amendment?.seenHash ?? request.seenHash,
              agreementVersion: agreement.version,
              attestsEmployment: employed === 'yes',
              attestsSeniority: senior === 'yes',
              typedName: typedName ?? '',
            })}
            done={() => done('Endorsed. A data steward acts next.')}
            look={reload}
          >
            <p>You sign the agreement for the institution. It is bound to the request as it is shown on this page.</p>
          </Act>
        )}
        {may.includes('declineAccessRequest') && (
          <Act
            label="Decline"
            tone="danger"
            title="Decline this request?"
            operation={DeclineRequest}
            fields={[{ name: 'reason', label: 'Reason', why: 'The applicant reads it.', kind: 'text' }]}
            input={({ reason }) => ({ ...at, reason: reason ?? '' })}
            done={() => done('Declined. It went back to the applicant.')}
            look={reload}
          >
            <p>It goes back to the applicant, who may change it and send it in again.</p>
          </Act>
        )}
      </div>
    </section>
  );
}
