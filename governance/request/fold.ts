import type { RequestEvent } from './events.ts';
import type { RequestState } from './state.ts';

type Change = Partial<Omit<RequestState, 'version'>>;

/** What a signature holds beside who, when and which version. */
const evidence = ({ textSha256, typedName }: { readonly textSha256?: string; readonly typedName?: string }) => ({
  ...(textSha256 !== undefined && { textSha256 }),
  ...(typedName !== undefined && { typedName }),
});

const edited = (state: RequestState): Change => ({ revision: state.revision + 1 });

const changeOf = (state: RequestState, event: Exclude<RequestEvent, { type: 'RequestCreated' }>): Change => {
  const { by, at } = event;
  switch (event.type) {
    case 'FormEdited':
      return { ...edited(state), form: event.form };
    case 'CollaboratorInvited': {
      const { invitationId, email } = event;
      return { ...edited(state), collaborators: [...state.collaborators, { invitationId, email, accountId: null }] };
    }
    case 'CollaboratorRemoved':
      return {
        ...edited(state),
        collaborators: state.collaborators.filter(({ invitationId }) => invitationId !== event.invitationId),
      };
    case 'InvitationAccepted':
      return {
        collaborators: state.collaborators.map((one) =>
          one.invitationId === event.invitationId ? { ...one, accountId: by } : one,
        ),
      };
    case 'AgreementSigned': {
      const { version, as, seen } = event;
      const signature = { accountId: by, version, as, seen, signedAt: at, ...evidence(event) };
      return { signatures: [...state.signatures, signature] };
    }
    case 'RequestSubmitted':
      return { status: 'SUBMITTED', submittedAt: at, proposal: null };
    case 'RequestEndorsed': {
      const { seen, agreementVersion: version, successorId } = event;
      const as = 'OFFICIAL' as const;
      const signature = { accountId: by, version, as, seen, signedAt: at, ...evidence(event) };
      return {
        endorsement: { officialId: by, seen, at, successorId },
        // The official signs the agreement too, and does so by endorsing.
        signatures: [...state.signatures, signature],
      };
    }
    case 'RequestDeclined':
      return { status: 'RETURNED', endorsement: null, proposal: null, lastReason: event.reason };
    case 'CommentAdded':
      return { comments: [...state.comments, { by, at, text: event.text }] };
    case 'RequestAssigned':
      return { assignedTo: event.stewardId };
    case 'StewardRecused':
      return {
        recused: [...state.recused, by],
        assignedTo: state.assignedTo === by ? null : state.assignedTo,
        // Who steps back takes their own proposal along.
        proposal: state.proposal?.by === by ? null : state.proposal,
      };
    case 'RequestReturned':
      return { status: 'RETURNED', proposal: null, lastReason: event.changes };
    case 'GrantProposed': {
      const { seen, terms, confirmsExport } = event;
      return { proposal: { by, seen, terms, confirmsExport } };
    }
    case 'ProposalSeconded':
      return {};
    case 'RequestApproved': {
      const { grantId: id, terms, stewards } = event;
      return { status: 'APPROVED', grant: { id, terms, approvedAt: at, stewards }, proposal: null };
    }
    case 'RequestRejected':
      return { status: 'REJECTED', proposal: null, lastReason: event.reason };
    case 'RequestWithdrawn':
      return { status: 'WITHDRAWN', proposal: null };
    case 'MemberRemoved':
      return { collaborators: state.collaborators.filter(({ accountId }) => accountId !== event.accountId) };
    case 'GrantSuspended':
      return {
        status: 'SUSPENDED',
        suspension: { cause: event.cause, at },
        lastReason: event.reason,
        endorsement: event.cause === 'STEWARD' ? state.endorsement : null,
      };
    case 'GrantResumed':
      return {
        status: 'APPROVED',
        suspension: null,
        applicantId: event.applicantId,
        collaborators: state.collaborators.filter(({ accountId }) => accountId !== event.applicantId),
      };
    case 'GrantRevoked':
      return { status: 'REVOKED', suspension: null, endedAt: at, lastReason: event.reason };
    case 'GrantExpired':
      return { status: 'EXPIRED', suspension: null, endedAt: state.grant?.terms.end ?? at };
    case 'CloseOutAttested':
      return { closeOut: { by, at, statement: event.statement } };
    case 'GrantClosed':
      return { status: 'CLOSED', endedAt: state.endedAt ?? at };
  }
};

/**
 * The state after one more event. Throws Error where the first event is not RequestCreated or a later one is: stored
 * history that no command of ours can have made.
 */
export const applyEvent = (state: RequestState | null, event: RequestEvent): RequestState => {
  if (event.type !== 'RequestCreated') {
    if (state === null) throw new Error(`the history of a request begins with ${event.type}`);
    return { ...state, ...changeOf(state, event), version: state.version + 1 };
  }
  if (state !== null) throw new Error(`the request ${state.id} is created twice`);
  return {
    id: event.requestId,
    status: 'DRAFT',
    version: 1,
    revision: 0,
    applicantId: event.by,
    institutionId: event.institutionId,
    createdAt: event.at,
    submittedAt: null,
    form: {},
    collaborators: [],
    signatures: [],
    endorsement: null,
    assignedTo: null,
    recused: [],
    comments: [],
    lastReason: null,
    proposal: null,
    grant: null,
    suspension: null,
    endedAt: null,
    closeOut: null,
  };
};

/** The state that a history has made; null for none. Throws as `applyEvent`. */
export const foldRequest = (events: Iterable<RequestEvent>): RequestState | null => {
  let state: RequestState | null = null;
  for (const event of events) state = applyEvent(state, event);
  return state;
};
