import { RELEASE_CHANGES, type ReleaseChange } from '../../../governance/release-version.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** One difference between two releases: of a patient, or of one of their check-ins. */
export interface ReleaseDifference {
  readonly change: ReleaseChange;
  readonly patientId: string;
  readonly code: string;
  readonly submissionId: string | null;
  /** As released (in the newer one where both have it), `20201201T003232`. */
  readonly timestamp: string | null;
  /** Names of facts or kinds of files, never values; of a fold its number before and after. */
  readonly detail: readonly string[];
}

const PATIENT_FACTS = {
  code: 'code',
  sex: 'sex',
  skin_type: 'skinType',
  pain_target: 'painTarget',
  pain_level: 'painLevel',
  pain_class: 'painClass',
  cohort: 'cohort',
  age_group: 'ageGroup',
  source_device: 'sourceDevice',
};
const MOMENT_FACTS = { recorded_at: 'recordedAt', timeframe: 'timeframe', setting: 'setting' };

/** Names of the columns of two rows that differ, as text[]. */
const differing = (facts: Record<string, string>, old: string, now: string): string =>
  `array_remove(ARRAY[${Object.entries(facts)
    .map(([column, name]) => `CASE WHEN ${old}.${column} IS DISTINCT FROM ${now}.${column} THEN '${name}' END`)
    .join(', ')}], NULL)`;

/** What a recording is made of beside its files, without what it is called and which program made it. */
const MEASURES = (recording: string): string => `(SELECT jsonb_build_array(
  to_jsonb(r) - '{id,submission_id,current,created_at,survey_sha256,pipeline_version}'::text[],
  (SELECT to_jsonb(f) - 'recording_id' FROM frame_record f WHERE f.recording_id = r.id),
  (SELECT jsonb_agg(to_jsonb(k) - 'recording_id' ORDER BY k.number) FROM chunk k WHERE k.recording_id = r.id))
  FROM recording r WHERE r.id = ${recording})`;
const ANSWERS = (recording: string): string =>
  `(SELECT to_jsonb(y) - 'recording_id' FROM survey y WHERE y.recording_id = ${recording})`;

/** $1 is the older release, $2 the newer. Recordings never change, so that only check-ins with another recording are looked into. */
const DIFFERENCES = `WITH pa AS MATERIALIZED (SELECT * FROM release_patient WHERE release_id = $1),
pb AS MATERIALIZED (SELECT * FROM release_patient WHERE release_id = $2),
p AS MATERIALIZED (
  SELECT coalesce(pb.patient_id, pa.patient_id) AS patient_id, coalesce(pb.code, pa.code) AS code, pa.patient_id IS NULL AS added, pb.patient_id IS NULL AS removed,
    pa.split AS before, pb.split AS after, ${differing(PATIENT_FACTS, 'pa', 'pb')} AS facts
  FROM pa FULL JOIN pb ON pb.patient_id = pa.patient_id),
s AS MATERIALIZED (
  SELECT p.patient_id, p.code, coalesce(sb.submission_id, sa.submission_id) AS submission_id, coalesce(sb.recorded_at, sa.recorded_at) AS recorded_at,
    sa.submission_id IS NULL AS added, sb.submission_id IS NULL AS removed, sa.recording_id AS before, sb.recording_id AS after,
    ${differing(MOMENT_FACTS, 'sa', 'sb')} AS facts
  FROM (SELECT * FROM release_submission WHERE release_id = $1) sa
  FULL JOIN (SELECT * FROM release_submission WHERE release_id = $2) sb ON sb.submission_id = sa.submission_id
  JOIN p ON p.patient_id = coalesce(sb.patient_id, sa.patient_id) AND NOT p.added AND NOT p.removed),
anew AS MATERIALIZED (
  SELECT s.*, ${ANSWERS('s.before')} AS answers_before, ${ANSWERS('s.after')} AS answers_after FROM s WHERE NOT added AND NOT removed AND before <> after),
files AS MATERIALIZED (
  SELECT n.patient_id, n.code, n.submission_id, n.recorded_at, f.*
  FROM anew n CROSS JOIN LATERAL (
    SELECT array_agg(kind ORDER BY kind) FILTER (WHERE old IS NULL) AS added, array_agg(kind ORDER BY kind) FILTER (WHERE new IS NULL) AS removed,
      array_agg(kind ORDER BY kind) FILTER (WHERE old <> new) AS changed
    FROM (SELECT kind, a.sha256 AS old, b.sha256 AS new FROM (SELECT kind, sha256 || coalesce(offsets::text, '') AS sha256 FROM artifact WHERE recording_id = n.before) a
      FULL JOIN (SELECT kind, sha256 || coalesce(offsets::text, '') AS sha256 FROM artifact WHERE recording_id = n.after) b USING (kind)
      UNION ALL SELECT 'MEASURES', md5(${MEASURES('n.before')}::text), md5(${MEASURES('n.after')}::text)
      UNION ALL SELECT 'ANSWERS', CASE WHEN n.answers_before IS NULL THEN NULL ELSE '' END, CASE WHEN n.answers_after IS NULL THEN NULL ELSE '' END
        WHERE (n.answers_before IS NULL) <> (n.answers_after IS NULL)
    ) k) f),
found AS (
  SELECT 'PATIENTS_ADDED' AS change, patient_id, code, NULL::uuid AS submission_id, NULL::timestamp AS recorded_at, '{}'::text[] AS detail FROM p WHERE added
  UNION ALL SELECT 'PATIENTS_REMOVED', patient_id, code, NULL, NULL, '{}' FROM p WHERE removed
  UNION ALL SELECT 'FOLDS_CHANGED', patient_id, code, NULL, NULL, ARRAY[before::text, after::text] FROM p WHERE NOT added AND NOT removed AND before <> after
  UNION ALL SELECT 'LABELS_CHANGED', patient_id, code, NULL, NULL, facts FROM p WHERE NOT added AND NOT removed AND facts <> '{}'
  UNION ALL SELECT 'SUBMISSIONS_ADDED', patient_id, code, submission_id, recorded_at, '{}' FROM s WHERE added
  UNION ALL SELECT 'SUBMISSIONS_REMOVED', patient_id, code, submission_id, recorded_at, '{}' FROM s WHERE removed
  UNION ALL SELECT 'LABELS_CHANGED', patient_id, code, submission_id, recorded_at, facts FROM s WHERE NOT added AND NOT removed AND facts <> '{}'
  UNION ALL SELECT 'LABELS_CHANGED', patient_id, code, submission_id, recorded_at, '{answers}' FROM anew WHERE answers_before <> answers_after
  UNION ALL SELECT 'FILES_ADDED', patient_id, code, submission_id, recorded_at, added FROM files WHERE added IS NOT NULL
  UNION ALL SELECT 'FILES_REMOVED', patient_id, code, submission_id, recorded_at, removed FROM files WHERE removed IS NOT NULL
  UNION ALL SELECT 'FILES_CHANGED', patient_id, code, submission_id, recorded_at, changed FROM files WHERE changed IS NOT NULL)`;

/** Everything in which the newer release differs from the older, by patient and moment. */
export async function releaseDifferences(sql: Sql, older: string, newer: string): Promise<ReleaseDifference[]> {
  const { rows } = await sql.query<ReleaseDifference & Record<string, unknown>>(
    `${DIFFERENCES} SELECT change, patient_id AS "patientId", code, submission_id AS "submissionId", to_char(recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp, detail
     FROM found ORDER BY code COLLATE "C", recorded_at NULLS FIRST, change, detail`,
    [older, newer],
  );
  return rows;
}

/** The ways in which the newer release differs from the older: what its version has to allow for. */
export async function releaseChanges(sql: Sql, older: string, newer: string): Promise<ReleaseChange[]> {
  const { rows } = await sql.query<{ change: ReleaseChange }>(`${DIFFERENCES} SELECT DISTINCT change FROM found`, [
    older,
    newer,
  ]);
  const found = new Set(rows.map(({ change }) => change));
  return RELEASE_CHANGES.filter((change) => found.has(change));
}
