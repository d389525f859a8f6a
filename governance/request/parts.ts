import { effectiveRoles } from '../roles.ts';
import type { RequestFacts } from './commands.ts';
import type { Part } from './permissions.ts';
import { amended, collaboratorsOf, everybodyOf, type RequestState } from './state.ts';
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
  const official =
    roles.includes('signing-official') &&
    actor.institutionId === state.institutionId &&
    facts.institution.officials.includes(actor.accountId);
  if (official) parts.push('signing-official');
  // A draft is its team's own until it is sent in.
  const steward = roles.includes('steward') || standsIn(state, actor.accountId, facts);
  if (steward && state.status !== 'DRAFT') parts.push('steward');
  return parts;
};

/**
 * True where the actor may not judge this request: their own, a recent co-author's and, for a steward, their own
 * institution's (an official's always is).
 */
export const isConflicted = (
  state: RequestState,
  facts: Pick<RequestFacts, 'actor' | 'coAuthors'>,
  parts: readonly Part[],
): boolean => {
  const { actor } = facts;
  if (actor.kind !== 'account') return false;
  if (everybodyOf(state).includes(actor.accountId) || facts.coAuthors.includes(actor.accountId)) return true;
  return (
    parts.includes('steward') && !parts.includes('signing-official') && actor.institutionId === state.institutionId
  );
};
