import { createHash } from 'node:crypto';
import type pg from 'pg';
import { chunkBounds } from '../../pipeline/audio/chunks.ts';
import { cohortOf } from '../../pipeline/labels/cohort.ts';
import { painClassOf } from '../../pipeline/labels/pain.ts';
import { parseSubmissionTimestamp } from '../../pipeline/labels/submission-timestamp.ts';
import { SURVEY_ITEMS } from '../../pipeline/labels/survey.ts';
import { publishedOf } from '../../pipeline/synthetic/cohort.ts';
import { publishedLengths } from '../../pipeline/synthetic/published-shape.ts';
import { randomFor } from '../../pipeline/synthetic/random.ts';
import { studyLikeIss } from '../../pipeline/synthetic/study.ts';
import { FIXTURE_NOW, fixtureId } from './study-fixture.ts';

export interface PublishedShape {
  readonly key: string;
  readonly studyId: string;
  readonly releaseId: string;
  readonly version: string;
}

const ALL = 'LABELS PAIN_SCORES AUDIO_FEATURES BASELINES LANDMARKS SPECTROGRAMS VIDEO FRAMES FACES AUDIO'.split(' ');

/**
 * The rows that the full study of `iss study make --like iss` leaves when it has been processed, without its files: 29 patients and 9009, 509 videos,
 * 189,999 frames of which every eleventh has no face and every fortieth with one no landmarks, 4,988 chunks.
 */
export async function fillPublishedShape(pool: pg.Pool, key = 'shape'): Promise<PublishedShape> {
  const plan = studyLikeIss({ seed: 1, scale: 1 });
  const at = FIXTURE_NOW;
  const [studyId, releaseId, version] = [fixtureId(key, 'study'), fixtureId(key, 'release'), '1.0.0'];
  const idOf = (...names: string[]): string => fixtureId(key, ...names);
  await pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, description, created_at) VALUES ($1, $2, 'Shape', true, 'America/New_York', '{}', $3)`,
    [studyId, key, at],
  );
  const insert = (table: string, columns: string, rows: readonly object[]) =>
    pool.query(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  const patients = plan.patients.map((one) => ({ ...one, id: idOf('patient', one.code) }));
  await insert(
    'patient',
    'id, study_id, code, sex, skin_type, pain_target, source_device, age_group, fold, created_at, updated_at',
    patients.map((one) => ({
      ...{ id: one.id, study_id: studyId, code: one.code, sex: one.sex, skin_type: one.skinType },
      ...{ pain_target: one.painTarget, source_device: one.sourceDevice, age_group: 'ADULT', fold: one.split },
      ...{ created_at: at, updated_at: at },
    })),
  );
  await insert(
    'consent',
    'id, patient_id, version, uses, modalities, effective_at, recorded_at',
    patients.map((one) => ({
      ...{ id: idOf('consent', one.code), patient_id: one.id, version: '1', uses: ['HMB'], modalities: ALL },
      ...{ effective_at: '2020-01-01T00:00:00Z', recorded_at: '2020-01-01T00:00:00Z' },
    })),
  );
  const recordings = patients.flatMap((patient) => {
    const own = plan.submissions.filter(({ patient: code, readable }) => code === patient.code && readable);
    if (own.length === 0) return [];
    const lengths = publishedLengths(publishedOf(patient.code), 1, randomFor(1, patient.code, 'lengths'));
    return own.map(({ timestamp, survey }, i) => ({
      ...{ patient, survey, at: parseSubmissionTimestamp(timestamp)!, counted: lengths[i]!.counted },
      ...{ id: idOf('submission', patient.code, timestamp), recordingId: idOf('recording', patient.code, timestamp) },
    }));
  });
  await insert(
    'submission',
    'id, patient_id, recorded_at, setting, created_at',
    recordings.map((one) => ({
      ...{ id: one.id, patient_id: one.patient.id, recorded_at: one.at.local, setting: 'REMOTE', created_at: at },
    })),
  );
  const faces = (frames: number): (number | null)[] =>
    Array.from({ length: frames }, (_, n) => (n % 11 === 10 ? null : 0.9));
  const found = (frames: number): boolean[] => Array.from({ length: frames }, (_, n) => n % 11 !== 10 && n % 40 !== 39);
  await insert(
    'recording',
    'id, submission_id, video_sha256, pipeline_version, status, duration_seconds, width, height, rotation, frame_rate, video_codec, audio_status, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at',
    recordings.map(({ id, recordingId, counted: { frames, seconds, chunks } }) => ({
      ...{ id: recordingId, submission_id: id, video_sha256: createHash('sha256').update(id).digest('hex') },
      ...{
        pipeline_version: '1',
        status: 'PROCESSED',
        duration_seconds: seconds,
        width: 240,
        height: 320,
        rotation: 0,
      },
      ...{ frame_rate: 10, video_codec: 'h264', audio_status: 'OK', audio_vector: null, frame_count: frames },
      face_count: faces(frames).filter((score) => score !== null).length,
      landmark_count: found(frames).filter(Boolean).length,
      ...{ chunk_count: chunks, quality: {}, current: true, created_at: at },
    })),
  );
  await insert(
    'frame_record',
    'recording_id, box_x, box_y, box_width, box_height, score, landmarks_found',
    recordings.map(({ recordingId, counted: { frames } }) => ({
      ...{ recording_id: recordingId, score: faces(frames), landmarks_found: found(frames) },
      ...Object.fromEntries(
        ['box_x', 'box_y', 'box_width', 'box_height'].map((side) => [side, faces(frames).map((score) => score && 40)]),
      ),
    })),
  );
  await insert(
    'chunk',
    'recording_id, number, start_seconds, end_seconds, first_frame, last_frame',
    recordings.flatMap(({ recordingId, counted: { frames, seconds } }) =>
      chunkBounds(seconds).map(({ number, startSeconds, endSeconds }) => ({
        ...{ recording_id: recordingId, number, start_seconds: startSeconds, end_seconds: endSeconds },
        ...{ first_frame: number * 40 + 1, last_frame: Math.min((number + 1) * 40, frames) },
      })),
    ),
  );
  await insert(
    'survey',
    `recording_id, pain_now, pain_time, ${SURVEY_ITEMS.slice(2).join(', ')}`,
    recordings.flatMap(({ recordingId, survey }) =>
      survey === null
        ? []
        : [{ ...survey, recording_id: recordingId, pain_now: survey.painnow, pain_time: survey.paintime }],
    ),
  );
  await pool.query(
    `INSERT INTO release (id, study_id, version, status, digest, drafted_at) VALUES ($1, $2, $3, 'DRAFT', $4, $5)`,
    [releaseId, studyId, version, createHash('sha256').update(key).digest('hex'), at],
  );
  const withData = patients.filter(({ readable }) => readable);
  await insert(
    'release_patient',
    'release_id, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split',
    withData.map((one) => ({
      ...{ release_id: releaseId, patient_id: one.id, code: one.code, sex: one.sex, skin_type: one.skinType },
      ...{ pain_target: one.painTarget, pain_level: one.painLevel, pain_class: painClassOf(one.painLevel) },
      ...{ cohort: cohortOf(one.painLevel, one.skinType, one.sex), age_group: 'ADULT' },
      ...{ source_device: one.sourceDevice, split: one.split },
    })),
  );
  await insert(
    'release_submission',
    'release_id, submission_id, patient_id, recording_id, recorded_at, timeframe, setting',
    recordings.map(({ id, recordingId, patient, at: moment }) => ({
      ...{ release_id: releaseId, submission_id: id, patient_id: patient.id, recording_id: recordingId },
      ...{ recorded_at: moment.local, timeframe: moment.timeframe, setting: 'REMOTE' },
    })),
  );
  await pool.query(`UPDATE release SET status = 'PUBLISHED', published_at = $2 WHERE id = $1`, [releaseId, at]);
  return { key, studyId, releaseId, version };
}
