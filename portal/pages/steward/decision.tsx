import {
  ApproveRequest,
  AssignRequest,
  CommentRequest,
  type EvidenceFragment,
  RecuseRequest,
  RejectRequest,
  ReturnRequest,
  SecondRequest,
} from '../../operations/steward.ts';
import { Act } from '../../parts/act.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { useKeptValues } from '../../parts/use-kept-values.ts';
import { LastDay, useEndOfDay } from '../../parts/when.tsx';
import { monthsFromNow } from './ago.ts';
import { Effect, type Newest } from './effect.tsx';
import { decidedForm, decidedProposal, peopleOf } from './evidence.tsx';
import { GrantedItems, type Item } from './granted-items.tsx';
import type { Gap } from './missing-trainings.tsx';

type Request = EvidenceFragment;

export interface DecisionProps {
  readonly request: Request;
  readonly gaps: readonly Gap[];
  /** The newest published release: what would be read of it. */
  readonly newest: Newest | null;
  readonly viewerId: string;
  readonly reload: () => void;
  readonly say: (text: string) => void;
}

/** What a steward can do with a request that was sent in: what the API allows now, each with its effect shown before it is sent. */
export function Decision({ request, gaps, newest, viewerId, reload, say }: DecisionProps) {
  const may = request.allowedCommands;
  const requestId = request.id;
  const expectedVersion = request.version;
  const told = (text: string) => () => {
    say(text);
    reload();
  };
  const deciding = ['approveAccessRequest', 'secondApproval', 'returnAccessRequest', 'rejectAccessRequest'] as const;
  return (
    <section>
      <h2>Decide</h2>
      {!deciding.some((command) => may.includes(command)) && (
        <p>There is nothing for you to decide here now{request.whoActsNext ? '; somebody else acts next' : ''}.</p>
      )}
      {decidedProposal(request)?.by.id === viewerId && (
        <p>
          <strong>
            You have proposed a grant, to the end of <LastDay at={decidedProposal(request)?.endsAt} />.
          </strong>{' '}
          Nothing opens until another steward seconds it. There is no more for you to do; what you approve now takes its
          place.
        </p>
      )}
      {may.includes('secondApproval') && <Second {...{ request, gaps, newest }} reload={reload} done={told} />}
      {may.includes('approveAccessRequest') && <Approve {...{ request, gaps, newest }} reload={reload} done={told} />}
      <div className="portal-buttons">
        {may.includes('returnAccessRequest') && (
          <Act
            label="Return for changes"
            title="Return it to the applicant?"
            action="Return it"
            operation={ReturnRequest}
            fields={[{ name: 'changes', label: 'What has to change', why: 'The applicant reads it.', kind: 'text' }]}
            input={({ changes }) => ({ requestId, expectedVersion, changes: changes ?? '' })}
            done={told('The request went back to the applicant.')}
            look={reload}
          >
            <p>The applicant edits it and sends it in again; signatures and endorsement are then asked for anew.</p>
          </Act>
        )}
        {may.includes('rejectAccessRequest') && (
          <Act
            label="Reject"
            tone="danger"
            title="Reject this request?"
            action="Reject it"
            operation={RejectRequest}
            fields={[{ name: 'reason', label: 'Reason', why: 'The applicant reads it.', kind: 'text' }]}
            input={({ reason }) => ({ requestId, expectedVersion, reason: reason ?? '' })}
            done={told('The request was rejected.')}
            look={reload}
          >
            <p>It ends here for good. Nobody on it gets any data; a new request begins from nothing.</p>
          </Act>
        )}
        {may.includes('commentAccessRequest') && (
          <Act
            label="Comment"
            title="Comment"
            operation={CommentRequest}
            fields={[
              { name: 'text', label: 'Comment', kind: 'text' },
              {
                name: 'to',
                label: 'Who reads it',
                options: [
                  ['STEWARDS', 'Stewards'],
                  ['APPLICANT', 'The applicant too'],
                ],
              },
            ]}
            input={({ text, to }) => ({
              ...{ requestId, expectedVersion, text: text ?? '' },
              to: to === 'APPLICANT' ? ('APPLICANT' as const) : ('STEWARDS' as const),
            })}
            done={reload}
            look={reload}
          />
        )}
        {may.includes('assignAccessRequest') && request.assignedTo?.id !== viewerId && (
          <Act
            label="Take it"
            title="Take this request?"
            action="Assign it to me"
            operation={AssignRequest}
            input={() => ({ requestId, expectedVersion, stewardId: viewerId })}
            done={reload}
            look={reload}
          >
            <p>Other stewards see that you have it; they can still decide.</p>
          </Act>
        )}
        {may.includes('recuseFromAccessRequest') && (
          <Act
            label="Recuse yourself"
            title="Recuse yourself from this request?"
            action="Recuse me"
            operation={RecuseRequest}
            input={() => ({ requestId, expectedVersion })}
            done={reload}
            look={reload}
          >
            <p>You will not be able to decide it. Other stewards can.</p>
          </Act>
        )}
      </div>
    </section>
  );
}

interface PartProps {
  readonly request: Request;
  readonly gaps: readonly Gap[];
  readonly newest: Newest | null;
  readonly reload: () => void;
  readonly done: (text: string) => () => void;
}

/** All that was asked for, to be narrowed; a proposal where the policy asks for two stewards. */
function Approve({ request, gaps, newest, reload, done }: PartProps) {
  const form = decidedForm(request);
  const [kept, keep, sent] = useKeptValues<{
    items: readonly Item[];
    confirmsExport: boolean;
    until: string;
    conditions: string;
  }>(`approve ${request.seenHash} ${request.amendment?.seenHash}`, {
    items: form.items,
    confirmsExport: false,
    until: monthsFromNow(Math.min(form.durationMonths ?? 12, 12)),
    conditions: '',
  });
  const endOfDay = useEndOfDay();
  const { items, confirmsExport, until, conditions } = kept;
  const granted = items.filter(({ uses }) => uses.length > 0);
  const identifiableExport = granted.some(
    ({ modality, uses }) => MODALITY_TEXT[modality].asks === 'identifiable' && uses.includes('EXPORT'),
  );
  const endsAt = endOfDay(until || monthsFromNow(12));
  return (
    <div className="portal-card">
      <h3>Grant</h3>
      <GrantedItems asked={form.items} granted={items} change={(changed) => keep({ ...kept, items: changed })} />
      <label className="usa-label" htmlFor="grant-until">
        Until the end of
      </label>
      <input
        id="grant-until"
        className="usa-input"
        type="date"
        value={until}
        onChange={({ target }) => keep({ ...kept, until: target.value })}
      />
      <label className="usa-label" htmlFor="grant-conditions">
        Conditions (optional)
      </label>
      <textarea
        id="grant-conditions"
        className="usa-textarea portal-short"
        value={conditions}
        onChange={({ target }) => keep({ ...kept, conditions: target.value })}
      />
      {identifiableExport && (
        <div className="usa-checkbox">
          <input
            id="grant-export"
            className="usa-checkbox__input"
            type="checkbox"
            checked={confirmsExport}
            onChange={({ target }) => keep({ ...kept, confirmsExport: target.checked })}
          />
          <label className="usa-checkbox__label" htmlFor="grant-export">
            Copies of identifiable data may be taken away (both stewards have to say so)
          </label>
        </div>
      )}
      <p className="portal-buttons">
        <Act
          label="Approve"
          tone="primary"
          title="Approve this?"
          operation={ApproveRequest}
          input={() => ({
            requestId: request.id,
            expectedVersion: request.version,
            seen: request.amendment?.seenHash ?? request.seenHash,
            items: granted.map(({ modality, uses }) => ({ modality, uses })),
            ...{ endsAt, conditions, confirmsExport },
          })}
          done={() => {
            sent();
            done('Your approval is recorded. Where it needs another steward, the page says so.')();
          }}
          look={reload}
        >
          <Effect people={peopleOf(request)} items={granted} {...{ endsAt, conditions, gaps, newest }} />
          <p>
            Where the policy asks for two stewards this becomes a proposal, and nothing opens until another steward
            seconds the very same.
          </p>
        </Act>
      </p>
    </div>
  );
}

/** Another steward's proposal, to be seconded as it stands. */
function Second({ request, gaps, newest, reload, done }: PartProps) {
  const proposal = decidedProposal(request);
  if (!proposal) return null;
  return (
    <div className="portal-card">
      <h3>{proposal.by.name} proposes</h3>
      <Effect people={peopleOf(request)} {...proposal} {...{ gaps, newest }} />
      {proposal.confirmsExport && <p>Copies of identifiable data may be taken away.</p>}
      <p className="portal-buttons">
        <Act
          label="Second the proposal"
          tone="primary"
          title="Second this proposal?"
          action="Second it"
          operation={SecondRequest}
          input={() => ({
            requestId: request.id,
            expectedVersion: request.version,
            seen: request.amendment?.seenHash ?? request.seenHash,
            termsHash: proposal.termsHash,
            confirmsExport: proposal.confirmsExport,
          })}
          done={done('Seconded. The grant is open.')}
          look={reload}
        >
          <Effect people={peopleOf(request)} {...proposal} {...{ gaps, newest }} />
          <p>Access opens at once.</p>
        </Act>
      </p>
    </div>
  );
}
