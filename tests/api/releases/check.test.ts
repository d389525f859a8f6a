import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRelease } from '../../../api/services/releases/check-release.ts';
import { releaseDigest } from '../../../api/services/releases/release-digest.ts';
import { draftOf } from '../ingest/draft.ts';
import { drawnDrop, type IngestWorld, ingestWorld } from '../ingest/ingest-world.ts';
import { whileChanged } from './while-changed.ts';

let world: IngestWorld;
let drop: string;
let versions = 0;
const nextVersion = () => `1.${versions++}.0`;

beforeAll(async () => {
  world = await ingestWorld();
  drop = await drawnDrop(3, 2, 21);
  await world.ingest(drop);
}, 180_000);
afterAll(async () => {
  await world.stop();
  await rm(drop, { recursive: true, force: true });
});

const changed = <Result>(statements: string[], look: () => Promise<Result>) =>
  whileChanged(world.pool, statements, look);
const check = (id: string, checksums = true) => checkRelease(world.base, id, { checksums });
const digest = (id: string) => releaseDigest(world.base.database, id);

describe('the digest changes with anything that the release holds', () => {
  const one = (table: string) => `(SELECT min(recording_id::text)::uuid FROM ${table})`;
  it.each<[string, string]>([
    [
      'a patient’s sex',
      `UPDATE release_patient SET sex = CASE sex WHEN 'M' THEN 'F' ELSE 'M' END WHERE code = (SELECT min(code) FROM release_patient)`,
    ],
    [
      'an age group that moves into the device’s place',
      `UPDATE release_patient SET source_device = age_group, age_group = source_device WHERE code = (SELECT min(code) FROM release_patient)`,
    ],
    ['a pain level', `UPDATE release_patient SET pain_level = CASE pain_level WHEN 'NONE' THEN 'LOW' ELSE 'NONE' END`],
    ['a fold', 'UPDATE release_patient SET split = split + 1'],
    ['a moment', `UPDATE release_submission SET recorded_at = recorded_at + interval '1 second'`],
    ['an answer', `UPDATE survey SET mood = (mood + 1) % 11 WHERE recording_id = ${one('survey')}`],
    ['an answer gone', `DELETE FROM survey WHERE recording_id = ${one('survey')}`],
    ['a box of one frame', `UPDATE frame_record SET box_x[3] = 1 WHERE recording_id = ${one('frame_record')}`],
    ['a score', `UPDATE frame_record SET score[1] = 0.5 WHERE recording_id = ${one('frame_record')}`],
    [
      'a feature of a chunk',
      `UPDATE chunk SET audio_vector[7] = audio_vector[7] + 1e-9 WHERE recording_id = ${one('chunk')}`,
    ],
    ['a feature of a recording', 'UPDATE recording SET audio_vector[1] = 0.25'],
    ['a figure of quality', `UPDATE recording SET quality = quality || '{"brightness": 1}'`],
    [
      'a checksum',
      `UPDATE artifact SET sha256 = repeat('0', 64) WHERE kind = 'FACES' AND recording_id = ${one('artifact')}`,
    ],
    [
      'where a part begins',
      `UPDATE artifact SET offsets[2] = offsets[2] + 1 WHERE kind = 'FRAMES' AND recording_id = ${one('artifact')}`,
    ],
    ['a file gone', `DELETE FROM artifact WHERE kind = 'SPECTROGRAM' AND recording_id = ${one('artifact')}`],
  ])('%s', async (_, statement) => {
    const id = await draftOf(world, nextVersion());
    const before = await digest(id);
    expect(await changed([statement], () => digest(id))).not.toBe(before);
    expect(await digest(id)).toBe(before);
  });
});

describe('the check names', () => {
  it.each<[string, string[], RegExp]>([
    [
      'who has withdrawn',
      [
        `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'ERASE', 'x', now() FROM patient ORDER BY code LIMIT 1`,
      ],
      /^patient \w+: has withdrawn$/,
    ],
    [
      'a true date',
      ['UPDATE release_submission s SET recorded_at = t.recorded_at FROM submission t WHERE t.id = s.submission_id'],
      /^submission .*: its date is not the true one moved/,
    ],
    ['a file that is not recorded', [`DELETE FROM artifact WHERE kind = 'FACES'`], /: the file FACES is not recorded$/],
    [
      'frames that do not fit',
      ['UPDATE frame_record SET score = score[1:3]'],
      /: what is recorded of its frames does not fit their number$/,
    ],
    [
      'faces that do not fit',
      ['UPDATE recording SET face_count = face_count + 1'],
      /: what is recorded of its frames does not fit their number$/,
    ],
    [
      'a chunk that is missing',
      ['DELETE FROM chunk WHERE number = 0'],
      /: its chunks are not 1 that follow on each other$/,
    ],
    [
      'parts that are too few',
      [`UPDATE artifact SET offsets = offsets[1:4] WHERE kind = 'FRAMES'`],
      /frames: it holds 3 parts for \d+ frames$/,
    ],
    [
      'chunks without a part',
      [`UPDATE artifact SET offsets = offsets[1:1] WHERE kind = 'CHUNK_SPECTROGRAMS'`],
      /chunk-spectrograms: it holds 0 parts for 1 chunks$/,
    ],
    [
      'another’s recording',
      [`UPDATE release_submission SET recording_id = (SELECT min(id::text)::uuid FROM recording)`],
      /: its recording is another submission's, or was not processed$/,
    ],
    [
      'a patient in two folds by another name',
      ["UPDATE recording SET video_sha256 = repeat('a', 64)"],
      /^fold \d+: training and test share a patient or a video$/,
    ],
  ])('%s', async (_, statements, wanted) => {
    const id = await draftOf(world, nextVersion());
    const found = await changed(statements, () => check(id, false));
    const said = found.map(({ about, problem }) => `${about}: ${problem}`);
    expect(said.filter((line) => wanted.test(line)).length).toBeGreaterThan(0);
    // Whatever was done, the rows are not those that were frozen; a withdrawal and the dates' secret stand outside.
    if (!/withdrawn/.test(String(wanted))) expect(said).toContain('release: its digest is not that of its rows');
  });

  it('a file that is missing, cut short, longer, or has other bytes', async () => {
    const id = await draftOf(world, nextVersion());
    const { rows } = await world.pool.query<{ key: string; bytes: number }>(
      `SELECT object_key AS key, bytes::int FROM artifact WHERE kind IN ('VIDEO', 'AUDIO', 'FACES', 'LANDMARKS') AND recording_id = (SELECT min(recording_id::text)::uuid FROM artifact) ORDER BY kind`,
    );
    const [audio, faces, landmarks, video] = rows as [
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
    ];
    const { readFile } = await import('node:fs/promises');
    const path = (key: string) => join(world.data, 'objects', key);
    const kept = await Promise.all(rows.map(async ({ key }) => [path(key), await readFile(path(key))] as const));
    try {
      await rm(path(audio.key));
      await truncate(path(faces.key), (await readFile(path(faces.key))).length - 1);
      await writeFile(path(landmarks.key), Buffer.concat([await readFile(path(landmarks.key)), Buffer.from('x')]));
      const altered = await readFile(path(video.key));
      altered[Math.floor(altered.length / 2)]! ^= 1;
      await writeFile(path(video.key), altered);
      const found = new Map((await check(id)).map(({ about, problem }) => [about, problem]));
      expect(Object.fromEntries(found)).toEqual({
        [audio.key]: 'the file is missing',
        [faces.key]: `the file has ${faces.bytes - 1} bytes instead of ${faces.bytes}`,
        [landmarks.key]: `the file has ${landmarks.bytes + 1} bytes instead of ${landmarks.bytes}`,
        [video.key]: 'its checksum is not the recorded one',
      });
      expect((await check(id, false)).map(({ about }) => about)).not.toContain(video.key);
    } finally {
      for (const [file, content] of kept) await writeFile(file, content);
    }
    expect(await check(id)).toEqual([]);
  });
});
