import { effectiveRoles } from '../roles.ts';
import type { CommandType, RequestFacts } from './commands.ts';
import type { Part } from './permissions.ts';
import { amended, collaboratorsOf, everybodyOf, hasEndorsed, type RequestState } from './state.ts';
import { standsIn } from './stewards.ts';

export type PartFacts = Pick<RequestFacts, 'actor' | 'institution' | 'stewards' | 'coAuthors' | 'policy'>;

/** What the actor is to a request (null: to one that is not there yet). Empty: nothing to them. */
export const partsOf = (state: RequestState | null, facts: PartFacts): readonly Part[] => {
  const { actor } = facts;
  if (actor.kind === 'system:clock') return ['clock'];
  const roles = effectiveRoles(actor.roles);
  const parts: Part[] = [];
  if (roles.includes('researcher')) {
    if (state === null) return ['researcher'];
    if (state.applicantId === actor.accountId) parts.push('applicant');
    else if (everybodyOf(state).includes(actor.accountId)) parts.push('collaborator');
    const email = actor.email?.toLowerCase();
    const asked = [state, amended(state)].flatMap((one) => (one === null ? [] : collaboratorsOf(one)));
    if (email !== undefined && asked.some((one) => one.accountId === null && one.email === email))
      parts.push('invitee');
  }
  if (state === null) return parts;
  // A draft is its team's own until it is sent in.
  const sent = state.submittedAt !== null;
  const official =
    sent &&
    roles.includes('signing-official') &&
    actor.institutionId === state.institutionId &&
    facts.institution.officials.includes(actor.accountId);
  if (official) parts.push('signing-official');
  const steward = roles.includes('steward') || standsIn(state, actor.accountId, facts);
  if (steward && sent) parts.push('steward');
  return parts;
};

/** Commands that an official gives about their own institution's people; all others of a conflict are a steward's. */
const OFFICIALS_OWN: readonly CommandType[] = ['endorse', 'decline'];

/**
 * True where the actor may not judge this request with this command: their own, a recent co-author's and, as a steward,
 * one of their own institution, whatever else they are there, or one that they endorsed themself.
 */
export const isConflicted = (
  state: RequestState,
  command: CommandType,
  facts: Pick<RequestFacts, 'actor' | 'coAuthors'>,
): boolean => {
  const { actor } = facts;
  if (actor.kind !== 'account') return false;
  if (everybodyOf(state).includes(actor.accountId) || facts.coAuthors.includes(actor.accountId)) return true;
  if (OFFICIALS_OWN.includes(command)) return false;
  return actor.institutionId === state.institutionId || hasEndorsed(state, actor.accountId);
};
