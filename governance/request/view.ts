import type { NextActor } from '../reasons.ts';
import type { RequestEvent, RequestEventType } from './events.ts';
import { seenHash } from './seen.ts';
import { teamsOwn } from './sent.ts';
import { amended, type RequestState } from './state.ts';

/** As what somebody looks at a request; as nothing, there is none for them. */
export interface Reader {
  /** Of the team, or invited to it. */
  readonly team: boolean;
  /** Signing official of the request's institution, once it was sent in. */
  readonly official: boolean;
  /** A steward, once it was sent in. */
  readonly steward: boolean;
  /** The account of a steward who may not judge it, or has stepped back: they see what they said themself, and nothing of what the others say. Null for all others. */
  readonly apart: string | null;
}

/** Among stewards: what they say to each other, and who stepped back. */
const isForStewards = (event: RequestEvent): boolean =>
  event.type === 'StewardRecused' ||
  (event.type === 'CommentAdded' && event.to !== 'APPLICANT' && event.ofTeam !== true);

/** Not told to the team while nothing is decided. */
const BEFORE_APPROVAL: readonly RequestEventType[] = ['GrantProposed', 'ProposalSeconded'];

/** One of those who decide it, for what somebody of them did. */
const isAmong = ({ steward, apart }: Reader, by: string): boolean => steward && (apart === null || apart === by);

const proposalFor = (proposal: RequestState['proposal'], as: Reader): RequestState['proposal'] =>
  proposal !== null && (as.official || isAmong(as, proposal.by)) ? proposal : null;

/** An amendment that was not sent in yet: as little there as a request that was not. */
const amendmentFor = ({ amendment }: RequestState, as: Reader): RequestState['amendment'] => {
  if (amendment === null || (amendment.submittedAt === null && !as.team)) return null;
  return { ...amendment, proposal: proposalFor(amendment.proposal, as) };
};

/**
 * A request's state as a reader may see it: comments and recusals for the stewards who may judge it, what they say to the applicant, and what the
 * team says, for the team too, a proposal for those stewards and the official, an amendment once it was sent in. Who is not of the team is given the
 * state of `foldSent`.
 */
export const stateFor = (state: RequestState, as: Reader): RequestState => ({
  ...state,
  comments: state.comments.filter(
    ({ by, to, ofTeam }) =>
      isAmong(as, by) || (to === 'APPLICANT' && as.steward) || (as.team && (to === 'APPLICANT' || ofTeam === true)),
  ),
  recused: state.recused.filter((by) => isAmong(as, by)),
  proposal: proposalFor(state.proposal, as),
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

/** A request's history as a reader may see it, each event with its place from 1. */
export const eventsFor = (
  events: readonly RequestEvent[],
  state: RequestState,
  as: Reader,
): readonly (readonly [number, RequestEvent])[] => {
  const own = teamsOwn(events);
  const sees = (event: RequestEvent, index: number): boolean => {
    if (isAmong(as, event.by)) return as.team || own[index] !== true;
    // What stewards and the team say to each other is not for the official, nor for a steward who may not judge.
    if (event.type === 'CommentAdded' && event.to === 'APPLICANT') return as.team || as.steward;
    if (event.type === 'CommentAdded' && !as.team) return false;
    if (isForStewards(event) || (isUndecided(event, events, state) && !as.official)) return false;
    return as.team || own[index] !== true;
  };
  return events.flatMap((event, index) => (sees(event, index) ? [[index + 1, event] as const] : []));
};

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
