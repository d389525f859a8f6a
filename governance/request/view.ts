import type { NextActor } from '../reasons.ts';
import type { RequestEvent, RequestEventType } from './events.ts';
import { seenHash } from './seen.ts';
import type { RequestState } from './state.ts';

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
const STEWARDS_ONLY: readonly RequestEventType[] = ['CommentAdded', 'StewardRecused'];

/** Not told to the team while nothing is decided. */
const BEFORE_APPROVAL: readonly RequestEventType[] = ['GrantProposed', 'ProposalSeconded'];

/** A request's state as a reader may see it: comments and recusals for stewards, a proposal for stewards and the official. */
export const stateFor = (state: RequestState, { official, steward }: Reader): RequestState => ({
  ...state,
  comments: steward ? state.comments : [],
  recused: steward ? state.recused : [],
  proposal: steward || official ? state.proposal : null,
});

/** A request's history as a reader may see it, each event with its place from 1. */
export const eventsFor = (
  events: readonly RequestEvent[],
  state: RequestState,
  { official, steward }: Reader,
): readonly (readonly [number, RequestEvent])[] =>
  events
    .map((event, index) => [index + 1, event] as const)
    .filter(
      ([, { type }]) =>
        steward ||
        !(STEWARDS_ONLY.includes(type) || (BEFORE_APPROVAL.includes(type) && !official && state.grant === null)),
    );

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

/** Who has to do something next; null where nobody has to. */
export const nextActor = (state: RequestState): NextActor | null => {
  switch (state.status) {
    case 'DRAFT':
    case 'RETURNED':
      return 'APPLICANT';
    case 'SUBMITTED':
    case 'SUSPENDED':
      return endorsed(state) ? 'STEWARD' : 'SIGNING_OFFICIAL';
    case 'APPROVED':
      return state.closeOut === null ? null : 'SIGNING_OFFICIAL';
    case 'REVOKED':
    case 'EXPIRED':
      return state.closeOut === null ? 'APPLICANT' : 'SIGNING_OFFICIAL';
    default:
      return null;
  }
};
