import type { Sql } from '../../adapters/database/database.ts';

/**
 * Whether training and test of a fold share anything, proved from the rows themselves: a patient, a code in another case, or one video under two names.
 */
export async function foldShares(database: Sql, releaseId: string, fold: number): Promise<boolean> {
  const side = (comparison: '=' | '<>') =>
    `SELECT p.patient_id, p.code, r.video_sha256 FROM release_patient p LEFT JOIN release_submission s ON s.release_id = p.release_id AND s.patient_id = p.patient_id
     LEFT JOIN recording r ON r.id = s.recording_id WHERE p.release_id = $1 AND p.split ${comparison} $2`;
  const { rows } = await database.query<{ shared: boolean }>(
    `WITH test AS (${side('=')}), train AS (${side('<>')})
     SELECT EXISTS (SELECT patient_id FROM test INTERSECT SELECT patient_id FROM train) OR EXISTS (SELECT lower(code) FROM test INTERSECT SELECT lower(code) FROM train)
       OR EXISTS (SELECT video_sha256 FROM test WHERE video_sha256 IS NOT NULL INTERSECT SELECT video_sha256 FROM train) AS shared`,
    [releaseId, fold],
  );
  return rows[0]?.shared !== false;
}
