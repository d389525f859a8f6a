import type { Sql } from '../adapters/database/database.ts';
import { hasStoppedSharing } from './withdrawals/stopped-sharing.ts';

/** What can be made with patients: more kinds may follow, as the table takes any word. */
export type LineageSubject = 'RUN' | 'EXPORT' | 'CHECKPOINT' | 'EMBEDDING';

/**
 * Writes with whom something was made, in the transaction in which it comes to be, before that holds anything else: a withdrawal waits for these
 * patients, or is waited for.
 * @returns false where somebody of them has withdrawn from sharing meanwhile: then it must not come to be
 */
export async function writeLineage(
  sql: Sql,
  of: { subject: LineageSubject; id: string; patients: readonly string[] },
): Promise<boolean> {
  await sql.query('SELECT 1 FROM patient WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE', [of.patients]);
  const { rows } = await sql.query(
    `SELECT 1 FROM unnest($1::uuid[]) p(id) WHERE ${hasStoppedSharing('p.id')} LIMIT 1`,
    [of.patients],
  );
  if (rows.length > 0) return false;
  await sql.query(
    `INSERT INTO lineage (subject, subject_id, patient_id) SELECT $1, $2, p FROM unnest($3::uuid[]) p ON CONFLICT DO NOTHING`,
    [of.subject, of.id, of.patients],
  );
  return true;
}

/** Which of these results are marked by a withdrawal that stands. */
export async function markedSubjects(
  sql: Sql,
  subject: LineageSubject,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT DISTINCT m.subject_id AS id FROM withdrawal_mark m JOIN withdrawal w ON w.id = m.withdrawal_id
     WHERE m.subject = $1 AND m.subject_id = ANY ($2::uuid[]) AND w.taken_back_at IS NULL`,
    [subject, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Which of these are held back now: made with somebody of whom the reader may not see all that it was made from. Whoever gives out checkpoints and
 * embeddings asks this: a withdrawal, a consent that has ended and one that was narrowed are one to it.
 * @param visible ids of patients whom the reader may see now, with every kind of data that it was made from
 */
export async function heldBack(
  sql: Sql,
  subject: LineageSubject,
  ids: readonly string[],
  visible: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT DISTINCT subject_id AS id FROM lineage WHERE subject = $1 AND subject_id = ANY ($2::uuid[]) AND NOT patient_id = ANY ($3::uuid[])`,
    [subject, ids, [...visible]],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Codes of patients of a release who have withdrawn from sharing: they stand in no result any more, however old. */
export async function withdrawnOf(sql: Sql, releaseId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ code: string }>(
    `SELECT p.code FROM release_patient p WHERE p.release_id = $1 AND ${hasStoppedSharing('p.patient_id')}`,
    [releaseId],
  );
  return new Set(rows.map(({ code }) => code));
}

/** Codes in a release of everybody whom a run was made from and who has not withdrawn since, in order. */
export async function madeFrom(sql: Sql, runId: string, releaseId: string): Promise<readonly string[]> {
  const { rows } = await sql.query<{ code: string }>(
    `SELECT p.code FROM lineage l JOIN release_patient p ON p.patient_id = l.patient_id AND p.release_id = $2
     WHERE l.subject = 'RUN' AND l.subject_id = $1 ORDER BY p.code COLLATE "C"`,
    [runId, releaseId],
  );
  const withdrawn = await withdrawnOf(sql, releaseId);
  return rows.flatMap(({ code }) => (withdrawn.has(code) ? [] : [code]));
}
