import { z } from 'zod';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { REPLAYED } from './awaited-endings.ts';

type Row = Record<string, unknown>;
interface Deps {
  readonly clock: Clock;
}

/** Somebody's account; whoever was seen after the backup alone is made again, with nothing but who they are at the provider. */
export async function accountOf(sql: Sql, id: unknown, row: unknown, { clock }: Deps): Promise<string> {
  const { issuer, subject } = z.object({ issuer: z.string(), subject: z.string() }).parse(row);
  const named = `restored-${String(id).slice(-12)}`;
  await sql.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, $2, $3, $4, $4, '', $5) ON CONFLICT DO NOTHING`,
    [id, issuer, subject, named, clock.now()],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM account WHERE issuer = $1 AND subject = $2', [
    issuer,
    subject,
  ]);
  return rows[0]!.id;
}

const INSTITUTION = z.object({
  name: z.string(),
  ror: z.string().nullable(),
  country: z.string(),
  standing: z.string(),
});

/**
 * The institution meant; one that came after the backup is entered again, as it stood: whoever registers it anew finds what it was given.
 * @returns null for one of a journal that says no more than its id
 */
export async function institutionOf(sql: Sql, id: string, row: unknown, { clock }: Deps): Promise<string | null> {
  const known = await sql.query('SELECT 1 FROM institution WHERE id = $1', [id]);
  if (known.rows.length > 0) return id;
  const read = INSTITUTION.safeParse(row);
  if (!read.success) return null;
  const { name, ror, country, standing } = read.data;
  await sql.query(
    `INSERT INTO institution (id, name, ror, country, standing, standing_reason, created_at) VALUES ($1, $2, $3, $4, $5, '${REPLAYED}', $6) ON CONFLICT (ror) DO NOTHING`,
    [id, name, ror, country, standing, clock.now()],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM institution WHERE id = $1 OR ror = $2', [id, ror]);
  return rows[0]?.id ?? null;
}

/** Not of use for what is open, and so not entered again where it is not there. */
const OPEN_STANDINGS = ['VERIFIED', 'UNVERIFIED'];

export async function replayInstitution(sql: Sql, row: Row, deps: Deps): Promise<boolean> {
  const { id, standing } = z.looseObject({ id: z.uuid(), standing: z.string() }).parse(row);
  const there = OPEN_STANDINGS.includes(standing)
    ? (await sql.query<{ id: string }>('SELECT id FROM institution WHERE id = $1', [id])).rows[0]?.id
    : await institutionOf(sql, id, row.institution, deps);
  if (there == null) return false;
  await sql.query(
    `UPDATE institution i SET standing = n.standing, standing_at = n.standing_at, standing_reason = '${REPLAYED}', standing_by = NULL
     FROM jsonb_populate_record(NULL::institution, $1::jsonb) n WHERE i.id = $2`,
    [JSON.stringify(row), there],
  );
  return true;
}

/** Who declared themself somebody's co-author decides nothing about them; the other's address is known by its SHA-256. */
export async function replayCoAuthor(sql: Sql, row: Row, deps: Deps): Promise<boolean> {
  const account_id = await accountOf(sql, row.account_id, row, deps);
  const other_id = row.other == null ? null : await accountOf(sql, row.other_id, row.other, deps);
  await sql.query(
    `INSERT INTO co_author (id, account_id, other_id, other_named, last_published_on, declared_at)
     SELECT n.id, n.account_id, n.other_id, n.other_named, n.last_published_on, n.declared_at FROM jsonb_populate_record(NULL::co_author, $1::jsonb) n ON CONFLICT DO NOTHING`,
    [JSON.stringify({ ...row, account_id, other_id })],
  );
  return true;
}

/** A declaration that was taken back; one that was declared after the backup stands before it in the journal. */
export async function replayCoAuthorWithdrawal(sql: Sql, row: Row): Promise<boolean> {
  const { rowCount } = await sql.query(
    `INSERT INTO co_author_withdrawal (co_author_id, withdrawn_at) SELECT c.id, n.withdrawn_at
     FROM jsonb_populate_record(NULL::co_author_withdrawal, $1::jsonb) n JOIN co_author c ON c.id = n.co_author_id ON CONFLICT DO NOTHING`,
    [JSON.stringify(row)],
  );
  return (rowCount ?? 0) > 0;
}
