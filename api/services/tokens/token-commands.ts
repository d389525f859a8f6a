import type { Actor } from '../../../governance/actor.ts';
import { chooseGrant } from '../../../governance/grant-choice.ts';
import { latestExpiry, TOKEN_BYTES, tokenSha256, tokenText } from '../../../governance/personal-token.ts';
import { describeReason } from '../../../governance/reasons.ts';
import type { TokenCommands, TokenDetails } from '../../../schema/services/tokens.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { loadFacts } from '../read/facts.ts';
import { isUuid } from '../uuid.ts';

interface Row extends Omit<TokenDetails, 'owner' | 'state'>, Record<string, unknown> {
  accountId: string;
}

const SELECT = `SELECT id, name, grant_id AS "grantId", account_id AS "accountId", created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_on::text AS "lastUsedOn", revoked_at AS "endedAt", revoked_why AS "endedWhy" FROM personal_token`;
const LONGEST_NAME = 100;
const MOST_LIVING = 20;
const MOST_LISTED = 500;

const unknownGrant = {
  ok: false,
  code: 'GRANT_UNKNOWN',
  message: 'You belong to no such grant; iss whoami lists yours.',
} as const;
const unknownToken = { ok: false, code: 'TOKEN_UNKNOWN', message: 'There is no such token.' } as const;

/** Personal tokens by one actor: made for one grant of theirs, listed, ended. */
export function tokenCommands(deps: CommandDeps, actor: Actor): TokenCommands {
  const { database, clock, ids, audit } = deps;
  const permit = permitOf(deps, actor);

  async function details(sql: Sql, where: string, values: unknown[]): Promise<TokenDetails[]> {
    const { rows } = await sql.query<Row>(
      `${SELECT} WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ${MOST_LISTED}`,
      values,
    );
    const people = await peopleOf(
      sql,
      rows.map(({ accountId }) => accountId),
    );
    const now = clock.now();
    return rows.map(({ accountId, ...row }) => ({
      ...row,
      owner: people.get(accountId) ?? null,
      state: row.endedAt !== null ? 'ENDED' : row.expiresAt <= now ? 'EXPIRED' : 'ACTIVE',
    }));
  }

  const one = async (sql: Sql, id: string): Promise<TokenDetails> => {
    const [token] = await details(sql, 'id = $1', [id]);
    if (token === undefined) throw new Error('a token that was just there is gone');
    return token;
  };

  /** The study that a grant is of; null where the person has no such grant. Held, so that what would end a token of it waits until there is one. */
  async function studyOf(sql: Sql, grantId: string, accountId: string): Promise<string | null> {
    if (!isUuid(grantId)) return null;
    const { rows } = await sql.query<{ key: string }>(
      `SELECT s.key FROM data_grant g JOIN study s ON s.id = g.study_id JOIN grant_member m ON m.grant_id = g.id
       WHERE g.id = $1 AND m.account_id = $2 AND m.removed_at IS NULL FOR SHARE OF g, m`,
      [grantId, accountId],
    );
    return rows[0]?.key ?? null;
  }

  return {
    async create({ grantId, name: given, expiresAt: wished }) {
      const about = { command: 'createToken', wanted: grantId };
      const allowed = await permit('CREATE_TOKEN', about);
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      const name = given.trim();
      if (name === '' || name.length > LONGEST_NAME || /\p{Cc}|\p{Cf}/u.test(name))
        return {
          ok: false,
          code: 'NAME_INVALID',
          message: `A name has 1 to ${LONGEST_NAME} characters, for instance of the machine that the token is for.`,
        };
      return database.transaction(async (sql) => {
        // One at a time for a person, so that two at once do not both find room.
        await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [accountId]);
        // As of now: whoever shut them out meanwhile ended the tokens that there were then.
        const still = await permit('CREATE_TOKEN', about, undefined, sql);
        if (!still.ok) return still;
        const study = await studyOf(sql, grantId, accountId);
        if (study === null) return unknownGrant;
        const now = clock.now();
        const facts = await loadFacts(sql, { accountId, study: { key: study }, now });
        const { grant, reasons } = chooseGrant({ kind: 'account', accountId, grantId }, facts, now);
        if (grant === null) return unknownGrant;
        if (reasons.length > 0)
          return {
            ok: false,
            code: 'GRANT_NOT_IN_FORCE',
            message: reasons.map((reason) => describeReason(reason).sentence).join(' '),
          } as const;
        const latest = latestExpiry(grant.end, facts.policy, now);
        const expiresAt = wished ?? latest;
        if (expiresAt <= now || expiresAt > latest)
          return {
            ok: false,
            code: 'EXPIRY_INVALID',
            message: `A token for this grant expires after now and by ${latest.toISOString()}: its grant's end, and ${facts.policy.tokenMaxDays} days at most.`,
          } as const;
        const { rows } = await sql.query<{ n: number }>(
          'SELECT count(*)::int AS n FROM personal_token WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2',
          [accountId, now],
        );
        if ((rows[0]?.n ?? 0) >= MOST_LIVING)
          return {
            ok: false,
            code: 'TOO_MANY_TOKENS',
            message: `Nobody has more than ${MOST_LIVING} tokens at a time: end one that is not used.`,
          } as const;
        const secret = tokenText(ids.random(TOKEN_BYTES));
        const id = ids.uuid();
        await sql.query(
          'INSERT INTO personal_token (id, sha256, account_id, grant_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
          [id, tokenSha256(secret), accountId, grantId, name, now, expiresAt],
        );
        await audit.write(sql, {
          accountId,
          grantId,
          action: 'CREATE_TOKEN',
          detail: { command: 'createToken', token: id, expiresAt: expiresAt.toISOString() },
        });
        return { ok: true, token: await one(sql, id), secret } as const;
      });
    },

    async revoke(id) {
      const known = isUuid(id)
        ? (
            await database.query<{ accountId: string }>(
              `SELECT account_id AS "accountId" FROM personal_token WHERE id = $1`,
              [id],
            )
          ).rows[0]
        : undefined;
      const own = actor.kind === 'account' && known?.accountId === actor.accountId;
      const allowed = await permit(own ? 'END_OWN_TOKEN' : 'END_TOKEN', { command: 'revokeToken', token: id });
      // Whether another's token exists is not told to who may not end it.
      if (!allowed.ok) return allowed;
      if (known === undefined) return unknownToken;
      const by = allowed.actor.accountId;
      return database.transaction(async (sql) => {
        const { rows } = await sql.query<{ grantId: string }>(
          `UPDATE personal_token SET revoked_at = $2, revoked_by = $3, revoked_why = 'REVOKED' WHERE id = $1 AND revoked_at IS NULL
           RETURNING grant_id AS "grantId"`,
          [id, clock.now(), by],
        );
        const grantId = rows[0]?.grantId;
        if (grantId !== undefined) {
          const detail = { command: 'revokeToken', token: id, owner: known.accountId };
          await audit.write(sql, { accountId: by, grantId, action: 'REVOKE_TOKEN', detail });
        }
        return { ok: true, token: await one(sql, id) } as const;
      });
    },

    async mine() {
      if (actor.kind !== 'account') return [];
      return details(database, 'account_id = $1 AND ($2::uuid IS NULL OR id = $2)', [
        actor.accountId,
        actor.tokenGrantId == null ? null : (actor.tokenId ?? ids.uuid()),
      ]);
    },

    async own(id) {
      if (actor.kind !== 'account' || !isUuid(id)) return null;
      return (await details(database, 'id = $1 AND account_id = $2', [id, actor.accountId]))[0] ?? null;
    },

    async list({ accountId, grantId }) {
      const allowed = await permit('END_TOKEN', { query: 'personalTokens' });
      if (!allowed.ok) return allowed;
      if ([accountId, grantId].some((id) => id !== null && !isUuid(id))) return { ok: true, value: [] };
      const where = '($1::uuid IS NULL OR account_id = $1) AND ($2::uuid IS NULL OR grant_id = $2)';
      return { ok: true, value: await details(database, where, [accountId, grantId]) };
    },
  };
}
