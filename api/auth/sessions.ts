import { createHash } from 'node:crypto';
import { type Database, named, type Sql } from '../adapters/database/database.ts';
import type { IdentityProvider, TokenSet } from '../adapters/identity/identity.ts';
import {
  ACCOUNT_COLUMNS,
  ACCOUNT_FROM,
  type AccountRow,
  type AuthAccount,
  accountOf,
  type SyncOptions,
  syncAccount,
} from './accounts.ts';
import type { AuthEvent } from './auth-event.ts';
import type { Sealer } from './seal.ts';
import { createTurns } from './turns.ts';

/** A session's tokens are renewed once they are this old, in ms: so long a change in the realm alone can go unseen. */
export const RENEW_AFTER_MS = 60_000;
/** A session that was not used for this long has ended, in ms. */
export const IDLE_MS = 2 * 3_600_000;
/** No session lives longer, in ms. */
export const ABSOLUTE_MS = 12 * 3_600_000;

export interface PortalSession {
  id: string;
  account: AuthAccount;
  expiresAt: Date;
  /** When its bearer gave their second factor; null where they did not. A renewal does not change it. */
  secondFactorAt: Date | null;
}

export type SessionLookup =
  | { kind: 'session'; session: PortalSession }
  /** No such session, or it is over. */
  | { kind: 'none' }
  /** It may live, but the realm cannot be asked. */
  | { kind: 'unavailable' };

export interface Sessions {
  /** Makes a session and returns the cookie's value, which is stored nowhere. */
  start(
    accountId: string,
    tokens: TokenSet,
    secondFactorAt?: Date | null,
  ): Promise<{ cookie: string; expiresAt: Date }>;
  /** The session behind a cookie's value, with the roles of this moment; renews its tokens when they are due. */
  find(cookie: string): Promise<SessionLookup>;
  /** Ends the session; with `everywhere` the realm's too, as far as it can be reached. */
  end(cookie: string, options: { everywhere: boolean }): Promise<{ accountId: string } | undefined>;
  /** Removes sessions that are over. */
  purge(): Promise<number>;
}

interface SessionOptions extends SyncOptions {
  database: Database;
  identity: IdentityProvider;
  sealer: Sealer;
  random: (bytes: number) => Buffer;
}

type SessionRow = AccountRow & {
  sessionId: string;
  sealedTokens: string;
  createdAt: Date;
  renewedAt: Date;
  expiresAt: Date;
  secondFactorAt: Date | null;
};

const SELECT = `SELECT p.id AS "sessionId", p.sealed_tokens AS "sealedTokens", p.created_at AS "createdAt",
    p.renewed_at AS "renewedAt", p.expires_at AS "expiresAt", p.second_factor_at AS "secondFactorAt", ${ACCOUNT_COLUMNS}
  FROM portal_session p JOIN ${ACCOUNT_FROM} ON a.id = p.account_id WHERE p.id = $1`;

const idOf = (cookie: string): string => createHash('sha256').update(cookie).digest('hex');

/** Portal sessions: rows that hold the hash of a random cookie and the realm's refresh token, sealed. */
export function createSessions(options: SessionOptions): Sessions {
  const { database, identity, sealer, now, observe } = options;
  const turns = createTurns(4);

  const lookUp = async (sql: Sql, id: string, lock = false): Promise<SessionRow | undefined> => {
    if (lock) await sql.query('SELECT 1 FROM portal_session WHERE id = $1 FOR UPDATE', [id]);
    const { rows } = await sql.query<SessionRow>(named('portal_session', SELECT), [id]);
    return rows[0];
  };
  const expiry = (createdAt: Date): Date =>
    new Date(Math.min(now().getTime() + IDLE_MS, createdAt.getTime() + ABSOLUTE_MS));
  const found = (row: SessionRow): SessionLookup => ({
    kind: 'session',
    session: {
      id: row.sessionId,
      account: accountOf(row),
      expiresAt: row.expiresAt,
      secondFactorAt: row.secondFactorAt,
    },
  });
  const isOver = (row: SessionRow): boolean => row.expiresAt.getTime() <= now().getTime();
  const isDue = (row: SessionRow): boolean => now().getTime() - row.renewedAt.getTime() >= RENEW_AFTER_MS;

  /** A refresh token works once: the row is locked while it is used, so that other requests and processes wait and then find the tokens fresh. */
  const renew = async (id: string): Promise<SessionLookup> => {
    const outcome = await database.transaction(async (sql): Promise<{ lookup: SessionLookup; events: AuthEvent[] }> => {
      const row = await lookUp(sql, id, true);
      if (!row || isOver(row)) return { lookup: { kind: 'none' }, events: [] };
      if (!isDue(row)) return { lookup: found(row), events: [] };
      const drop = async (reason: string): Promise<{ lookup: SessionLookup; events: AuthEvent[] }> => {
        await sql.query('DELETE FROM portal_session WHERE id = $1', [id]);
        return { lookup: { kind: 'none' }, events: [{ type: 'SESSION_ENDED', accountId: row.id, at: now(), reason }] };
      };
      const refreshToken = sealer.open(row.sealedTokens, id);
      if (refreshToken === undefined) return drop('its tokens cannot be opened');
      const tokens = await identity.refresh(refreshToken);
      if (!tokens.ok)
        return tokens.code === 'UNAVAILABLE'
          ? { lookup: { kind: 'unavailable' }, events: [] }
          : drop(`the realm refused: ${tokens.reason}`);
      await sql.query('UPDATE portal_session SET sealed_tokens = $2, renewed_at = $3, expires_at = $4 WHERE id = $1', [
        id,
        sealer.seal(tokens.refreshToken, id),
        now(),
        expiry(row.createdAt),
      ]);
      // Roles change in the same transaction: no request in between sees a fresh session with old roles.
      const { account, events } = await syncAccount(sql, tokens.token, options);
      if (account.id !== row.id) throw new Error('the realm renewed a session for somebody else');
      return { lookup: found((await lookUp(sql, id))!), events };
    });
    for (const event of outcome.events) observe(event);
    return outcome.lookup;
  };

  return {
    async start(accountId, tokens, secondFactorAt = null) {
      const cookie = options.random(32).toString('base64url');
      const id = idOf(cookie);
      const at = now();
      const expiresAt = expiry(at);
      await database.query(
        `INSERT INTO portal_session (id, account_id, sealed_tokens, created_at, renewed_at, expires_at, second_factor_at)
         VALUES ($1, $2, $3, $4, $4, $5, $6)`,
        [id, accountId, sealer.seal(tokens.refreshToken, id), at, expiresAt, secondFactorAt],
      );
      return { cookie, expiresAt };
    },
    async find(cookie) {
      const id = idOf(cookie);
      const row = await lookUp(database, id);
      if (!row || isOver(row)) return { kind: 'none' };
      return isDue(row) ? turns.take(id, () => renew(id)) : found(row);
    },
    async end(cookie, { everywhere }) {
      const id = idOf(cookie);
      const { rows } = await database.query<{ accountId: string; sealedTokens: string }>(
        'DELETE FROM portal_session WHERE id = $1 RETURNING account_id AS "accountId", sealed_tokens AS "sealedTokens"',
        [id],
      );
      const ended = rows[0];
      if (!ended) return undefined;
      const refreshToken = sealer.open(ended.sealedTokens, id);
      // When the realm cannot be reached its session ends by itself later; ours is gone now.
      if (everywhere && refreshToken !== undefined) await identity.endSession(refreshToken);
      return { accountId: ended.accountId };
    },
    async purge() {
      const { rowCount } = await database.query('DELETE FROM portal_session WHERE expires_at < $1', [now()]);
      return rowCount ?? 0;
    },
  };
}
