import type { AccountActor } from './actor.ts';
import type { Facts, GrantFacts } from './facts.ts';
import type { Reason, ReasonCode } from './reasons.ts';

export interface GrantChoice {
  /** The grant that the person acts for; null when there is none, or none could be chosen. */
  readonly grant: GrantFacts | null;
  readonly reasons: readonly Reason[];
}

const BY_STATE = {
  ACTIVE: null,
  SUSPENDED: 'GRANT_SUSPENDED',
  REVOKED: 'GRANT_REVOKED',
  EXPIRED: 'GRANT_EXPIRED',
  CLOSED: 'GRANT_CLOSED',
} as const satisfies Record<GrantFacts['state'], ReasonCode | null>;

/** What keeps a grant from being in force, all of it. */
const grantReasons = (grant: GrantFacts, now: Date): readonly Reason[] => {
  const codes = new Set<ReasonCode>();
  const byState = BY_STATE[grant.state];
  if (byState !== null) codes.add(byState);
  if (now < grant.start) codes.add('GRANT_NOT_STARTED');
  if (now >= grant.end) codes.add('GRANT_EXPIRED');
  return [...codes].map((code) => ({ code, subject: grant.id }));
};

const none = (code: ReasonCode, subject: string | null = null): GrantChoice => ({
  grant: null,
  reasons: [{ code, subject }],
});

/**
 * The grant that somebody acts for. Grants are never added up: the one that a token is bound to, else the one named,
 * else the only one in force. With several in force and none named nothing is chosen. With none in force the one that
 * lasts longest tells why.
 */
export const chooseGrant = (actor: AccountActor, facts: Facts, now: Date): GrantChoice => {
  const bound = actor.tokenGrantId ?? null;
  const named = actor.grantId ?? null;
  if (bound !== null && named !== null && bound !== named) return none('NO_GRANT', named);
  const wanted = bound ?? named;
  const mine = facts.grants.filter(({ members }) => members.includes(actor.accountId));
  if (wanted !== null) {
    const grant = mine.find(({ id }) => id === wanted);
    return grant === undefined ? none('NO_GRANT', wanted) : { grant, reasons: grantReasons(grant, now) };
  }
  const inForce = mine.filter((grant) => grantReasons(grant, now).length === 0);
  if (inForce.length > 1) return none('GRANT_NOT_NAMED');
  const grant =
    inForce[0] ??
    mine.reduce<GrantFacts | null>((best, next) => (best === null || next.end > best.end ? next : best), null);
  return grant === null ? none('NO_GRANT') : { grant, reasons: grantReasons(grant, now) };
};
