import { createHash } from 'node:crypto';
import type { Sql } from '../../adapters/database/database.ts';
import type { JobProgress } from '../../jobs/job.ts';

const hashed = (value: string): string => `encode(sha256(convert_to((${value})::text, 'UTF8')), 'hex')`;

/** A line for the patient, then for each submission, then for each of its files; as JSON, so that no value can pass for two. */
const LINES = `SELECT line FROM (
  SELECT 0 AS rank, '' AS place, '' AS kind,
    jsonb_build_array('patient', p.code, p.sex, p.skin_type, p.pain_target, p.pain_level, p.pain_class, p.cohort, p.age_group, p.source_device, p.split)::text AS line
  FROM release_patient p WHERE p.release_id = $1 AND p.patient_id = $2
  UNION ALL
  SELECT 1, s.recorded_at::text, '',
    jsonb_build_array('submission', s.recorded_at, s.timeframe, s.setting, r.video_sha256, r.survey_sha256, r.pipeline_version,
      ${hashed(`to_jsonb(r) - '{id,submission_id,current,created_at}'::text[]`)},
      ${hashed(`coalesce((SELECT to_jsonb(y) - 'recording_id' FROM survey y WHERE y.recording_id = r.id), 'null')`)},
      ${hashed(`coalesce((SELECT to_jsonb(f) - 'recording_id' FROM frame_record f WHERE f.recording_id = r.id), 'null')`)},
      ${hashed(`coalesce((SELECT jsonb_agg(to_jsonb(c) - 'recording_id' ORDER BY c.number) FROM chunk c WHERE c.recording_id = r.id), 'null')`)})::text
  FROM release_submission s JOIN recording r ON r.id = s.recording_id WHERE s.release_id = $1 AND s.patient_id = $2
  UNION ALL
  SELECT 2, s.recorded_at::text, a.kind, jsonb_build_array('file', s.recorded_at, a.kind, a.bytes, a.sha256, a.offsets)::text
  FROM release_submission s JOIN artifact a ON a.recording_id = s.recording_id WHERE s.release_id = $1 AND s.patient_id = $2
  ) AS lines ORDER BY rank, place COLLATE "C", kind COLLATE "C"`;

/**
 * SHA-256 over everything that the release holds, in a fixed order: facts of patients, shifted moments, what is known of each recording (answers, boxes and
 * scores, chunks with their features, quality), and the checksum of every file. One patient is read at a time.
 */
export async function releaseDigest(
  sql: Sql,
  releaseId: string,
  { signal, progress }: { signal?: AbortSignal; progress?: (progress: JobProgress) => void } = {},
): Promise<string> {
  const { rows: patients } = await sql.query<{ id: string }>(
    'SELECT patient_id AS id FROM release_patient WHERE release_id = $1 ORDER BY code COLLATE "C"',
    [releaseId],
  );
  const hash = createHash('sha256');
  for (const [done, { id }] of patients.entries()) {
    signal?.throwIfAborted();
    progress?.({ stage: 'digest', done, total: patients.length });
    const { rows } = await sql.query<{ line: string }>(LINES, [releaseId, id]);
    for (const { line } of rows) hash.update(`${line}\n`);
  }
  return hash.digest('hex');
}
