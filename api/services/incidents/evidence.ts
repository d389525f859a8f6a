import { sha256 } from '../../../governance/canonical.ts';
import type { EvidenceSpan } from '../../../schema/services/safety.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** Entries of one gathering at most: a span that has more is asked for in parts. */
export const MOST_ENTRIES = 100_000;

export interface Gathered {
  /** Ids of entries, in the order of their writing. */
  readonly entries: readonly string[];
  readonly sha256: string;
}

/** SHA-256 over a line for each entry, its id and the SHA-256 of its text. */
const digestOf = (entries: readonly { readonly id: string; readonly hash: string }[]): string =>
  sha256(entries.map(({ id, hash }) => `${id} ${hash}\n`).join(''));

/** The log's entries of these grants or accounts in a span of time; null where they are too many. */
export async function gather(
  sql: Sql,
  { grants, accounts, from, until }: EvidenceSpan & { until: Date },
): Promise<Gathered | null> {
  const { rows } = await sql.query<{ id: string; hash: string }>(
    `SELECT id, hash FROM audit_entry WHERE at >= $1 AND at < $2 AND (grant_id = ANY($3::uuid[]) OR account_id = ANY($4::uuid[]))
     ORDER BY seq LIMIT ${MOST_ENTRIES + 1}`,
    [from, until, grants, accounts],
  );
  return rows.length > MOST_ENTRIES ? null : { entries: rows.map(({ id }) => id), sha256: digestOf(rows) };
}

/** Whether the log still holds every entry as it was when it was gathered; its hashes are made anew from the texts. */
export async function isIntact(sql: Sql, { entries, sha256: then }: Gathered): Promise<boolean> {
  const { rows } = await sql.query<{ id: string; hash: string }>(
    `SELECT g.id, encode(sha256(convert_to(e.text, 'UTF8')), 'hex') AS hash
     FROM unnest($1::uuid[]) WITH ORDINALITY g(id, n) JOIN audit_entry e ON e.id = g.id ORDER BY g.n`,
    [entries],
  );
  return rows.length === entries.length && digestOf(rows) === then;
}
