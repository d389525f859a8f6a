import type { RequestEvent } from './events.ts';
import { type Amendment, amended, type Collaborator, collaboratorsOf, grantEnd, type RequestState } from './state.ts';

type Change = Partial<Omit<RequestState, 'version'>>;

/** What a signature holds beside who, when and which version. */
const evidence = ({ textSha256, typedName }: { readonly textSha256?: string; readonly typedName?: string }) => ({
  ...(textSha256 !== undefined && { textSha256 }),
  ...(typedName !== undefined && { typedName }),
});
const left = (team: readonly Collaborator[], accountId: string, at: string): readonly Collaborator[] =>
  team.map((one) => (one.accountId === accountId ? { ...one, leftAt: at } : one));

/** The end of an extension that is needed no more: now, but not before the grant's own end. */
const shortened = ({ extendedUntil, grant }: RequestState, at: string): string | null => {
  if (extendedUntil === null || grant === null || at <= grant.terms.end) return null;
  return at < extendedUntil ? at : extendedUntil;
};

const endOf = (state: RequestState): string | null => {
  const end = grantEnd(state);
  return end === null ? null : new Date(end).toISOString();
};

const edited = (state: RequestState): Change => ({ revision: state.revision + 1 });

const changeOf = (state: RequestState, event: Exclude<RequestEvent, { type: 'RequestCreated' }>): Change => {
  const { by, at } = event;
  switch (event.type) {
    case 'FormEdited':
      return { ...edited(state), form: event.form };
    case 'CollaboratorInvited': {
      const { invitationId, email, tokenSha256 = null, expiresAt = null } = event;
      const invited = { invitationId, email, accountId: null, tokenSha256, expiresAt, leftAt: null };
      return { ...edited(state), collaborators: [...state.collaborators, invited] };
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
      return {
        comments: [
          ...state.comments,
          { by, at, text: event.text, to: event.to ?? 'STEWARDS', ...(event.ofTeam && { ofTeam: true }) },
        ],
      };
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
    case 'AmendmentBegun':
      return {
        amendment: {
          id: event.amendment,
          status: 'DRAFT',
          begunAt: at,
          submittedAt: null,
          // Higher than that of any amendment before, so that nothing that was signed for one counts for another.
          revision: state.version + 1,
          form: state.form,
          collaborators: collaboratorsOf(state),
          signatures: [],
          endorsement: null,
          proposal: null,
        },
      };
    case 'MemberRemoved':
      return {
        collaborators: left(state.collaborators, event.accountId, at),
        amendment: state.amendment && {
          ...state.amendment,
          collaborators: left(state.amendment.collaborators, event.accountId, at),
        },
      };
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
      };
    case 'GrantRevoked':
      return { status: 'REVOKED', suspension: null, amendment: null, endedAt: at, lastReason: event.reason };
    case 'GrantExpired':
      return { status: 'EXPIRED', suspension: null, amendment: null, endedAt: endOf(state) ?? at };
    case 'RenewalBegun':
      return { renewal: { requestId: event.renewalId, given: false } };
    case 'GrantExtended':
      return { extendedUntil: event.until };
    case 'RenewalEnded':
      return { renewal: null, extendedUntil: shortened(state, at) };
    case 'GrantRenewed':
      return { renewal: { requestId: event.renewalId, given: true }, renewedFrom: event.from };
    case 'CloseOutAttested':
      return { closeOut: { by, at, statement: event.statement }, amendment: null };
    case 'GrantClosed':
      return { status: 'CLOSED', amendment: null, endedAt: state.endedAt ?? at };
  }
};

/** What an event of the amendment changes: the amendment, and with its approval the request itself. */
const changeByAmendment = (state: RequestState, event: Exclude<RequestEvent, { type: 'RequestCreated' }>): Change => {
  const view = amended(state);
  const { amendment } = state;
  if (view === null || amendment === null || amendment.id !== event.amendmentId) {
    throw new Error(`${event.type} of an amendment that is not under way`);
  }
  const after: RequestState = { ...view, ...changeOf(view, event) };
  const { revision, form, collaborators, signatures, endorsement } = after;
  if (event.type === 'RequestApproved') {
    const grant = state.grant && { ...state.grant, terms: event.terms, stewards: event.stewards };
    // What was signed before stays in the record; it counts no more, since it binds to the text before.
    const all = [...state.signatures, ...signatures];
    return { revision, form, collaborators, signatures: all, endorsement, grant, amendment: null };
  }
  if (event.type === 'RequestRejected' || event.type === 'RequestWithdrawn') {
    return { amendment: null, lastReason: after.lastReason };
  }
  const { submittedAt, proposal } = after;
  const status = after.status as Amendment['status'];
  const kept = { revision, form, collaborators, signatures, endorsement, submittedAt, proposal, status };
  return { amendment: { ...amendment, ...kept }, lastReason: after.lastReason };
};

/**
 * The state after one more event. Throws Error where the first event is not RequestCreated or a later one is: stored
 * history that no command of ours can have made.
 */
export const applyEvent = (state: RequestState | null, event: RequestEvent): RequestState => {
  if (event.type !== 'RequestCreated') {
    if (state === null) throw new Error(`the history of a request begins with ${event.type}`);
    const change = event.amendmentId === undefined ? changeOf(state, event) : changeByAmendment(state, event);
    return { ...state, ...change, version: state.version + 1 };
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
    form: event.form ?? {},
    collaborators: (event.collaborators ?? []).map((one) => ({
      ...one,
      tokenSha256: null,
      expiresAt: null,
      leftAt: null,
    })),
    signatures: [],
    endorsement: null,
    assignedTo: null,
    recused: [],
    comments: [],
    lastReason: null,
    proposal: null,
    grant: null,
    amendment: null,
    renewalOf: event.renewalOf ?? null,
    progressReport: event.progressReport ?? null,
    linkedTo: event.linkedTo ?? null,
    renewal: null,
    extendedUntil: null,
    renewedFrom: null,
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
