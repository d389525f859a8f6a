import type { NextActor } from '../reasons.ts';
import type { RequestEvent, RequestEventType } from './events.ts';
import { seenHash } from './seen.ts';
import { amended, type RequestState } from './state.ts';

/** As what somebody looks at a request; as nothing, there is none for them. */
export interface Reader {
  /** Of the team, or invited to it. */
  readonly team: boolean;
  /** Signing official of the request's institution. */
  readonly official: boolean;
  /** A steward, once it was sent in. */
  readonly steward: boolean;
}

/** Among stewards: what they say to each other, and who stepped back. */
const isForStewards = (event: RequestEvent): boolean =>
  event.type === 'StewardRecused' ||
  (event.type === 'CommentAdded' && event.to !== 'APPLICANT' && event.ofTeam !== true);

/** Not told to the team while nothing is decided. */
const BEFORE_APPROVAL: readonly RequestEventType[] = ['GrantProposed', 'ProposalSeconded'];

/** An amendment that was not sent in yet, to who is a steward and nothing else: as little there as a request that was not. */
const isUnsent = ({ amendment }: RequestState, { team, official }: Reader): boolean =>
  amendment !== null && amendment.submittedAt === null && !team && !official;

const amendmentFor = (state: RequestState, as: Reader): RequestState['amendment'] => {
  if (state.amendment === null || isUnsent(state, as)) return null;
  return { ...state.amendment, proposal: as.steward || as.official ? state.amendment.proposal : null };
};

/**
 * A request's state as a reader may see it: comments and recusals for stewards, what they say to the applicant, and what the
 * team says, for the team too, a proposal for stewards and the official, an amendment for stewards once it was sent in.
 */
export const stateFor = (state: RequestState, as: Reader): RequestState => ({
  ...state,
  comments: state.comments.filter(
    ({ to, ofTeam }) => as.steward || (as.team && (to === 'APPLICANT' || ofTeam === true)),
  ),
  recused: as.steward ? state.recused : [],
  proposal: as.steward || as.official ? state.proposal : null,
  amendment: amendmentFor(state, as),
});

/** A proposal that is not given yet: of a request without a grant, or of an amendment that is not approved. */
const isUndecided = (event: RequestEvent, events: readonly RequestEvent[], state: RequestState): boolean => {
  if (!BEFORE_APPROVAL.includes(event.type)) return false;
  const { amendmentId } = event;
  return amendmentId === undefined
    ? state.grant === null
    : !events.some((one) => one.type === 'RequestApproved' && one.amendmentId === amendmentId);
};

/** Of an amendment that was never sent in; who is a steward and nothing else sees none of it, also once it has ended. */
const isOfUnsent = ({ amendmentId }: RequestEvent, events: readonly RequestEvent[]): boolean =>
  amendmentId !== undefined &&
  !events.some((one) => one.type === 'RequestSubmitted' && one.amendmentId === amendmentId);

/** A request's history as a reader may see it, each event with its place from 1. */
export const eventsFor = (
  events: readonly RequestEvent[],
  state: RequestState,
  as: Reader,
): readonly (readonly [number, RequestEvent])[] =>
  events
    .map((event, index) => [index + 1, event] as const)
    .filter(([, event]) => as.steward || !(isForStewards(event) || (isUndecided(event, events, state) && !as.official)))
    // What stewards and the team say to each other is not for the official.
    .filter(([, { type }]) => as.steward || as.team || type !== 'CommentAdded')
    .filter(([, event]) => as.team || as.official || !isOfUnsent(event, events));

/** What was said with an event. */
export const eventText = (event: RequestEvent): string | null => {
  if ('reason' in event) return event.reason;
  if ('changes' in event) return event.changes;
  if ('text' in event) return event.text;
  return 'statement' in event ? event.statement : null;
};

/** Whom an event is about, where that is somebody else than who did it. */
export const eventAbout = (event: RequestEvent): string | null => {
  if ('stewardId' in event) return event.stewardId;
  if ('accountId' in event) return event.accountId;
  return 'successorId' in event ? event.successorId : null;
};

const endorsed = (state: RequestState): boolean =>
  state.endorsement !== null && state.endorsement.seen === seenHash(state);

const afterEnd = (state: RequestState): NextActor | null => {
  // Where it was renewed, nothing has to be destroyed.
  if (state.renewal?.given === true) return null;
  return state.closeOut === null ? 'APPLICANT' : 'SIGNING_OFFICIAL';
};

const ofAmendment = (state: RequestState): NextActor | null => {
  const view = amended(state);
  if (view === null) return null;
  return view.status === 'SUBMITTED' ? (endorsed(view) ? 'STEWARD' : 'SIGNING_OFFICIAL') : 'APPLICANT';
};

/** Who has to do something next; null where nobody has to. */
export const nextActor = (state: RequestState): NextActor | null => {
  switch (state.status) {
    case 'DRAFT':
    case 'RETURNED':
      return 'APPLICANT';
    case 'SUBMITTED':
      return endorsed(state) ? 'STEWARD' : 'SIGNING_OFFICIAL';
    case 'SUSPENDED': {
      const successor = state.suspension?.cause !== 'APPLICANT_LEFT' || state.endorsement?.successorId != null;
      return endorsed(state) && successor ? 'STEWARD' : 'SIGNING_OFFICIAL';
    }
    case 'APPROVED':
      return state.closeOut === null ? ofAmendment(state) : 'SIGNING_OFFICIAL';
    case 'REVOKED':
    case 'EXPIRED':
      return afterEnd(state);
    default:
      return null;
  }
};
