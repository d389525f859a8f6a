import { createHash } from 'node:crypto';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Sql } from '../../database/database.ts';

/** Models whose id is the secret itself: the table holds its hash, so that who reads the table holds no token. */
const SECRET_IDS = new Set(['RefreshToken', 'AuthorizationCode']);
/** Models that end with their grant. */
const OF_A_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode']);

/** Where oidc-provider keeps sessions, grants, codes and refresh tokens: table oidc_record, one row each, so that a restart signs nobody out. */
export class OidcRecords implements Adapter {
  readonly #model: string;
  readonly #sql: Sql;
  readonly #now: () => Date;

  constructor(model: string, sql: Sql, now: () => Date) {
    this.#model = model;
    this.#sql = sql;
    this.#now = now;
  }

  #key(id: string): string {
    const name = SECRET_IDS.has(this.#model) ? createHash('sha256').update(id).digest('base64url') : id;
    return `${this.#model}:${name}`;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const stored = SECRET_IDS.has(this.#model) ? { ...payload, jti: undefined } : payload;
    const expiresAt = expiresIn === undefined ? null : new Date(this.#now().getTime() + expiresIn * 1000);
    await this.#sql.query(
      `INSERT INTO oidc_record (id, payload, grant_id, user_code, uid, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
         user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
      [
        this.#key(id),
        JSON.stringify(stored),
        OF_A_GRANT.has(this.#model) ? (payload.grantId ?? null) : null,
        payload.userCode ?? null,
        this.#model === 'Session' ? (payload.uid ?? null) : null,
        expiresAt,
      ],
    );
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#first('id = $1', this.#key(id));
    return found && SECRET_IDS.has(this.#model) ? { ...found, jti: id } : found;
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#first('uid = $1', uid);
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#first('user_code = $1', userCode);
  }

  async #first(where: string, value: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.#sql.query<{ payload: AdapterPayload }>(
      `SELECT payload FROM oidc_record WHERE ${where}`,
      [value],
    );
    return rows[0]?.payload;
  }

  /** @throws InvalidGrant when somebody else used it up first: of two simultaneous uses one wins */
  async consume(id: string): Promise<void> {
    const { rowCount } = await this.#sql.query(
      `UPDATE oidc_record SET payload = jsonb_set(payload, '{consumed}', to_jsonb($2::bigint))
       WHERE id = $1 AND NOT payload ? 'consumed'`,
      [this.#key(id), Math.floor(this.#now().getTime() / 1000)],
    );
    if (rowCount === 0) throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    await this.#sql.query('DELETE FROM oidc_record WHERE id = $1', [this.#key(id)]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#sql.query('DELETE FROM oidc_record WHERE grant_id = $1', [grantId]);
  }
}

/** Removes what ended more than a day ago (later than that nobody asks for the difference between expired and unknown). */
export async function purgeOidcRecords(sql: Sql, now: Date): Promise<number> {
  const { rowCount } = await sql.query('DELETE FROM oidc_record WHERE expires_at < $1', [
    new Date(now.getTime() - 86_400_000),
  ]);
  return rowCount ?? 0;
}
