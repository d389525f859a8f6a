import type { CommandOf, Outcome, RequestFacts } from './commands.ts';
import { actorId, happened, refused } from './outcome.ts';
import type { Part } from './permissions.ts';
import { seenHash } from './seen.ts';
import { grantEnd, type RequestState, teamOf } from './state.ts';
import { unsaid } from './text.ts';

const hasEnded = (state: RequestState, now: Date): boolean => (grantEnd(state) ?? 0) <= now.getTime();

/** A member's access ends at once. The applicant is removed by nobody; where they leave, the grant waits for a successor. */
export const removeMember = (
  state: RequestState,
  { accountId }: CommandOf<'removeMember'>,
  facts: RequestFacts,
  parts: readonly Part[],
): Outcome => {
  if (accountId === state.applicantId && accountId === actorId(facts)) {
    return happened(facts, { type: 'GrantSuspended', cause: 'APPLICANT_LEFT', reason: '' });
  }
  // A collaborator removes nobody but themself.
  const over = parts.some((part) => part === 'applicant' || part === 'signing-official' || part === 'steward');
  if (!over && accountId !== actorId(facts)) return refused('NOT_PERMITTED');
  if (accountId === state.applicantId || !teamOf(state).includes(accountId))
    return refused('NO_SUCH_MEMBER', accountId);
  return happened(facts, { type: 'MemberRemoved', accountId });
};

/** The official withdraws the endorsement, a steward has a reason, or the clock sees that the applicant has left. */
export const suspend = (
  state: RequestState,
  { reason }: CommandOf<'suspend'>,
  facts: RequestFacts,
  parts: readonly Part[],
): Outcome => {
  if (parts.includes('clock')) {
    if (facts.applicantInstitutionId === state.institutionId) return refused('NOT_DUE');
    return happened(facts, { type: 'GrantSuspended', cause: 'APPLICANT_LEFT', reason });
  }
  const no = unsaid(reason);
  if (no !== null) return no;
  const cause = parts.includes('signing-official') ? 'ENDORSEMENT_WITHDRAWN' : 'STEWARD';
  return happened(facts, { type: 'GrantSuspended', cause, reason });
};

/** Back to life: by a steward, and where an endorsement was lost, only with a new one (for a successor, where the applicant left). */
export const resume = (state: RequestState, facts: RequestFacts): Outcome => {
  if (hasEnded(state, facts.now)) return refused('GRANT_ENDED');
  if (!facts.institution.eligible) return refused('INSTITUTION_INELIGIBLE');
  const { suspension, endorsement } = state;
  const endorsed =
    endorsement !== null &&
    endorsement.seen === seenHash(state) &&
    facts.institution.officials.includes(endorsement.officialId);
  if (!endorsed) return refused('NOT_ENDORSED');
  const successor = endorsement.successorId;
  if (suspension?.cause !== 'APPLICANT_LEFT') {
    return happened(facts, { type: 'GrantResumed', applicantId: state.applicantId });
  }
  if (successor === null || successor === state.applicantId || !teamOf(state).includes(successor))
    return refused('SUCCESSOR_MISSING');
  return happened(facts, { type: 'GrantResumed', applicantId: successor });
};

export const revoke = ({ reason }: CommandOf<'revoke'>, facts: RequestFacts): Outcome =>
  unsaid(reason) ?? happened(facts, { type: 'GrantRevoked', reason });

export const expire = (state: RequestState, facts: RequestFacts): Outcome =>
  hasEnded(state, facts.now) ? happened(facts, { type: 'GrantExpired' }) : refused('NOT_DUE');

export const attestCloseOut = (
  state: RequestState,
  { destroyed, statement }: CommandOf<'attestCloseOut'>,
  facts: RequestFacts,
): Outcome => {
  if (state.closeOut !== null) return refused('ALREADY_ATTESTED');
  if (!destroyed) return refused('ATTESTATION_MISSING');
  return unsaid(statement) ?? happened(facts, { type: 'CloseOutAttested', statement });
};

/** By somebody else than who attested. */
export const countersignCloseOut = (state: RequestState, facts: RequestFacts): Outcome => {
  if (state.closeOut === null) return refused('NOT_ATTESTED');
  if (state.closeOut.by === actorId(facts)) return refused('CONFLICT_OF_INTEREST');
  return happened(facts, { type: 'GrantClosed' });
};
