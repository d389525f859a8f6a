import type { AuditFilter, AuditOrder } from '../../../schema/services/audit.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

/** A row of the log, as it is shown and exported. */
export interface AuditRow extends Record<string, unknown> {
  seq: number;
  id: string;
  position: number | null;
  at: Date;
  action: string;
  accountId: string | null;
  grantId: string | null;
  text: string;
  hash: string;
  link: string | null;
}

/** A filter whose names were looked up. Null in a field: of no matter; `nothing`: what it names does not exist. */
export interface AuditWhere extends Omit<AuditFilter, 'account' | 'release'> {
  accountId: string | null;
  releaseId: string | null;
  nothing: boolean;
  /** Of files of this check-in and this kind alone; null: of none. */
  file?: { readonly kind: string | null; readonly submission: string | null };
}

// As the indexes of the migration have them, word for word.
const REQUEST = `substring(text from '"request":"([0-9a-f-]{36})"')`;
const RELEASE = `substring(text from '"releases?":\\[?"([0-9a-f-]{36})"')`;
const SEVERAL = `text ~ '"releases":\\["[0-9a-f-]{36}",'`;

// The text is canonical JSON, so that a name and its value stand there in one way.
export const KIND = `substring(text from '"kind":"([A-Z_]+)"')`;
export const SUBMISSION = `substring(text from '"submission":"([0-9a-f-]{36})"')`;

const COLUMNS = `e.seq, e.id, l.position, e.at, e.action, e.account_id AS "accountId", e.grant_id AS "grantId", e.text, e.hash, l.hash AS link`;

/** Looks up whom and what a filter names. */
export async function whereOf(sql: Sql, filter: AuditFilter, defaultStudy: string): Promise<AuditWhere> {
  const { account, release, ...rest } = filter;
  const accountId = account === null || isUuid(account) ? account : await accountNamed(sql, account);
  const releaseId = release === null || isUuid(release) ? release : await releaseNamed(sql, release, defaultStudy);
  const unknown = [
    account !== null && accountId === null,
    release !== null && releaseId === null,
    rest.grant !== null && !isUuid(rest.grant),
    rest.request !== null && !isUuid(rest.request),
  ];
  return { ...rest, accountId, releaseId, nothing: unknown.includes(true) };
}

async function accountNamed(sql: Sql, name: string): Promise<string | null> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT id FROM account WHERE username = $1 OR lower(email) = lower($1) ORDER BY username = $1 DESC, created_at LIMIT 1',
    [name],
  );
  return rows[0]?.id ?? null;
}

async function releaseNamed(sql: Sql, version: string, study: string): Promise<string | null> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT r.id FROM release r JOIN study s ON s.id = r.study_id WHERE s.key = $1 AND r.version = $2',
    [study, version],
  );
  return rows[0]?.id ?? null;
}

/** Where a page goes on: time in milliseconds and number of the last entry. */
export interface AuditCursor {
  at: Date;
  seq: number;
}

export const cursorText = ({ at, seq }: AuditCursor): string =>
  Buffer.from(`${at.getTime()}.${seq}`).toString('base64url');

export function parseCursor(text: string): AuditCursor | null {
  const parts = /^(-?\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  return parts ? { at: new Date(Number(parts[1])), seq: Number(parts[2]) } : null;
}

/**
 * Entries in the order of time, and of number within one instant: a walk along the index of the filter. Several actions, and reads of several releases,
 * are walks of their own that are merged.
 */
export async function auditRows(
  sql: Sql,
  where: AuditWhere,
  page: { order: AuditOrder; limit: number; after: AuditCursor | null },
): Promise<AuditRow[]> {
  if (where.nothing || where.actions?.length === 0) return [];
  const values: unknown[] = [];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const direction = page.order === 'NEWEST_FIRST' ? 'DESC' : 'ASC';
  const all: string[] = [];
  if (where.accountId !== null) all.push(`account_id = ${value(where.accountId)}`);
  if (where.grant !== null) all.push(`grant_id = ${value(where.grant)}`);
  if (where.request !== null) all.push(`${REQUEST} = ${value(where.request.toLowerCase())}`);
  if (where.from !== null) all.push(`at >= ${value(where.from)}`);
  if (where.to !== null) all.push(`at < ${value(where.to)}`);
  if (where.file) {
    all.push(`${KIND} IS NOT DISTINCT FROM ${value(where.file.kind)}`);
    all.push(`${SUBMISSION} IS NOT DISTINCT FROM ${value(where.file.submission)}`);
  }
  if (page.after !== null)
    all.push(`(at, seq) ${direction === 'DESC' ? '<' : '>'} (${value(page.after.at)}, ${value(page.after.seq)})`);
  const limit = value(page.limit);
  let walks = [all];
  if (where.actions !== null) {
    const actions = where.actions.map((action) => `action = ${value(action)}`);
    walks = actions.flatMap((action) => walks.map((walk) => [...walk, action]));
  }
  if (where.releaseId !== null) {
    const release = value(where.releaseId.toLowerCase());
    const among = `strpos(text, '"' || ${release} || '"') > 0`;
    walks = walks.flatMap((walk) => [
      [...walk, `${RELEASE} = ${release}`],
      [...walk, SEVERAL, `${RELEASE} <> ${release}`, among],
    ]);
  }
  const order = `ORDER BY at ${direction}, seq ${direction} LIMIT ${limit}`;
  const one = (walk: readonly string[]): string =>
    `SELECT seq, at FROM audit_entry ${walk.length > 0 ? `WHERE ${walk.join(' AND ')}` : ''} ${order}`;
  const found =
    walks.length === 1 ? one(walks[0]!) : `${walks.map((walk) => `(${one(walk)})`).join(' UNION ALL ')} ${order}`;
  const { rows } = await sql.query<AuditRow>(
    `WITH found AS MATERIALIZED (${found}) SELECT ${COLUMNS} FROM found f JOIN audit_entry e ON e.seq = f.seq LEFT JOIN audit_link l ON l.entry_seq = e.seq
     ORDER BY e.at ${direction}, e.seq ${direction}`,
    values,
  );
  return rows;
}

/** The sealed log in its own order, from a position to another: what proves itself. More than asked for where several share the last position of a page. */
export async function sealedRows(sql: Sql, from: number | string, to: number, limit: number): Promise<AuditRow[]> {
  const { rows } = await sql.query<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_link l JOIN audit_entry e ON e.seq = l.entry_seq WHERE l.position BETWEEN $1 AND $2 ORDER BY l.position FETCH FIRST $3 ROWS WITH TIES`,
    [from, to, limit],
  );
  return rows;
}
