import type pg from 'pg';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import { PUBLISHED_PATIENTS_WITH_DATA } from '../../../pipeline/published/patients.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fixtureId } from '../../support/study-fixture.ts';

export interface BenchStudy {
  readonly person: FixturePerson;
  readonly releaseId: string;
  readonly patients: number;
  readonly submissions: number;
  readonly frames: number;
  /** A patient with twenty submissions or more. */
  readonly manySubmissions: string;
  /** The submission with the most frames under 500, and the one with the most of all: patient's code, timestamp. */
  readonly whole: readonly [code: string, timestamp: string];
  readonly long: readonly [code: string, timestamp: string];
}

const KEY = 'bench';

/**
 * Generated rows of the published shape (paper, Tables 6 and 7: 29 patients, 509 videos, 189,999 frames, 91 % of them
 * with a face), `copies` times over, and a researcher who may read everything. `flat` makes the same rows once more as
 * plain tables with a row for each frame, which is what suits a server that reads tables as they are.
 */
export const fillBench = async (pool: pg.Pool, copies: number, flat: boolean): Promise<BenchStudy> => {
  const studyId = fixtureId(KEY, 'study');
  const releaseId = fixtureId(KEY, 'release');
  const at = new Date('2025-01-01T00:00:00Z');
  await pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, created_at) VALUES ($1, $2, 'Bench', true, 'America/New_York', $3)`,
    [studyId, KEY, at],
  );
  const person = await addResearcher(pool, { name: 'bench', studyId, now: new Date() });
  const client = await pool.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(
      'CREATE TABLE bench_plan (code text, sex text, skin text, target int, level text, class text, cohort text, device text, split int, videos int, frames int)',
    );
    const rows = PUBLISHED_PATIENTS_WITH_DATA.map((patient, index) => {
      const target = { NONE: 0, LOW: 2, MODERATE: 5, SEVERE: 8 }[patient.painLevel];
      const { sex, skinType, painLevel, painClass, sourceDevice, videos, frames } = patient;
      return [
        patient.patient,
        sex,
        skinType,
        target,
        painLevel,
        painClass,
        cohortOf(painLevel, skinType, sex),
        sourceDevice,
        (index % 10) + 1,
        videos,
        frames,
      ];
    });
    await client.query(
      'INSERT INTO bench_plan SELECT x.* FROM jsonb_to_recordset($1) AS x(code text, sex text, skin text, target int, level text, class text, cohort text, device text, split int, videos int, frames int)',
      [
        JSON.stringify(
          rows.map(([code, sex, skin, target, level, painClass, cohort, device, split, videos, frames]) => ({
            code,
            sex,
            skin,
            target,
            level,
            class: painClass,
            cohort,
            device,
            split,
            videos,
            frames,
          })),
        ),
      ],
    );
    await client.query(
      FILL.replaceAll(':copies', String(Math.trunc(copies)))
        .replaceAll(':study', `'${studyId}'::uuid`)
        .replaceAll(':release', `'${releaseId}'::uuid`),
    );
    if (flat) await client.query(FLAT);
    await client.query('ANALYZE');
    const figure = async <T>(sql: string): Promise<T> => (await client.query(sql)).rows[0] as T;
    const counts = await figure<{ p: string; s: string; f: string }>(
      `SELECT (SELECT count(*) FROM release_patient) AS p, (SELECT count(*) FROM release_submission) AS s, (SELECT sum(frame_count) FROM recording) AS f`,
    );
    const place = async (condition: string): Promise<[string, string]> => {
      const { code, timestamp } = await figure<{ code: string; timestamp: string }>(
        `SELECT p.code, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp FROM release_submission s JOIN release_patient p USING (release_id, patient_id)
         JOIN recording r ON r.id = s.recording_id WHERE ${condition} ORDER BY r.frame_count DESC, p.code, s.recorded_at LIMIT 1`,
      );
      return [code, timestamp];
    };
    const { code } = await figure<{ code: string }>(
      'SELECT code FROM bench_plan WHERE videos >= 20 ORDER BY code LIMIT 1',
    );
    return {
      person,
      releaseId,
      patients: Number(counts.p),
      submissions: Number(counts.s),
      frames: Number(counts.f),
      manySubmissions: code,
      whole: await place('r.frame_count <= 500'),
      long: await place('true'),
    };
  } finally {
    client.release(true);
  }
};

const FILL = `
INSERT INTO patient SELECT uuidv7(), :study, CASE WHEN k = 0 THEN b.code ELSE b.code || '-' || k END, b.sex, b.skin, b.target, b.device, '45-64', NULL, b.split, now(), now()
  FROM bench_plan b, generate_series(0, :copies - 1) k;
INSERT INTO consent SELECT uuidv7(), id, '1', '{HMB}', '{LABELS,PAIN_SCORES,AUDIO_FEATURES,BASELINES,LANDMARKS,SPECTROGRAMS,VIDEO,FRAMES,FACES,AUDIO}', NULL, NULL, '2020-01-01', '2020-01-01', NULL FROM patient;
INSERT INTO release (id, study_id, version, status, drafted_at, published_at) VALUES (:release, :study, '1.0.0', 'PUBLISHED', now(), now());
INSERT INTO release_patient SELECT :release, p.id, p.code, p.sex, p.skin_type, p.pain_target, b.level, b.class, b.cohort, p.age_group, p.source_device, b.split
  FROM patient p JOIN bench_plan b ON b.code = split_part(p.code, '-', 1);
INSERT INTO submission SELECT uuidv7(), p.id, timestamp '2020-11-20 08:02:30' + n * interval '31 hours', 'REMOTE', now()
  FROM patient p JOIN bench_plan b ON b.code = split_part(p.code, '-', 1), generate_series(1, b.videos) n;
INSERT INTO recording (id, submission_id, video_sha256, pipeline_version, status, duration_seconds, width, height, rotation, frame_rate, video_codec, audio_status,
    audio_vector, frame_count, face_count, landmark_count, chunk_count, quality, current, created_at)
  SELECT uuidv7(), s.id, encode(sha256(uuid_send(s.id)), 'hex'), '1', 'PROCESSED', x.frames / 10.0, 720, 1280, 0, 30, 'h264', 'OK',
    (SELECT array_agg(v * 1.37) FROM generate_series(1, 25) v), x.frames, x.frames * 10 / 11, x.frames * 10 / 11, ceil(x.frames / 40.0), '{"brightness": 101.5}', true, now()
  FROM (SELECT s.id, s.patient_id, row_number() OVER (PARTITION BY s.patient_id ORDER BY s.recorded_at) AS n FROM submission s) s
  JOIN patient p ON p.id = s.patient_id JOIN bench_plan b ON b.code = split_part(p.code, '-', 1),
  LATERAL (SELECT b.frames / b.videos + CASE WHEN s.n = 1 THEN b.frames % b.videos ELSE 0 END AS frames) x;
INSERT INTO survey SELECT id, 3, true, 1, 2, 3, 4, 5, 6, 7 FROM recording;
INSERT INTO release_submission SELECT :release, s.id, s.patient_id, r.id, s.recorded_at, 'REG_AM', 'REMOTE' FROM submission s JOIN recording r ON r.submission_id = s.id;
INSERT INTO frame_record SELECT r.id, x.* FROM recording r, LATERAL (SELECT
    array_agg(CASE WHEN n % 11 > 0 THEN 100 + n % 60 END ORDER BY n), array_agg(CASE WHEN n % 11 > 0 THEN 200 + n % 50 END ORDER BY n),
    array_agg(CASE WHEN n % 11 > 0 THEN 300 + n % 40 END ORDER BY n), array_agg(CASE WHEN n % 11 > 0 THEN 400 + n % 30 END ORDER BY n),
    array_agg(CASE WHEN n % 11 > 0 THEN (0.6 + (n * 7919 % 4000) / 10000.0)::real END ORDER BY n), array_agg(n % 11 > 0 ORDER BY n)
  FROM generate_series(1, r.frame_count) n) x;
`;

const FLAT = `
CREATE SCHEMA flat;
CREATE TABLE flat.patient AS SELECT patient_id AS id, code, sex, skin_type, age_group, pain_target, pain_level, pain_class, cohort, source_device FROM release_patient;
ALTER TABLE flat.patient ADD PRIMARY KEY (id), ADD UNIQUE (code);
CREATE TABLE flat.submission AS SELECT s.submission_id AS id, s.patient_id, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp, s.recorded_at, s.timeframe, s.setting,
  r.duration_seconds, r.status FROM release_submission s JOIN recording r ON r.id = s.recording_id;
ALTER TABLE flat.submission ADD PRIMARY KEY (id), ADD FOREIGN KEY (patient_id) REFERENCES flat.patient (id), ADD UNIQUE (patient_id, timestamp);
CREATE INDEX ON flat.submission (patient_id, recorded_at, id);
CREATE TABLE flat.survey AS SELECT s.submission_id, y.pain_now, y.pain_time, y.activity, y.mood, y.walking, y.work, y.relationships, y.sleep, y.enjoyment
  FROM release_submission s JOIN survey y USING (recording_id);
ALTER TABLE flat.survey ADD PRIMARY KEY (submission_id), ADD FOREIGN KEY (submission_id) REFERENCES flat.submission (id);
CREATE TABLE flat.frame AS SELECT s.submission_id, u.n::int AS number, (u.n - 1) / 10.0::float8 AS time_seconds, u.score, u.x, u.y, u.w AS width, u.h AS height
  FROM release_submission s JOIN frame_record f USING (recording_id), unnest(f.box_x, f.box_y, f.box_width, f.box_height, f.score) WITH ORDINALITY AS u(x, y, w, h, score, n);
ALTER TABLE flat.frame ADD PRIMARY KEY (submission_id, number), ADD FOREIGN KEY (submission_id) REFERENCES flat.submission (id);
`;
