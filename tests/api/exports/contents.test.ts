import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWav } from '../../../pipeline/audio/wav.ts';
import { landmarkValue, madeBytes } from '../../support/recording-files.ts';
import {
  EVERY_MODALITY,
  type ExportWorld,
  made,
  paths,
  read,
  readManifest,
  readTable,
  startExportWorld,
} from './export-world.ts';

let world: ExportWorld;
let id: string;
/** Patients 9002, 9003, 9005, 9006 train in fold 1; 9001 and 9004 test. */
const patient = (code: string) => world.study.patients.find((one) => one.code === code)!;

beforeAll(async () => {
  world = await startExportWorld({}, 60_000);
  id = await made(world, { fold: 1, part: 'ALL', modalities: EVERY_MODALITY });
});
afterAll(() => world.stop());

describe('every file of an export', () => {
  test('is in the manifest with its size and checksum, in the order of paths, and in the pages, and has the bytes it says', async () => {
    const manifest = await readManifest(world, id);
    const listed = await paths(world, id);
    expect(manifest.files.map(({ path }) => path)).toEqual(listed.filter((path) => path !== 'manifest.json'));
    expect(listed).toEqual([...listed].sort());
    for (const file of manifest.files) {
      const bytes = await read(world, id, file.path);
      expect([file.path, bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([
        file.path,
        file.bytes,
        file.sha256,
      ]);
    }
    expect(manifest.counts).toEqual({
      patients: 6,
      submissions: 12,
      frames: 12 * 45,
      chunks: 24,
      files: manifest.files.length,
      bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  });

  test('has the paths of the paper', async () => {
    const { timestamp } = patient('9002').submissions[0]!;
    const listed = (await paths(world, id)).filter((path) => path.includes(timestamp) && path.includes('9002'));
    const named = (pattern: RegExp) => listed.filter((path) => pattern.test(path)).length;
    expect(named(/^frames\/9002\/\w+\/\d+\.jpg$/)).toBe(45);
    // Frame 5 has no face.
    expect(named(/^crops\/9002\/9002_\w+_\d+\.jpg$/)).toBe(44);
    expect(listed.filter((path) => !/^(frames|crops)/.test(path))).toEqual(
      [
        `audio/9002/${timestamp}.f32`,
        `audio/9002/${timestamp}.png`,
        ...[0, 1].flatMap((n) =>
          ['f32', 'png', 'wav'].map((as) => `audio/9002/${timestamp}/chunk_9002_${n}_${timestamp}.${as}`),
        ),
        `audio/9002/${timestamp}/${timestamp}.wav`,
        `landmarks/9002/${timestamp}.f32`,
        `surveys/9002/${timestamp}/targets.csv`,
        `video/9002/${timestamp}.mp4`,
      ].sort(),
    );
  });
});

describe('pictures and sound', () => {
  test('are the parts of the packed files', async () => {
    const { timestamp } = patient('9003').submissions[1]!;
    expect(await read(world, id, `frames/9003/${timestamp}/7.jpg`)).toEqual(madeBytes('frame', 'demo 9003 1', 7));
    expect(await read(world, id, `crops/9003/9003_${timestamp}_6.jpg`)).toEqual(madeBytes('face', 'demo 9003 1', 6));
    expect(await read(world, id, `audio/9003/${timestamp}/chunk_9003_1_${timestamp}.png`)).toEqual(
      madeBytes('chunk picture', 'demo 9003 1', 1),
    );
    expect(await read(world, id, `audio/9003/${timestamp}.f32`)).toEqual(madeBytes('spectrogram', 'demo 9003 1'));
    expect(await read(world, id, `video/9003/${timestamp}.mp4`)).toEqual(madeBytes('video', 'demo 9003 1'));
  });

  test('a chunk is a wav of its own, cut at its seconds', async () => {
    const { timestamp } = patient('9003').submissions[1]!;
    const wavs = await Promise.all(
      [0, 1].map(async (n) =>
        readWav(await read(world, id, `audio/9003/${timestamp}/chunk_9003_${n}_${timestamp}.wav`)),
      ),
    );
    const whole = readWav(await read(world, id, `audio/9003/${timestamp}/${timestamp}.wav`));
    if (!whole.ok || !wavs[0]?.ok || !wavs[1]?.ok) throw new Error('not a wav');
    expect([wavs[0].wav.pcm.length, wavs[1].wav.pcm.length, whole.wav.pcm.length]).toEqual([32_000, 4_000, 36_000]);
    expect(wavs[1].wav.pcm).toEqual(whole.wav.pcm.slice(32_000));
  });

  test('a recording without sound has none', async () => {
    const { timestamp, sound } = patient('9001').submissions[1]!;
    expect(sound).toBe(false);
    expect(
      (await paths(world, id)).filter(
        (path) => path.includes(timestamp) && /^audio/.test(path) && path.includes('9001'),
      ),
    ).toEqual([]);
  });
});

describe('landmarks', () => {
  test('are records of 468 x 3 float32, NaN where there are none', async () => {
    const { timestamp } = patient('9004').submissions[0]!;
    const bytes = await read(world, id, `landmarks/9004/${timestamp}.f32`);
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(values.length).toBe(45 * 468 * 3);
    expect(values[5 * 1404 + 3]).toBe(landmarkValue(6, 3));
    expect(values[4 * 1404]).toBeNaN();
  });

  test('the index says of each frame whether a face and a mesh were found, and where', async () => {
    const { timestamp } = patient('9004').submissions[0]!;
    const rows = (await readTable(world, id, 'landmarks/index.parquet')).filter(
      (row) => row.patient === '9004' && row.timestamp === timestamp,
    );
    expect(rows).toHaveLength(45);
    expect([rows[3], rows[4], rows[6]]).toEqual([
      {
        patient: '9004',
        timestamp,
        file: `landmarks/9004/${timestamp}.f32`,
        frame: 4,
        face_found: true,
        landmarks_found: true,
        box_x: 14,
        box_y: 24,
        box_width: 104,
        box_height: 124,
        score: 0.5,
        offset: 3 * 5616,
      },
      {
        patient: '9004',
        timestamp,
        file: `landmarks/9004/${timestamp}.f32`,
        frame: 5,
        face_found: false,
        landmarks_found: false,
        box_x: null,
        box_y: null,
        box_width: null,
        box_height: null,
        score: null,
        offset: 4 * 5616,
      },
      {
        patient: '9004',
        timestamp,
        file: `landmarks/9004/${timestamp}.f32`,
        frame: 7,
        face_found: true,
        landmarks_found: false,
        box_x: 17,
        box_y: 27,
        box_width: 107,
        box_height: 127,
        score: 0.875,
        offset: 6 * 5616,
      },
    ]);
  });
});

describe('label tables', () => {
  test('patients: codes beside names, the fold that withholds them, their part', async () => {
    const rows = await readTable(world, id, 'labels/patients.parquet');
    expect(rows.map((row) => [row.patient, row.split, row.part])).toEqual([
      ['9001', 1, 'test'],
      ['9002', 2, 'train'],
      ['9003', 3, 'train'],
      ['9004', 1, 'test'],
      ['9005', 2, 'train'],
      ['9006', 3, 'train'],
    ]);
    expect(rows[1]).toEqual({
      patient: '9002',
      sex: 'M',
      sex_code: 0,
      skin_type: 'I-III',
      skin_code: 1,
      age_group: '45-64',
      pain_level: 'LOW',
      pain_level_code: 1,
      pain_class: 'PAIN',
      pain_class_code: 1,
      cohort: 'A',
      source_device: null,
      split: 2,
      part: 'train',
    });
  });

  test('submissions: the released dates, never the recorded ones', async () => {
    const rows = await readTable(world, id, 'labels/submissions.parquet');
    expect(rows.map((row) => row.recorded_at)).toEqual(
      world.study.patients.flatMap(({ submissions }) => submissions.map(({ releasedAt }) => releasedAt)),
    );
    const everything =
      JSON.stringify(
        await Promise.all(
          ['labels/submissions.parquet', 'labels/chunks.parquet', 'surveys/surveys.parquet'].map((path) =>
            readTable(world, id, path),
          ),
        ),
      ) + (await paths(world, id)).join();
    for (const { submissions } of world.study.patients)
      for (const { recordedAt } of submissions) {
        expect(everything).not.toContain(recordedAt);
        expect(everything).not.toContain(recordedAt.replaceAll(/[-:]/g, ''));
      }
    const { timestamp, releasedAt } = patient('9002').submissions[0]!;
    expect(rows.find((row) => row.patient === '9002' && row.timestamp === timestamp)).toEqual({
      patient: '9002',
      timestamp,
      recorded_at: releasedAt,
      timeframe: 'reg_am',
      timeframe_code: 1,
      setting: 'REMOTE',
      part: 'train',
      duration_seconds: 4.5,
      frames: 45,
      chunks: 2,
      audio_status: 'OK',
      width: 240,
      height: 320,
      rotation: 0,
      frame_rate: 15,
      brightness: 101,
      contrast: 40,
      sharpness: 200,
      loudness_dbfs: -20,
      clipped_share: 0,
    });
  });

  test('chunks and splits', async () => {
    const { timestamp } = patient('9001').submissions[0]!;
    const chunks = await readTable(world, id, 'labels/chunks.parquet');
    expect(chunks.filter((row) => row.patient === '9001' && row.timestamp === timestamp)).toEqual([
      {
        patient: '9001',
        timestamp,
        chunk: 0,
        start_seconds: 0,
        end_seconds: 4,
        first_frame: 1,
        last_frame: 40,
        part: 'test',
      },
      {
        patient: '9001',
        timestamp,
        chunk: 1,
        start_seconds: 4,
        end_seconds: 4.5,
        first_frame: 41,
        last_frame: 45,
        part: 'test',
      },
    ]);
    expect(
      (await readTable(world, id, 'labels/splits.parquet')).map((row) => [row.fold, row.patient, row.part]),
    ).toEqual([
      [1, '9001', 'test'],
      [1, '9002', 'train'],
      [1, '9003', 'train'],
      [1, '9004', 'test'],
      [1, '9005', 'train'],
      [1, '9006', 'train'],
    ]);
  });
});

describe("the paper's three sets of labels", () => {
  test('list frames with landmarks, at two classes and four, training and testing apart', async () => {
    for (const [side, count] of [
      ['train', 8],
      ['test', 4],
    ] as const)
      for (const classes of [2, 4])
        for (const set of ['set1', 'set2'])
          expect(await readTable(world, id, `labels/${set}_${classes}_${side}.parquet`)).toHaveLength(count * 43);
    const { timestamp } = patient('9003').submissions[0]!;
    const rows = await readTable(world, id, 'labels/set1_4_train.parquet');
    expect(rows.find((row) => row.files === `9003_${timestamp}_6.jpg`)).toEqual({
      files: `9003_${timestamp}_6.jpg`,
      pain_class: 2,
      gender: 1,
      skin: 1,
      lm: `landmarks/9003/${timestamp}.f32`,
      lm_offset: 5 * 5616,
    });
    expect(rows.some((row) => row.files === `9003_${timestamp}_7.jpg`)).toBe(false);
    const two = await readTable(world, id, 'labels/set1_2_train.parquet');
    expect(two.find((row) => row.files === `9003_${timestamp}_6.jpg`)?.pain_class).toBe(1);
  });

  test('the second has the nine scores; zeros with a flag where no survey was given', async () => {
    const [withoutSurvey, withSurvey] = patient('9001').submissions;
    const rows = await readTable(world, id, 'labels/set2_4_test.parquet');
    const of = (timestamp: string) => rows.find((row) => row.files === `9001_${timestamp}_1.jpg`);
    const common = { pain_class: 0, gender: 1, skin: 0, subj: '9001', lm_offset: 0 };
    expect(of(withoutSurvey!.timestamp)).toMatchObject({
      ...common,
      video_date: withoutSurvey!.timestamp,
      scores_absent: 1,
      's1-painnow': 0,
      's1-work': 0,
      's1-enjoyment': 0,
    });
    expect(of(withSurvey!.timestamp)).toMatchObject({
      ...common,
      scores_absent: 0,
      's1-painnow': 1,
      's1-paintime': 0,
      's1-activity': 0,
      's1-mood': 1,
      's1-walking': 2,
      's1-work': 3,
      's1-relationships': 4,
      's1-sleep': 5,
      's1-enjoyment': 6,
    });
  });

  test('the third has the 25 numbers of recordings and of chunks with sound', async () => {
    const rows = await readTable(world, id, 'labels/set3_4_test.parquet');
    // 9001's second recording has no sound.
    expect(rows.map((row) => row.subj)).toEqual(['9001', '9004', '9004']);
    const { timestamp } = patient('9001').submissions[0]!;
    expect(rows[0]).toEqual({
      filename: `${timestamp}.png`,
      pain_class: 0,
      gender: 1,
      skin: 0,
      basename: timestamp,
      subj: '9001',
      acoustic: Array.from({ length: 25 }, (_, n) => n * 1.5),
    });
    const chunks = await readTable(world, id, 'labels/set3_chunks_2_test.parquet');
    expect(chunks).toHaveLength(6);
    expect(chunks[1]).toMatchObject({
      filename: `chunk_9001_1_${timestamp}.png`,
      acoustic: Array.from({ length: 25 }, (_, n) => n * 1.5 + 2 / 64),
    });
  });
});

describe('surveys and audio features', () => {
  test('a file for each survey that was given, a row for each submission', async () => {
    const [without, given] = patient('9001').submissions;
    expect((await read(world, id, `surveys/9001/${given!.timestamp}/targets.csv`)).toString()).toBe(
      'painnow,paintime,activity,mood,walking,work,relationships,sleep,enjoyment\r\n1,0,0,1,2,3,4,5,6\r\n',
    );
    expect((await paths(world, id)).filter((path) => path.startsWith('surveys/9001/'))).toHaveLength(1);
    const rows = await readTable(world, id, 'surveys/surveys.parquet');
    expect(rows).toHaveLength(12);
    expect(rows[0]).toEqual({
      patient: '9001',
      timestamp: without!.timestamp,
      painnow: 0,
      paintime: 0,
      activity: 0,
      mood: 0,
      walking: 0,
      work: 0,
      relationships: 0,
      sleep: 0,
      enjoyment: 0,
      absent: true,
    });
    expect(rows[1]).toMatchObject({ painnow: 1, absent: false });
    expect(await readTable(world, id, 'surveys/pain_targets.parquet')).toEqual(
      [0, 2, 5, 8, 0, 2].map((pain_target, i) => ({ patient: String(9001 + i), pain_target })),
    );
  });

  test('25 named columns in the design’s order', async () => {
    const rows = await readTable(world, id, 'audio_features/recordings.parquet');
    expect(rows).toHaveLength(11);
    expect(Object.keys(rows[0]!)).toEqual([
      'patient',
      'timestamp',
      'chroma',
      'spectral_centroid',
      'spectral_bandwidth',
      'spectral_rolloff',
      'zero_crossing_rate',
      ...Array.from({ length: 20 }, (_, i) => `mfcc_${i + 1}`),
    ]);
    expect(await readTable(world, id, 'audio_features/chunks.parquet')).toHaveLength(22);
    const csv = (await read(world, id, 'audio_features/9002/audio_features.csv')).toString().split('\r\n');
    expect(csv).toHaveLength(4);
    expect(csv[1]?.split(',').slice(0, 3)).toEqual([patient('9002').submissions[0]!.timestamp, '1', '2.5']);
  });
});

test('the manifest says what it is, where it comes from and that the fold shares no patient', async () => {
  const manifest = await readManifest(world, id);
  const { files: _, contentDigest, ...head } = manifest;
  expect(contentDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(head).toEqual({
    format: 'iss-export',
    formatVersion: 1,
    export: id,
    study: { key: 'demo', title: 'Study demo' },
    synthetic: true,
    release: { version: '1.0.0', state: '1.0.0', digest: world.study.digest, stateDigest: world.study.digest },
    fold: 1,
    part: 'ALL',
    modalities: EVERY_MODALITY,
    grant: world.person.grantId,
    requestedBy: 'ada',
    createdAt: '2025-03-15T12:00:00.000Z',
    counts: expect.anything(),
    folds: [
      { number: 1, trainPatients: ['9002', '9003', '9005', '9006'], testPatients: ['9001', '9004'], disjoint: true },
    ],
    disjointness: expect.stringContaining('SHA-256'),
    leftOut: [],
    cite: expect.stringContaining('(synthetic), release 1.0.0'),
  });
  const readme = (await read(world, id, 'README.md')).toString();
  expect(readme).toContain('Synthetic data');
  expect(readme).toContain('pd.read_parquet("labels/patients.parquet")');
  const state = await world.exports.state(id, world.person.actor);
  expect(state).toMatchObject({
    state: 'SUCCEEDED',
    manifestSha256: createHash('sha256')
      .update(await read(world, id, 'manifest.json'))
      .digest('hex'),
    fileCount: manifest.files.length + 1,
  });
});
