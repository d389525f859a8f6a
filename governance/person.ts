import type { AccountActor, Actor } from './actor.ts';
import { agreementStanding } from './agreement.ts';
import { reason } from './decision.ts';
import { type Facts, type GrantFacts, isSuspended } from './facts.ts';
import { chooseGrant, type GrantChoice } from './grant-choice.ts';
import { isEligible } from './institution.ts';
import { tokenOf } from './personal-token.ts';
import type { Reason } from './reasons.ts';
import { effectiveRoles, type Role } from './roles.ts';

/** What is the same for every modality of one person's operation. */
export interface Person {
  /** False where there is no account behind the actor. */
  readonly known: boolean;
  readonly roles: readonly Role[];
  readonly grant: GrantFacts | null;
  readonly reasons: readonly Reason[];
  /** Unmet only where the modality's class asks for the agreement. */
  readonly agreementReason: Reason | null;
  readonly agreementVersion: number | null;
  /** Milliseconds since 1970. */
  readonly validUntil: number;
}

interface Agreement {
  readonly unmet: Reason | null;
  readonly version: number | null;
  readonly until: number;
}

const agreementOf = (actor: AccountActor, choice: GrantChoice, facts: Facts, now: Date): Agreement => {
  const { grant } = choice;
  if (grant === null) {
    // With several grants and none named it is unknown whose agreement is meant: naming one comes first.
    const unnamed = choice.reasons.some(({ code }) => code === 'GRANT_NOT_NAMED');
    return { unmet: unnamed ? null : reason('AGREEMENT_UNSIGNED'), version: null, until: Number.POSITIVE_INFINITY };
  }
  const standing = (signatures: GrantFacts['signatures']) =>
    agreementStanding(facts.agreements, signatures, now, facts.policy.timeZone);
  const member = standing(
    grant.signatures.filter(({ as, accountId }) => as === 'MEMBER' && accountId === actor.accountId),
  );
  const official = standing(grant.signatures.filter(({ as }) => as === 'OFFICIAL'));
  if (member.standing === 'SIGNED' && official.standing === 'SIGNED') {
    const until = Math.min(member.until ?? Number.POSITIVE_INFINITY, official.until ?? Number.POSITIVE_INFINITY);
    return { unmet: null, version: member.signed, until };
  }
  const unsigned = member.standing === 'UNSIGNED' || official.standing === 'UNSIGNED';
  const unmet = reason(unsigned ? 'AGREEMENT_UNSIGNED' : 'AGREEMENT_OUTDATED', grant.id);
  return { unmet, version: null, until: Number.POSITIVE_INFINITY };
};

/** Roles that count for an actor; none where there is no account of ours behind it. */
export const rolesOf = (actor: Actor, facts: Facts): readonly Role[] =>
  actor.kind === 'account' && facts.account?.id === actor.accountId ? effectiveRoles(facts.account.roles) : [];

/** Everything about a person that does not depend on the modality. */
export const personOf = (actor: AccountActor, facts: Facts, now: Date): Person => {
  const { account, institution, policy } = facts;
  if (account === null || account.id !== actor.accountId) {
    const nobody = { grant: null, agreementReason: null, agreementVersion: null };
    return { known: false, roles: [], reasons: [reason('NOT_SIGNED_IN')], validUntil: 0, ...nobody };
  }
  const roles = rolesOf(actor, facts);
  const choice = chooseGrant(actor, facts, now);
  const agreement = agreementOf(actor, choice, facts, now);
  const reasons: Reason[] = [...choice.reasons];
  if (isSuspended(account.suspensions, now)) reasons.push(reason('ACCOUNT_SUSPENDED'));
  const token = tokenOf(actor, facts.tokens, now);
  if (token === undefined) reasons.push(reason('TOKEN_ENDED'));
  if (!roles.includes('researcher')) reasons.push(reason('ROLE_MISSING', 'researcher'));
  const own = institution !== null && institution.id === account.institutionId ? institution : null;
  // A grant is its institution's: who has moved on does not take it along.
  const elsewhere = choice.grant !== null && choice.grant.institutionId !== account.institutionId;
  if (elsewhere || !isEligible(own, policy, now)) reasons.push(reason('INSTITUTION_INELIGIBLE', account.institutionId));
  return {
    known: true,
    roles,
    grant: choice.grant,
    reasons,
    agreementReason: agreement.unmet,
    agreementVersion: agreement.version,
    validUntil: Math.min(
      choice.grant?.end.getTime() ?? Number.POSITIVE_INFINITY,
      agreement.until,
      token?.expiresAt.getTime() ?? Number.POSITIVE_INFINITY,
    ),
  };
};
