import { canonicalText } from '../canonical.ts';
import type { CommandType, Outcome, RequestCommand, RequestFacts } from './commands.ts';
import { happened, refused } from './outcome.ts';
import { type From, fromsOf, isPermitted, type Part } from './permissions.ts';
import { seenHash } from './seen.ts';
import { amended, collaboratorsOf, type RequestState } from './state.ts';

/** Stewards talk and step back about the request as a whole, also while it is amended. */
const ABOUT_ALL: readonly CommandType[] = ['comment', 'assign', 'recuse'];

/**
 * The amendment that a command means, as a request of its own; null where it means the request itself. A signature says
 * which by the hash of what was seen.
 */
export const amendmentMeant = (
  state: RequestState,
  command: RequestCommand,
  parts: readonly Part[],
): RequestState | null => {
  const view = amended(state);
  const from: From | undefined = fromsOf(state)[1];
  if (view === null || from === undefined || ABOUT_ALL.includes(command.type)) return null;
  if (!isPermitted(command.type, from, parts)) return null;
  if (!isPermitted(command.type, state.status, parts)) return view;
  return 'seen' in command && command.seen === seenHash(view) ? view : null;
};

/** What happened to an amendment, as events of the request. An approval changes the grant that there is. */
export const ofAmendment = (state: RequestState, outcome: Outcome): Outcome => {
  const { amendment, grant } = state;
  if (!outcome.ok || amendment === null || grant === null) return outcome;
  const events = outcome.events.map((event) => ({
    ...event,
    ...(event.type === 'RequestApproved' && { grantId: grant.id }),
    amendmentId: amendment.id,
  }));
  return { ok: true, events };
};

/** An amendment begins as the request stands; one at a time. */
export const amend = (state: RequestState, facts: RequestFacts): Outcome => {
  if (state.amendment !== null) return refused('AMENDMENT_PENDING');
  if (state.closeOut !== null) return refused('ALREADY_ATTESTED');
  return happened(facts, { type: 'AmendmentBegun', amendment: facts.newId });
};

/** True where an amendment leaves everything as it is. */
export const changesNothing = (state: RequestState, view: RequestState): boolean => {
  const said = (one: RequestState) =>
    canonicalText({ form: one.form, team: collaboratorsOf(one).map(({ email }) => email) });
  return said(state) === said(view);
};
