import type { Survey } from '../../../pipeline/labels/survey.ts';
import { PIPELINE_VERSION, type RecordingResult } from '../../../pipeline/stages/process-recording.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { StoredArtifact } from './file-sink.ts';

export interface NewRecording {
  id: string;
  submissionId: string;
  videoSha256: string;
  surveySha256: string | null;
  survey: Survey | null;
  result: RecordingResult;
  artifacts: (StoredArtifact & { id: string })[];
  at: Date;
}

/** Writes a recording with everything that belongs to it and makes it the submission's current one. In the caller's transaction. */
export async function storeRecording(sql: Sql, recording: NewRecording): Promise<void> {
  const { result } = recording;
  const done = result.status === 'PROCESSED' ? result : null;
  const { frames, sound, info } = done ?? {};
  const video = info?.video;
  await sql.query('UPDATE recording SET current = false WHERE submission_id = $1 AND current', [
    recording.submissionId,
  ]);
  await sql.query(
    `INSERT INTO recording (id, submission_id, video_sha256, survey_sha256, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, true, $24)`,
    [
      recording.id,
      recording.submissionId,
      recording.videoSha256,
      recording.surveySha256,
      PIPELINE_VERSION,
      result.status,
      result.status === 'UNREADABLE' ? result.code : null,
      result.status === 'UNREADABLE' ? result.reason : null,
      done?.durationSeconds ?? null,
      video?.width ?? null,
      video?.height ?? null,
      video?.rotation ?? null,
      video?.measuredFrameRate ?? null,
      video?.codec ?? null,
      sound?.status ?? null,
      sound?.sampleRate ?? null,
      sound?.channels ?? null,
      sound?.vector ? [...sound.vector] : null,
      frames?.boxes.length ?? 0,
      count(frames?.boxes),
      count(frames?.landmarksFound),
      done?.chunks.length ?? 0,
      done ? JSON.stringify(qualityOf(done)) : null,
      recording.at,
    ],
  );
  if (recording.survey) await storeSurvey(sql, recording.id, recording.survey);
  if (done) await storeFrames(sql, recording.id, done.frames);
  for (const chunk of done?.chunks ?? [])
    await sql.query(
      'INSERT INTO chunk (recording_id, number, start_seconds, end_seconds, first_frame, last_frame, audio_vector) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [
        recording.id,
        chunk.number,
        chunk.startSeconds,
        chunk.endSeconds,
        chunk.firstFrame,
        chunk.lastFrame,
        chunk.vector ? [...chunk.vector] : null,
      ],
    );
  for (const artifact of recording.artifacts)
    await sql.query(
      `INSERT INTO artifact (id, recording_id, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        artifact.id,
        recording.id,
        artifact.kind,
        artifact.objectKey,
        artifact.bytes,
        artifact.sha256,
        artifact.contentType,
        artifact.offsets,
        artifact.step,
        artifact.stepVersion,
        JSON.stringify(artifact.parameters),
        [recording.videoSha256],
        recording.at,
      ],
    );
}

/** A new survey beside an unchanged video: everything else is the earlier recording's, files included. */
export async function storeWithNewSurvey(
  sql: Sql,
  fresh: { id: string; artifactId: () => string; surveySha256: string | null; survey: Survey | null; at: Date },
  earlierId: string,
): Promise<void> {
  await sql.query(
    'UPDATE recording SET current = false WHERE submission_id = (SELECT submission_id FROM recording WHERE id = $1) AND current',
    [earlierId],
  );
  await sql.query(
    `INSERT INTO recording (id, submission_id, video_sha256, survey_sha256, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
     SELECT $1, submission_id, video_sha256, $2, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, true, $3
     FROM recording WHERE id = $4`,
    [fresh.id, fresh.surveySha256, fresh.at, earlierId],
  );
  if (fresh.survey) await storeSurvey(sql, fresh.id, fresh.survey);
  await sql.query(
    `INSERT INTO frame_record SELECT $1, box_x, box_y, box_width, box_height, score, landmarks_found FROM frame_record WHERE recording_id = $2`,
    [fresh.id, earlierId],
  );
  await sql.query(
    'INSERT INTO chunk SELECT $1, number, start_seconds, end_seconds, first_frame, last_frame, audio_vector FROM chunk WHERE recording_id = $2',
    [fresh.id, earlierId],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM artifact WHERE recording_id = $1', [earlierId]);
  for (const { id } of rows)
    await sql.query(
      `INSERT INTO artifact SELECT $1, $2, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, $3 FROM artifact WHERE id = $4`,
      [fresh.artifactId(), fresh.id, fresh.at, id],
    );
}

async function storeSurvey(sql: Sql, recordingId: string, survey: Survey): Promise<void> {
  await sql.query(
    `INSERT INTO survey (recording_id, pain_now, pain_time, activity, mood, walking, work, relationships, sleep, enjoyment) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      recordingId,
      survey.painnow,
      survey.paintime,
      survey.activity,
      survey.mood,
      survey.walking,
      survey.work,
      survey.relationships,
      survey.sleep,
      survey.enjoyment,
    ],
  );
}

type Frames = Extract<RecordingResult, { status: 'PROCESSED' }>['frames'];

async function storeFrames(sql: Sql, recordingId: string, frames: Frames): Promise<void> {
  const side = (index: 0 | 1 | 2 | 3) => frames.boxes.map((box) => box?.[index] ?? null);
  await sql.query(
    'INSERT INTO frame_record (recording_id, box_x, box_y, box_width, box_height, score, landmarks_found) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [recordingId, side(0), side(1), side(2), side(3), frames.scores, frames.landmarksFound],
  );
}

const count = (list: readonly unknown[] | undefined): number => list?.filter(Boolean).length ?? 0;

/** What appendix C of the paper asks to be looked at for bias; the device is the patient's. */
function qualityOf({ frames, sound, info }: Extract<RecordingResult, { status: 'PROCESSED' }>) {
  const found = count(frames.boxes);
  return {
    width: info.video?.width,
    height: info.video?.height,
    frameRate: info.video?.measuredFrameRate,
    variableFrameRate: info.video?.variableFrameRate,
    brightness: frames.brightness,
    contrast: frames.contrast,
    sharpness: frames.sharpness,
    faceShare: frames.boxes.length === 0 ? null : found / frames.boxes.length,
    framesWithSeveralFaces: frames.framesWithSeveralFaces,
    loudnessDbfs: sound.loudness?.rmsDbfs ?? null,
    peak: sound.loudness?.peak ?? null,
    clippedShare: sound.loudness?.clippedShare ?? null,
  };
}
