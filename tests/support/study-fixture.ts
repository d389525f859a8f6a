import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ObjectStore } from '../../api/adapters/objects/object-store.ts';
import { recordingFiles } from './recording-files.ts';

/** What stands in the database and the object store after `fillStudy`. */
export interface StudyFixture {
  studyId: string;
  key: string;
  releaseId: string;
  version: string;
  digest: string;
  /** Sorted by code. */
  patients: FixturePatient[];
}

export interface FixturePatient {
  id: string;
  code: string;
  /** The fold that withholds the patient. */
  split: number;
  painTarget: number;
  shiftDays: number;
  /** Sorted by time. */
  submissions: FixtureSubmission[];
}

export interface FixtureSubmission {
  id: string;
  recordingId: string;
  /** As recorded, and as released: shifted by whole days. */
  recordedAt: string;
  releasedAt: string;
  /** As released, `20201201T003232`. */
  timestamp: string;
  frames: number;
  chunks: number;
  durationSeconds: number;
  /** Numbers of frames (from 1) without a face, and of those with a face whose mesh was not found. */
  noFace: number[];
  noMesh: number[];
  survey: boolean;
  sound: boolean;
}

export interface StudyOptions {
  key?: string;
  version?: string;
  synthetic?: boolean;
  /** Patients 9001, 9002 …, dealt to the folds in turn. */
  patients?: number;
  submissions?: number;
  folds?: number;
  /** Of each submission; ten are a second. */
  frames?: number;
  status?: 'DRAFT' | 'PUBLISHED';
  /** What every patient consents to. */
  uses?: string[];
  modalities?: string[];
  at?: Date;
}

export const FIXTURE_NOW = new Date('2025-03-15T12:00:00Z');
const ALL_MODALITIES = [
  'LABELS',
  'PAIN_SCORES',
  'AUDIO_FEATURES',
  'BASELINES',
  'LANDMARKS',
  'SPECTROGRAMS',
  'VIDEO',
  'FRAMES',
  'FACES',
  'AUDIO',
];
const LEVELS = [
  [0, 'NONE', 'NO_PAIN'],
  [2, 'LOW', 'PAIN'],
  [5, 'MODERATE', 'PAIN'],
  [8, 'SEVERE', 'PAIN'],
] as const;
export const CHUNK_SECONDS = 4;

/** The same names give the same id, so that two fills of two databases are alike. */
export function fixtureId(...names: (string | number)[]): string {
  const hex = createHash('sha256').update(names.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * A study with patients, submissions, recordings, small artifacts of every kind and one release, by SQL of the database's owner. Everything follows
 * from the numbers, nothing is random. Irregular on purpose: the first patient's first submission has no survey, their last one no sound; frame 5 of
 * each recording has no face and frame 7 no mesh; the last patient's dates are shifted back.
 */
export async function fillStudy(
  { pool, objects }: { pool: pg.Pool; objects: ObjectStore },
  options: StudyOptions = {},
): Promise<StudyFixture> {
  const { key = 'demo', version = '1.0.0', folds = 3, at = FIXTURE_NOW } = options;
  const studyId = fixtureId(key, 'study');
  const releaseId = fixtureId(key, 'release', version);
  await pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, description, created_at) VALUES ($1, $2, $3, $4, 'America/New_York', $5, $6)
     ON CONFLICT (key) DO NOTHING`,
    [
      studyId,
      key,
      `Study ${key}`,
      options.synthetic ?? true,
      { consent: { version: '1', uses: ['HMB'], modalities: ALL_MODALITIES } },
      at,
    ],
  );
  const patients: FixturePatient[] = [];
  for (let i = 0; i < (options.patients ?? 6); i++)
    patients.push(await addPatient(pool, objects, { studyId, key, i, folds, at, options }));
  const digest = createHash('sha256').update(`${key} ${version}`).digest('hex');
  await pool.query(
    `INSERT INTO release (id, study_id, version, status, digest, drafted_at) VALUES ($1, $2, $3, 'DRAFT', $4, $5)`,
    [releaseId, studyId, version, digest, at],
  );
  for (const patient of patients) await freeze(pool, releaseId, patient);
  if (options.status !== 'DRAFT')
    await pool.query(`UPDATE release SET status = 'PUBLISHED', published_at = $2 WHERE id = $1`, [releaseId, at]);
  return { studyId, key, releaseId, version, digest, patients };
}

interface PatientPlan {
  studyId: string;
  key: string;
  i: number;
  folds: number;
  at: Date;
  options: StudyOptions;
}

async function addPatient(pool: pg.Pool, objects: ObjectStore, plan: PatientPlan): Promise<FixturePatient> {
  const { studyId, key, i, folds, at, options } = plan;
  const code = String(9001 + i);
  const id = fixtureId(key, 'patient', code);
  const shiftDays = 40 + i;
  const split = (i % folds) + 1;
  const [painTarget] = LEVELS[i % 4]!;
  await pool.query(
    `INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, source_device, age_group, fold, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, '45-64', $8, $9, $9)`,
    [
      id,
      studyId,
      code,
      i % 2 === 0 ? 'F' : 'M',
      i % 3 === 0 ? 'IV_VI' : 'I_III',
      painTarget,
      i % 2 === 0 ? 'iPhone, "11"' : null,
      split,
      at,
    ],
  );
  await pool.query('INSERT INTO patient_secret (patient_id, date_shift_days) VALUES ($1, $2)', [id, shiftDays]);
  await pool.query(
    `INSERT INTO consent (id, patient_id, version, uses, modalities, effective_at, recorded_at) VALUES ($1, $2, '1', $3, $4, $5, $5)`,
    [
      fixtureId(key, 'consent', code),
      id,
      options.uses ?? ['HMB'],
      options.modalities ?? ALL_MODALITIES,
      new Date('2020-01-01T00:00:00Z'),
    ],
  );
  const count = options.submissions ?? 2;
  const submissions: FixtureSubmission[] = [];
  for (let s = 0; s < count; s++) {
    const irregular = { survey: i > 0 || s > 0, sound: i > 0 || s < count - 1 || count === 1 };
    submissions.push(
      await addSubmission(pool, objects, {
        key,
        patientId: id,
        code,
        s,
        i,
        shiftDays,
        at,
        frames: options.frames ?? 45,
        ...irregular,
      }),
    );
  }
  return { id, code, split, painTarget, shiftDays, submissions };
}

interface SubmissionPlan {
  key: string;
  patientId: string;
  code: string;
  i: number;
  s: number;
  shiftDays: number;
  at: Date;
  frames: number;
  survey: boolean;
  sound: boolean;
}

async function addSubmission(pool: pg.Pool, objects: ObjectStore, plan: SubmissionPlan): Promise<FixtureSubmission> {
  const { key, code, s, i, frames, at } = plan;
  const id = fixtureId(key, 'submission', code, s);
  const recordingId = fixtureId(key, 'recording', code, s);
  const recorded = new Date(Date.UTC(2020, 10, 20 + s, 3 + ((i * 5 + s * 7) % 20), 2, 30 + i));
  const released = new Date(recorded.getTime() - plan.shiftDays * 86_400_000);
  const durationSeconds = frames / 10;
  const chunks = Math.ceil(durationSeconds / CHUNK_SECONDS);
  const noFace = frames >= 5 ? [5] : [];
  const noMesh = frames >= 7 ? [7] : [];
  const vector = (salt: number): number[] | null =>
    plan.sound ? Array.from({ length: 25 }, (_, n) => n * 1.5 + i + s / 8 + salt / 64) : null;
  await pool.query('INSERT INTO submission (id, patient_id, recorded_at, created_at) VALUES ($1, $2, $3, $4)', [
    id,
    plan.patientId,
    local(recorded),
    at,
  ]);
  await pool.query(
    `INSERT INTO recording (id, submission_id, video_sha256, pipeline_version, status, duration_seconds, width, height, rotation, frame_rate, video_codec,
       audio_status, audio_sample_rate, audio_channels, audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
     VALUES ($1, $2, $3, '1', 'PROCESSED', $4, 240, 320, 0, 15, 'h264', $5, $6, $7, $8, $9, $10, $11, $12, $13, true, $14)`,
    [
      recordingId,
      id,
      createHash('sha256').update(`video ${key} ${code} ${s}`).digest('hex'),
      durationSeconds,
      plan.sound ? 'OK' : 'NONE',
      plan.sound ? 8000 : null,
      plan.sound ? 1 : null,
      vector(0),
      frames,
      frames - noFace.length,
      frames - noFace.length - noMesh.length,
      chunks,
      {
        width: 240,
        height: 320,
        brightness: 100 + i,
        contrast: 40,
        sharpness: 200 + s,
        faceShare: 0.9,
        loudnessDbfs: plan.sound ? -20 : null,
        clippedShare: plan.sound ? 0 : null,
      },
      at,
    ],
  );
  if (plan.survey)
    await pool.query('INSERT INTO survey VALUES ($1, $2, $3, $4, 1, 2, 3, 4, 5, 6)', [
      recordingId,
      (i + s) % 11,
      s % 2 === 0,
      i % 11,
    ]);
  const numbers = Array.from({ length: frames }, (_, n) => n + 1);
  const side = (offset: number) => numbers.map((n) => (noFace.includes(n) ? null : offset + n));
  await pool.query('INSERT INTO frame_record VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    recordingId,
    side(10),
    side(20),
    side(100),
    side(120),
    numbers.map((n) => (noFace.includes(n) ? null : 0.5 + (n % 4) / 8)),
    numbers.map((n) => !noFace.includes(n) && !noMesh.includes(n)),
  ]);
  for (let c = 0; c < chunks; c++)
    await pool.query('INSERT INTO chunk VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      recordingId,
      c,
      c * CHUNK_SECONDS,
      Math.min((c + 1) * CHUNK_SECONDS, durationSeconds),
      c * CHUNK_SECONDS * 10 + 1,
      Math.min((c + 1) * CHUNK_SECONDS * 10, frames),
      vector(c + 1),
    ]);
  const name = `${key} ${code} ${s}`;
  for (const { kind, bytes, offsets } of recordingFiles({
    name,
    frames,
    chunks,
    noFace,
    noMesh,
    sound: plan.sound,
    durationSeconds,
  })) {
    const objectKey = `sealed/${key}/${code}/artifacts/${recordingId}/${kind.toLowerCase().replaceAll('_', '-')}`;
    const stored = await objects.put(objectKey, bytes);
    await pool.query(
      `INSERT INTO artifact (id, recording_id, kind, object_key, bytes, sha256, content_type, offsets, step, step_version, parameters, made_from, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'application/octet-stream', $7, 'fixture', '1', '{}', '{}', $8)`,
      [
        fixtureId(key, 'artifact', code, s, kind),
        recordingId,
        kind,
        objectKey,
        stored.bytes,
        stored.sha256,
        offsets,
        at,
      ],
    );
  }
  const releasedAt = local(released);
  const timestamp = releasedAt.replaceAll(/[-:]/g, '');
  const { survey, sound } = plan;
  return {
    id,
    recordingId,
    recordedAt: local(recorded),
    releasedAt,
    timestamp,
    frames,
    chunks,
    durationSeconds,
    noFace,
    noMesh,
    survey,
    sound,
  };
}

async function freeze(pool: pg.Pool, releaseId: string, patient: FixturePatient): Promise<void> {
  const [, level, painClass] = LEVELS.find(([target]) => target === patient.painTarget)!;
  await pool.query(
    `INSERT INTO release_patient (release_id, patient_id, code, sex, skin_type, pain_target, pain_level, pain_class, cohort, age_group, source_device, split)
     SELECT $1, id, code, sex, skin_type, pain_target, $3, $4, 'A', age_group, source_device, $5 FROM patient WHERE id = $2`,
    [releaseId, patient.id, level, painClass, patient.split],
  );
  for (const submission of patient.submissions)
    await pool.query(
      `INSERT INTO release_submission (release_id, submission_id, patient_id, recording_id, recorded_at, timeframe, setting)
       VALUES ($1, $2, $3, $4, $5, $6, 'REMOTE')`,
      [
        releaseId,
        submission.id,
        patient.id,
        submission.recordingId,
        submission.releasedAt,
        timeframe(Number(submission.releasedAt.slice(11, 13))),
      ],
    );
}

const local = (at: Date): string => at.toISOString().slice(0, 19);

const timeframe = (hour: number): string => {
  if (hour >= 21) return 'EARLY_NITE';
  if (hour >= 17) return 'REG_PM';
  if (hour >= 12) return 'EARLY_PM';
  if (hour >= 8) return 'REG_AM';
  return hour >= 5 ? 'EARLY_AM' : 'LATE_NITE';
};
