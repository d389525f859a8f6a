import type { Survey } from '../../../pipeline/labels/survey.ts';
import type { RecordingResult } from '../../../pipeline/stages/process-recording.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { quarantinesAsBefore } from '../backup/awaited-endings.ts';
import type { StoredArtifact } from './file-sink.ts';

export interface NewRecording {
  id: string;
  submissionId: string;
  videoSha256: string;
  surveySha256: string | null;
  survey: Survey | null;
  result: RecordingResult;
  artifacts: StoredArtifact[];
  at: Date;
  /** Version of the pipeline that made it. */
  version: string;
  /** False where a later drop has given the submission another recording meanwhile. */
  current: boolean;
  newId: () => string;
}

/** Makes this recording the submission's current one. The caller holds the submission's row. */
export async function makeCurrent(sql: Sql, submissionId: string, recordingId: string | null): Promise<void> {
  await sql.query(
    'UPDATE recording SET current = false WHERE submission_id = $1 AND current AND id IS DISTINCT FROM $2::uuid',
    [submissionId, recordingId],
  );
  await sql.query('UPDATE recording SET current = true WHERE id = $1 AND NOT current', [recordingId]);
}

/** Writes a recording with everything that belongs to it. In the caller's transaction, which holds the submission's row. */
export async function storeRecording(sql: Sql, recording: NewRecording): Promise<void> {
  const { result } = recording;
  const done = result.status === 'PROCESSED' ? result : null;
  const { frames, sound, info } = done ?? {};
  const video = info?.video;
  if (recording.current) await makeCurrent(sql, recording.submissionId, null);
  await sql.query(
    `INSERT INTO recording (id, submission_id, video_sha256, survey_sha256, pipeline_version, status, reason_code, reason, duration_seconds, width, height, rotation,
       frame_rate, video_codec, audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
    [
      recording.id,
      recording.submissionId,
      recording.videoSha256,
      recording.surveySha256,
      recording.version,
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
      recording.current,
      recording.at,
    ],
  );
  await quarantinesAsBefore(sql, recording.submissionId, recording.videoSha256);
  if (recording.survey) await storeSurvey(sql, recording.id, recording.survey);
  if (done) await storeFrames(sql, recording.id, done.frames);
  await storeChunks(sql, recording.id, done?.chunks ?? []);
  await storeArtifacts(sql, recording);
}

/** All in one statement, whatever their number: what varies goes as JSON. */
async function storeChunks(sql: Sql, recordingId: string, chunks: Chunks): Promise<void> {
  if (chunks.length === 0) return;
  const rows = chunks.map(({ vector, ...chunk }) => ({ ...chunk, vector: vector && [...vector] }));
  await sql.query(
    `INSERT INTO chunk (recording_id, number, start_seconds, end_seconds, first_frame, last_frame, audio_vector)
     SELECT $1, number, "startSeconds", "endSeconds", "firstFrame", "lastFrame", vector
     FROM jsonb_to_recordset($2) AS c(number int, "startSeconds" float8, "endSeconds" float8, "firstFrame" int, "lastFrame" int, vector float8[])`,
    [recordingId, JSON.stringify(rows)],
  );
}

async function storeArtifacts(sql: Sql, recording: NewRecording): Promise<void> {
  if (recording.artifacts.length === 0) return;
  const rows = recording.artifacts.map((artifact) => ({ ...artifact, id: recording.newId() }));
  await sql.query(
    `INSERT INTO artifact (id, recording_id, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, created_at)
     SELECT id, $1, kind, "objectKey", bytes, sha256, "contentType", offsets, step, "stepVersion", parameters, $3, $4
     FROM jsonb_to_recordset($2) AS a(id uuid, kind text, "objectKey" text, bytes bigint, sha256 text, "contentType" text, offsets bigint[], step text,
       "stepVersion" text, parameters jsonb)`,
    [recording.id, JSON.stringify(rows), [recording.videoSha256], recording.at],
  );
}

export async function storeSurvey(sql: Sql, recordingId: string, survey: Survey): Promise<void> {
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

type Processed = Extract<RecordingResult, { status: 'PROCESSED' }>;
type Frames = Processed['frames'];
type Chunks = Processed['chunks'];

async function storeFrames(sql: Sql, recordingId: string, frames: Frames): Promise<void> {
  const side = (index: 0 | 1 | 2 | 3) => frames.boxes.map((box) => box?.[index] ?? null);
  await sql.query(
    'INSERT INTO frame_record (recording_id, box_x, box_y, box_width, box_height, score, landmarks_found) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [recordingId, side(0), side(1), side(2), side(3), frames.scores, frames.landmarksFound],
  );
}

const count = (list: readonly unknown[] | undefined): number => list?.filter(Boolean).length ?? 0;

/** What appendix C of the paper asks to be looked at for bias; the device is the patient's. */
function qualityOf({ frames, sound, info }: Processed) {
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
