import { z } from 'zod';
import type { Sql } from '../../adapters/database/database.ts';
import { ANY_VIDEO } from './sealed-videos.ts';

/** In the place of what people wrote, which the journal does not keep. */
export const REPLAYED = 'Replayed from the journal of endings; the reason stands in the log of before.';

const OF_SOMEBODY = z.looseObject({
  id: z.uuid(),
  study: z.string(),
  code: z.string(),
  videos: z.array(z.string()).default([]),
  lifted_at: z.string().nullish(),
});

/** Keeps what was journaled of a patient or recording that the backup does not have, until they come again. @returns false where it says nothing of whom */
export async function awaitEnding(
  sql: Sql,
  kind: 'consent' | 'quarantine',
  row: Record<string, unknown>,
): Promise<boolean> {
  const read = OF_SOMEBODY.safeParse(row);
  if (!read.success) return false;
  const { id, study, code, videos, lifted_at } = read.data;
  await sql.query('DELETE FROM awaited_ending WHERE kind = $1 AND ending_id = $2', [kind, id]);
  if (lifted_at == null)
    await sql.query(
      // Whoever is erased does not come again.
      `INSERT INTO awaited_ending (kind, ending_id, study, code, videos, "row") SELECT $1, $2, $3, $4, $5, $6
       WHERE NOT EXISTS (SELECT 1 FROM patient p JOIN study s ON s.id = p.study_id WHERE s.key = $3 AND p.code = $4 AND p.erased_at IS NOT NULL)`,
      [kind, id, study, code, videos, JSON.stringify(row)],
    );
  return true;
}

/** Gives patients who came again the consents that they had given before. @returns ids of those who had */
export async function consentsAsBefore(sql: Sql, patients: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ patient: string; row: unknown }>(
    `SELECT p.id AS patient, a."row" FROM patient p JOIN study s ON s.id = p.study_id JOIN awaited_ending a ON a.kind = 'consent' AND a.study = s.key AND a.code = p.code
     WHERE p.id = ANY ($1) ORDER BY (a."row" ->> 'recorded_at')::timestamptz, a.ending_id`,
    [patients],
  );
  // One after the other: one may undo an earlier one.
  for (const { patient, row } of rows)
    await sql.query(
      `INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, reconsented_at, effective_at, recorded_at, undoes)
       SELECT n.id, $2, n.version, n.uses, n.modalities, n.adult_from, n.reconsented_at, n.effective_at, n.recorded_at, (SELECT c.id FROM consent c WHERE c.id = n.undoes)
       FROM jsonb_populate_record(NULL::consent, $1::jsonb) n ON CONFLICT DO NOTHING`,
      [JSON.stringify(row), patient],
    );
  return new Set(rows.map(({ patient }) => patient));
}

/** Puts a recording that came again into the quarantine that it was in before. */
export const quarantinesAsBefore = (sql: Sql, submissionId: string, videoSha256: string): Promise<unknown> =>
  sql.query(
    `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by)
     SELECT n.id, su.id, n.from_seconds, n.to_seconds, '${REPLAYED}', n.placed_at, n.placed_by
     FROM submission su JOIN patient p ON p.id = su.patient_id JOIN study s ON s.id = p.study_id
       JOIN awaited_ending a ON a.kind = 'quarantine' AND a.study = s.key AND a.code = p.code AND a.videos && ARRAY[$2, '${ANY_VIDEO}'],
       jsonb_populate_record(NULL::quarantine, a."row") n
     WHERE su.id = $1 ON CONFLICT DO NOTHING`,
    [submissionId, videoSha256],
  );
