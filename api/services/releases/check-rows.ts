import type { Sql } from '../../adapters/database/database.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';
import type { ReleaseProblem } from './release-command.ts';

const PICTURES = ['VIDEO', 'FRAMES', 'FACES', 'LANDMARKS'];
const SOUND = ['AUDIO', 'SPECTROGRAM', 'SPECTROGRAM_PICTURE', 'CHUNK_SPECTROGRAMS', 'CHUNK_SPECTROGRAM_PICTURES'];
/** More of one kind say no more than these. */
const MOST = 200;

/** A condition that no row of a release may meet: `about` and `problem` are what is said of one that does. $1 is the release. */
const CONDITIONS: readonly string[] = [
  `SELECT 'patient ' || p.code AS about, 'has withdrawn' AS problem FROM release_patient p
   WHERE p.release_id = $1 AND ${hasStoppedSharing('p.patient_id')}`,
  `SELECT 'patient ' || p.code, 'has no submission' FROM release_patient p
   WHERE p.release_id = $1 AND NOT EXISTS (SELECT 1 FROM release_submission s WHERE s.release_id = $1 AND s.patient_id = p.patient_id)`,
  // A shift by whole days, the same for all of a patient, and never none.
  `SELECT 'submission ' || p.code || ' ' || s.recorded_at, 'its date is not the true one moved by the patient''s whole days'
   FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN submission t ON t.id = s.submission_id
   LEFT JOIN patient_secret x ON x.patient_id = s.patient_id
   WHERE s.release_id = $1 AND (x.date_shift_days IS NULL OR x.date_shift_days = 0 OR s.recorded_at <> t.recorded_at - make_interval(days => x.date_shift_days))`,
  `SELECT 'submission ' || p.code || ' ' || s.recorded_at, 'its recording is another submission''s, or was not processed'
   FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN recording r ON r.id = s.recording_id
   WHERE s.release_id = $1 AND (r.submission_id <> s.submission_id OR r.status <> 'PROCESSED')`,
  `SELECT 'submission ' || p.code || ' ' || s.recorded_at, 'the file ' || k.kind || ' is not recorded'
   FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN recording r ON r.id = s.recording_id
   CROSS JOIN unnest(CASE WHEN r.audio_status = 'NONE' THEN $2::text[] ELSE $2::text[] || $3::text[] END) AS k(kind)
   WHERE s.release_id = $1 AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.recording_id = r.id AND a.kind = k.kind)`,
  `SELECT 'submission ' || p.code || ' ' || s.recorded_at, 'what is recorded of its frames does not fit their number'
   FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN recording r ON r.id = s.recording_id
   LEFT JOIN frame_record f ON f.recording_id = r.id
   WHERE s.release_id = $1 AND (f.recording_id IS NULL OR r.frame_count <> ANY (ARRAY[cardinality(f.score), cardinality(f.landmarks_found), cardinality(f.box_x),
     cardinality(f.box_y), cardinality(f.box_width), cardinality(f.box_height)]) OR r.face_count <> (SELECT count(b) FROM unnest(f.box_x) b)
     OR r.landmark_count <> (SELECT count(*) FROM unnest(f.landmarks_found) l WHERE l))`,
  `SELECT 'submission ' || p.code || ' ' || s.recorded_at, 'its chunks are not ' || r.chunk_count || ' that follow on each other'
   FROM release_submission s JOIN release_patient p USING (release_id, patient_id) JOIN recording r ON r.id = s.recording_id
   WHERE s.release_id = $1 AND (SELECT array_agg(c.number ORDER BY c.number) FROM chunk c WHERE c.recording_id = r.id)
     IS DISTINCT FROM (SELECT array_agg(n ORDER BY n) FROM generate_series(0, r.chunk_count - 1) n)`,
];

/** Those of a release who have withdrawn by now. */
export async function withdrawnPatients(sql: Sql, releaseId: string): Promise<ReleaseProblem[]> {
  const { rows } = await sql.query<{ about: string; problem: string }>(
    `SELECT about, problem FROM (${CONDITIONS[0]}) AS found(about, problem) ORDER BY 1 LIMIT ${MOST}`,
    [releaseId],
  );
  return rows;
}

/** What is wrong with the rows of a release by themselves; the files are another matter. */
export async function checkRows(sql: Sql, releaseId: string): Promise<ReleaseProblem[]> {
  const problems: ReleaseProblem[] = [];
  for (const condition of CONDITIONS) {
    const { rows } = await sql.query<{ about: string; problem: string }>(
      `SELECT about, problem FROM (${condition}) AS found(about, problem) WHERE $2::text[] IS NOT NULL AND $3::text[] IS NOT NULL ORDER BY 1, 2 LIMIT ${MOST}`,
      [releaseId, PICTURES, SOUND],
    );
    problems.push(...rows);
  }
  return problems;
}
