import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { checkRelease } from '../../../api/services/releases/check-release.ts';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { ARTIFACT_KINDS } from '../../../pipeline/stages/artifact-sink.ts';
import { draftOf } from './draft.ts';
import { drawnDrop, filesBelow, type IngestWorld, ingestWorld, submissionsOf } from './ingest-world.ts';

let world: IngestWorld;
let drop: string;
let names: string[];
const surveyOf = (name: string) => join(drop, 'submissions', name, 'survey.csv');
const videoOf = (name: string) => join(drop, 'submissions', name, 'narrative.mp4');

beforeAll(async () => {
  world = await ingestWorld();
  drop = await drawnDrop(2, 2);
  names = await submissionsOf(drop);
});
afterAll(async () => {
  await world.stop();
  await rm(drop, { recursive: true, force: true });
});

const outcomes = (items: { patient: string; timestamp: string; outcome: string }[]) =>
  Object.fromEntries(items.map((item) => [`${item.patient}/${item.timestamp}`, item.outcome]));
const all = (outcome: string, but: Record<string, string> = {}) => ({
  ...Object.fromEntries(names.map((name) => [name, outcome])),
  ...but,
});

interface RecordingRow {
  id: string;
  name: string;
  current: boolean;
  video: string;
  survey: string | null;
  keys: string[];
}
async function recordings(): Promise<RecordingRow[]> {
  const { rows } = await world.pool.query<RecordingRow>(
    `SELECT r.id, p.code || '/' || to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS name, r.current, r.video_sha256 AS video, r.survey_sha256 AS survey,
       ARRAY(SELECT object_key FROM artifact a WHERE a.recording_id = r.id ORDER BY kind) AS keys
     FROM recording r JOIN submission s ON s.id = r.submission_id JOIN patient p ON p.id = s.patient_id ORDER BY name, r.created_at`,
  );
  return rows;
}

/** Every artifact's object is there, and every object below its patient's artifacts/ is some artifact's. */
async function noOrphans(): Promise<void> {
  const { rows } = await world.pool.query<{ key: string }>(
    'SELECT DISTINCT object_key AS key FROM artifact ORDER BY 1',
  );
  const stored = [...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'));
  expect(stored).toEqual(rows.map((row) => row.key).sort());
  expect(await filesBelow(join(world.data, 'work'))).toBe(0);
}

describe('a drop', () => {
  it('is taken whole: every submission is processed, with all its rows and files', async () => {
    expect(outcomes(await world.ingest(drop))).toEqual(all('PROCESSED'));
    expect(await world.counts()).toMatchObject({
      patient: 2,
      submission: 4,
      recording: 4,
      frame_record: 4,
      consent: 2,
    });
    for (const recording of await recordings())
      expect(recording.keys.map((key) => key.split('/').at(-1))).toEqual(
        [...ARTIFACT_KINDS].sort().map((kind) => kind.toLowerCase().replaceAll('_', '-')),
      );
    await noOrphans();
    const draft = await draftOf(world, '0.1.0');
    expect(await checkRelease(world.base, draft, { checksums: true })).toEqual([]);
    const { rows } = await world.pool.query(
      `SELECT r.*, f.*, (SELECT count(*)::int FROM chunk c WHERE c.recording_id = r.id) AS chunks FROM recording r JOIN frame_record f ON f.recording_id = r.id`,
    );
    for (const row of rows) {
      expect(row.frame_count).toBeGreaterThanOrEqual(9);
      expect(row.score).toHaveLength(row.frame_count);
      expect(row.landmarks_found.filter(Boolean)).toHaveLength(row.landmark_count);
      expect(row.box_x.filter((x: number | null) => x !== null)).toHaveLength(row.face_count);
      expect(row).toMatchObject({ width: 240, height: 320, audio_status: 'OK', chunks: 1, chunk_count: 1 });
      expect(row.audio_vector).toHaveLength(25);
      expect(Object.values(row.quality).every((value) => typeof value === 'number' || typeof value === 'boolean')).toBe(
        true,
      );
    }
  });

  it('says what each file was made from, how, and with which checksum', async () => {
    const { rows } = await world.pool.query(
      'SELECT a.*, r.video_sha256 FROM artifact a JOIN recording r ON r.id = a.recording_id',
    );
    for (const row of rows) {
      expect(row.made_from).toEqual([row.video_sha256]);
      expect(row.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(row.step_version).toBe('1');
      const packed = ['FRAMES', 'FACES', 'CHUNK_SPECTROGRAMS', 'CHUNK_SPECTROGRAM_PICTURES'].includes(row.kind);
      expect(row.offsets === null).toBe(!packed);
      if (packed) expect(Number(row.offsets.at(-1))).toBe(Number(row.bytes));
    }
  });

  it('is written to the log, an entry a drop and an entry a submission', async () => {
    const { rows } = await world.pool.query<{ action: string; text: string }>(
      `SELECT action, text FROM audit_entry WHERE action IN ('OPEN_DROP', 'INGEST_SUBMISSION') ORDER BY seq`,
    );
    expect(rows.map((row) => row.action)).toEqual(['OPEN_DROP', ...names.map(() => 'INGEST_SUBMISSION')]);
    expect(JSON.parse(rows[0]!.text)).toMatchObject({
      study: 'iss',
      patients: 2,
      waiting: 4,
      unchanged: 0,
      refused: 0,
    });
    expect(rows.slice(1).map((row) => JSON.parse(row.text).outcome)).toEqual(names.map(() => 'PROCESSED'));
  });

  it('releases a video with none of the phone’s notes, which plays as long', async () => {
    const [recording] = await recordings();
    const key = recording!.keys.find((one) => one.endsWith('/video'))!;
    const bytes = await readWhole(world.base.objects, key);
    const original = await readFile(videoOf(recording!.name));
    const said = (file: Buffer) => file.toString('latin1');
    // The generator's phones write all of these; the copy has none.
    const { rows } = await world.pool.query('SELECT code FROM patient');
    const marks = ['com.apple', 'com.android', '\xa9xyz', 'loci', 'creation_time', ...rows.map((row) => row.code)];
    expect(marks.filter((mark) => said(original).includes(mark))).not.toEqual([]);
    expect(marks.filter((mark) => said(bytes).includes(mark))).toEqual([]);
    // The list of notes is there, and empty.
    expect(bytes.readUInt32BE(bytes.indexOf('ilst') - 4)).toBe(8);
    // No moment of making either: both times of the movie header are zero.
    const header = bytes.indexOf('mvhd');
    expect(bytes.readUInt32BE(header + 8)).toBe(0);
    expect(bytes.readUInt32BE(header + 12)).toBe(0);
    const local = await world.base.objects.localFile(key);
    const ends = [];
    for (const path of [local.path, videoOf(recording!.name)])
      for await (const event of decodeRecording(path))
        if (event.kind === 'end') ends.push([event.videoFrames, event.sampledFrames]);
    await local.release();
    expect(ends[0]).toEqual(ends[1]);
  });
});

describe('the same drop again', () => {
  it('does nothing: no row, no object, no job', async () => {
    const before = { counts: await world.counts(), objects: await world.objects(), recordings: await recordings() };
    const { items } = await world.send(drop);
    expect(outcomes(items)).toEqual(all('UNCHANGED'));
    expect({ counts: await world.counts(), objects: await world.objects(), recordings: await recordings() }).toEqual(
      before,
    );
    const { rows } = await world.pool.query(`SELECT 1 FROM job WHERE state IN ('QUEUED', 'RUNNING')`);
    expect(rows).toEqual([]);
  });

  it('with one video replaced changes only what is made of it', async () => {
    const [first, second] = names as [string, string];
    const before = await recordings();
    await cp(videoOf(first), join(drop, 'kept.mp4'));
    await cp(videoOf(second), videoOf(first));
    expect(outcomes(await world.ingest(drop))).toEqual(all('UNCHANGED', { [first]: 'PROCESSED' }));
    const after = await recordings();
    expect(after.filter((row) => row.name !== first)).toEqual(before.filter((row) => row.name !== first));
    const [old, fresh] = after.filter((row) => row.name === first);
    expect(old).toEqual({ ...before.find((row) => row.name === first), current: false });
    expect(fresh).toMatchObject({ current: true });
    expect(fresh!.keys.some((key) => old!.keys.includes(key))).toBe(false);
    await noOrphans();
  });

  it('with the former video back takes what was made of it then', async () => {
    const [first] = names as [string];
    const before = await recordings();
    const objects = await world.objects();
    await cp(join(drop, 'kept.mp4'), videoOf(first));
    await rm(join(drop, 'kept.mp4'));
    expect(outcomes(await world.ingest(drop))).toEqual(all('UNCHANGED', { [first]: 'PROCESSED' }));
    const flipped = before.map((row) => (row.name === first ? { ...row, current: !row.current } : row));
    expect(await recordings()).toEqual(flipped);
    expect(await world.objects()).toEqual(objects);
  });

  it('with only the survey changed shares every file', async () => {
    const [, second] = names as [string, string];
    const before = await recordings();
    const artifacts = [...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'));
    const text = await readFile(surveyOf(second), 'utf8');
    await writeFile(
      surveyOf(second),
      text.replace(/\n(\d+),/, (_, now) => `\n${(Number(now) + 1) % 11},`),
    );
    expect(outcomes(await world.ingest(drop))).toEqual(all('UNCHANGED', { [second]: 'PROCESSED' }));
    const [old, fresh] = (await recordings()).filter((row) => row.name === second);
    expect(old).toEqual({ ...before.find((row) => row.name === second), current: false });
    expect(fresh).toMatchObject({ current: true, video: old!.video, keys: old!.keys });
    expect(fresh!.survey).not.toBe(old!.survey);
    expect([...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'))).toEqual(artifacts);
    const { rows } = await world.pool.query(
      `SELECT (SELECT pain_now FROM survey WHERE recording_id = $1) - (SELECT pain_now FROM survey WHERE recording_id = $2) AS moved,
         (SELECT array_agg(c ORDER BY number) FROM (SELECT number, start_seconds, end_seconds, first_frame, last_frame, audio_vector FROM chunk WHERE recording_id = $1) c)
         = (SELECT array_agg(c ORDER BY number) FROM (SELECT number, start_seconds, end_seconds, first_frame, last_frame, audio_vector FROM chunk WHERE recording_id = $2) c) AS same`,
      [fresh!.id, old!.id],
    );
    expect([1, -10]).toContain(rows[0].moved);
    expect(rows[0].same).toBe(true);
    await noOrphans();
    expect(await checkRelease(world.base, await draftOf(world, '0.2.0'), { checksums: true })).toEqual([]);
  });

  it('with the survey gone stores its absence', async () => {
    const [, second] = names as [string, string];
    await rm(surveyOf(second));
    expect(outcomes(await world.ingest(drop))).toEqual(all('UNCHANGED', { [second]: 'PROCESSED' }));
    const current = (await recordings()).find((row) => row.name === second && row.current)!;
    expect(current.survey).toBeNull();
    const { rows } = await world.pool.query('SELECT 1 FROM survey WHERE recording_id = $1', [current.id]);
    expect(rows).toEqual([]);
  });

  it('with another length of chunks makes everything anew', async () => {
    const other = await ingestWorld({ settings: { ISS_CHUNK_SECONDS: '1' } });
    try {
      await other.ingest(drop);
      const { rows } = await other.pool.query('SELECT DISTINCT pipeline_version AS v FROM recording');
      expect(rows).toEqual([{ v: '1+chunk-1s' }]);
    } finally {
      await other.stop();
    }
  });
});

describe('an older drop that ends after a newer one', () => {
  it('does not take the newer one’s place', async () => {
    const [, , third, fourth] = names as [string, string, string, string];
    const original = await readFile(videoOf(third));
    await cp(videoOf(fourth), videoOf(third));
    const older = await world.send(drop);
    await writeFile(videoOf(third), Buffer.concat([original, Buffer.alloc(8)]));
    const newer = await world.send(drop);
    const current = async () => (await recordings()).find((row) => row.name === third && row.current)!;
    await world.pool.query(
      `UPDATE job SET priority = 5 WHERE payload ->> 'itemId' IN (SELECT id::text FROM ingest_item WHERE drop_id = $1)`,
      [newer.dropId],
    );
    await world.work(newer.dropId);
    const wanted = await current();
    const items = await world.work(older.dropId);
    expect(outcomes(items)[third]).toBe('PROCESSED');
    expect(await current()).toEqual(wanted);
    await writeFile(videoOf(third), original);
    await noOrphans();
  });
});

describe('somebody who has withdrawn', () => {
  it('is taken nothing more of, not even a byte', async () => {
    const [, , third] = names as [string, string, string];
    const patient = third.split('/')[0]!;
    await world.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'STOP_COLLECTION', 'asked', now() FROM patient WHERE code = $1`,
      [patient],
    );
    const objects = await world.objects();
    await writeFile(videoOf(third), Buffer.concat([await readFile(videoOf(third)), Buffer.alloc(16)]));
    const { items } = await world.send(drop);
    for (const item of items.filter((one) => one.patient === patient))
      expect(item).toMatchObject({ outcome: 'REFUSED', reasonCode: 'PATIENT_WITHDRAWN' });
    expect(await world.objects()).toEqual(objects);
  });

  it('is not processed either when they withdraw after the files were sent', async () => {
    const [first] = names as [string];
    const patient = first.split('/')[0]!;
    await writeFile(videoOf(first), Buffer.concat([await readFile(videoOf(first)), Buffer.alloc(24)]));
    const { dropId } = await world.send(drop);
    await world.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), id, 'ERASE', 'asked', now() FROM patient WHERE code = $1`,
      [patient],
    );
    const item = (await world.work(dropId)).find((one) => `${one.patient}/${one.timestamp}` === first);
    expect(item).toMatchObject({ outcome: 'REFUSED', reasonCode: 'PATIENT_WITHDRAWN', recordingId: null });
    await noOrphans();
  });
});
