import { createHash } from 'node:crypto';
import type { Sql } from '../../adapters/database/database.ts';

/** SHA-256 over everything that the release holds: facts of patients, shifted moments, surveys and the checksum of every artifact, in a fixed order. */
export async function releaseDigest(sql: Sql, releaseId: string): Promise<string> {
  const { rows } = await sql.query<{ line: string }>(
    `SELECT line FROM (SELECT concat_ws('|', 'patient', code, sex, skin_type, pain_target, cohort, age_group, coalesce(source_device, '-'), split) AS line
       FROM release_patient WHERE release_id = $1
     UNION ALL
     SELECT concat_ws('|', 'submission', rp.code, rs.recorded_at, rs.timeframe, rs.setting, r.video_sha256, coalesce(r.survey_sha256, '-'), r.pipeline_version)
       FROM release_submission rs JOIN release_patient rp USING (release_id, patient_id) JOIN recording r ON r.id = rs.recording_id WHERE rs.release_id = $1
     UNION ALL
     SELECT concat_ws('|', 'artifact', rp.code, rs.recorded_at, a.kind, a.sha256)
       FROM release_submission rs JOIN release_patient rp USING (release_id, patient_id) JOIN artifact a ON a.recording_id = rs.recording_id WHERE rs.release_id = $1
     ) AS lines ORDER BY line COLLATE "C"`,
    [releaseId],
  );
  const hash = createHash('sha256');
  for (const { line } of rows) hash.update(`${line}\n`);
  return hash.digest('hex');
}
