import { timingSafeEqual } from 'node:crypto';
import { isTokenText, tokenSha256 } from '../../governance/personal-token.ts';
import { isRole, type Role } from '../../governance/roles.ts';
import { type Database, named } from '../adapters/database/database.ts';

export type TokenLookup =
  | {
      readonly ok: true;
      readonly id: string;
      readonly accountId: string;
      readonly grantId: string;
      readonly roles: readonly Role[];
    }
  | {
      readonly ok: false;
      readonly code: 'TOKEN_MALFORMED' | 'TOKEN_UNKNOWN' | 'TOKEN_EXPIRED' | 'TOKEN_ENDED';
      readonly reason: string;
    }
  | {
      readonly ok: false;
      readonly code: 'TOO_MANY_BAD_TOKENS';
      readonly reason: string;
      readonly retryAfterSeconds: number;
    };

export interface PersonalTokens {
  /** Who comes with this token. @param ip address of the sender, which may try only so many that are none */
  find(token: string, ip: string): Promise<TokenLookup>;
}

/** Unknown tokens that an address may send in a minute; then it is not looked for any more, but for tokens that were good a moment ago. */
const BAD_A_MINUTE = 30;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;
const MOST_GOOD = 1_000;

interface Row extends Record<string, unknown> {
  id: string;
  sha256: string;
  accountId: string;
  grantId: string;
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedOn: string | null;
  roles: string[];
}

const SELECT = named(
  'personal_token',
  `SELECT t.id, t.sha256, t.account_id AS "accountId", t.grant_id AS "grantId", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt",
    t.last_used_on::text AS "lastUsedOn", ARRAY(SELECT role FROM account_role r WHERE r.account_id = t.account_id) AS roles
  FROM personal_token t WHERE t.sha256 = $1`,
);

const MALFORMED = {
  ok: false,
  code: 'TOKEN_MALFORMED',
  reason: 'This is no personal token: it is cut off or mistyped. Copy it whole, iss_ and 49 letters and digits.',
} as const;
const UNKNOWN = { ok: false, code: 'TOKEN_UNKNOWN', reason: 'There is no such personal token.' } as const;
const EXPIRED = {
  ok: false,
  code: 'TOKEN_EXPIRED',
  reason: 'The personal token has expired: make another (iss token create).',
} as const;
const ENDED = {
  ok: false,
  code: 'TOKEN_ENDED',
  reason: 'The personal token was ended: by somebody who may, or with the grant, role or account that it stood on.',
} as const;

/**
 * Looks personal tokens up by their SHA-256: how long that takes says nothing of a token that one does not hold. Nothing is remembered of what a token
 * may: the row is read each time. What is mistyped never reaches the database.
 */
export function personalTokens(database: Database, now: () => Date): PersonalTokens {
  const bad = new Map<string, { since: number; count: number }>();
  const good = new Set<string>();

  /** Whether the minute that began then still runs; a clock that was set back begins another. */
  const runs = (since: number, at: number): boolean => at >= since && at - since < WINDOW_MS;

  function waits(ip: string, at: number): number {
    const known = bad.get(ip);
    if (known === undefined || !runs(known.since, at) || known.count < BAD_A_MINUTE) return 0;
    return Math.max(1, Math.ceil((known.since + WINDOW_MS - at) / 1000));
  }

  function countBad(ip: string, at: number): void {
    const known = bad.get(ip);
    if (known !== undefined && runs(known.since, at)) known.count += 1;
    else bad.set(ip, { since: at, count: 1 });
    const oldest = bad.keys().next().value;
    if (bad.size > MOST_ADDRESSES && oldest !== undefined) bad.delete(oldest);
  }

  function remember(sha256: string): void {
    good.delete(sha256);
    good.add(sha256);
    const oldest = good.values().next().value;
    if (good.size > MOST_GOOD && oldest !== undefined) good.delete(oldest);
  }

  return {
    async find(token, ip) {
      if (!isTokenText(token)) return MALFORMED;
      const sha256 = tokenSha256(token);
      const at = now();
      const seconds = good.has(sha256) ? 0 : waits(ip, at.getTime());
      if (seconds > 0) {
        const reason = `Too many tokens from here that are none. Try again in ${seconds} s.`;
        return { ok: false, code: 'TOO_MANY_BAD_TOKENS', reason, retryAfterSeconds: seconds };
      }
      const { rows } = await database.query<Row>(SELECT, [sha256]);
      const row = rows[0];
      if (row === undefined || !timingSafeEqual(Buffer.from(row.sha256), Buffer.from(sha256))) {
        countBad(ip, at.getTime());
        return UNKNOWN;
      }
      // Who holds one that was good guesses nothing: a script left running must not shut out everybody at its address.
      if (row.revokedAt !== null) {
        good.delete(sha256);
        return ENDED;
      }
      if (row.expiresAt <= at) return EXPIRED;
      remember(sha256);
      const today = at.toISOString().slice(0, 10);
      // One write a day and token. A day only: when somebody works is nobody's business.
      if (row.lastUsedOn !== today)
        await database.query(
          'UPDATE personal_token SET last_used_on = $2 WHERE id = $1 AND last_used_on IS DISTINCT FROM $2::date',
          [row.id, today],
        );
      const { id, accountId, grantId } = row;
      return { ok: true, id, accountId, grantId, roles: row.roles.filter(isRole) };
    },
  };
}
