import type { Survey } from '../../../pipeline/labels/survey.ts';
import type { Ids } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { makeCurrent, storeSurvey } from './store-recording.ts';

/** A new survey beside an unchanged video: everything else is the earlier recording's, files included. The caller holds the submission's row. */
export async function storeWithNewSurvey(
  sql: Sql,
  fresh: { id: string; surveySha256: string | null; survey: Survey | null; current: boolean; at: Date },
  earlierId: string,
  ids: Ids,
): Promise<void> {
  const { rows: submissions } = await sql.query<{ id: string }>(
    'SELECT submission_id AS id FROM recording WHERE id = $1',
    [earlierId],
  );
  if (fresh.current) await makeCurrent(sql, submissions[0]!.id, null);
  await sql.query(
    `INSERT INTO recording (id, submission_id, video_sha256, survey_sha256, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
     SELECT $1, submission_id, video_sha256, $2, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, $5, $3
     FROM recording WHERE id = $4`,
    [fresh.id, fresh.surveySha256, fresh.at, earlierId, fresh.current],
  );
  if (fresh.survey) await storeSurvey(sql, fresh.id, fresh.survey);
  await sql.query(
    `INSERT INTO frame_record (recording_id, box_x, box_y, box_width, box_height, score, landmarks_found)
     SELECT $1, box_x, box_y, box_width, box_height, score, landmarks_found FROM frame_record WHERE recording_id = $2`,
    [fresh.id, earlierId],
  );
  await sql.query(
    `INSERT INTO chunk (recording_id, number, start_seconds, end_seconds, first_frame, last_frame, audio_vector)
     SELECT $1, number, start_seconds, end_seconds, first_frame, last_frame, audio_vector FROM chunk WHERE recording_id = $2`,
    [fresh.id, earlierId],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM artifact WHERE recording_id = $1', [earlierId]);
  await sql.query(
    `INSERT INTO artifact (id, recording_id, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, created_at)
     SELECT n.id, $1, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, $2
     FROM artifact a JOIN unnest($3::uuid[], $4::uuid[]) AS n(id, old) ON n.old = a.id`,
    [fresh.id, fresh.at, rows.map(() => ids.uuid()), rows.map((row) => row.id)],
  );
}
