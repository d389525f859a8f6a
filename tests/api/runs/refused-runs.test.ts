import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobFailure } from '../../../api/jobs/job-kind.ts';
import { LANDMARK_VALUES } from '../../../governance/modality.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let ann: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 1, frames: 10, folds: 3 });
  ann = await addResearcher(world.db.pool, { studyId: world.study.studyId, now: world.clock.now(), name: 'ann' });
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.db.pool.query('DELETE FROM baseline_run');
  await world.db.pool.query('DELETE FROM job');
});

/** One picture as every face of every recording: the fixture's are words. */
async function facesToSee(): Promise<void> {
  const { pool } = world.db;
  const picture = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#c58c6a' } })
    .jpeg()
    .toBuffer();
  const bytes = Buffer.concat(Array.from({ length: 10 }, () => picture));
  await world.base.objects.put('artifacts/real/faces', bytes);
  await pool.query(`UPDATE artifact SET object_key = 'artifacts/real/faces', offsets = $1 WHERE kind = 'FACES'`, [
    Array.from({ length: 11 }, (_, part) => part * picture.length),
  ]);
}

/** How a run ends that was asked for and worked on as ever. */
async function endOf(input: Record<string, unknown>) {
  const payload = await world.give(ann, 'runBaseline', input, '... on RunBaselineSuccess { run { id } }');
  const [kind] = world.services.runs.jobKinds();
  const job = (await world.base.jobs.claim('worker', ['run-baseline']))!;
  const context = { job, signal: new AbortController().signal, progress: () => {} };
  const end = await kind!.run(job.payload, context).then(
    (result) => ({ state: 'SUCCEEDED', result }) as const,
    (error: unknown) => {
      if (!(error instanceof JobFailure)) throw error;
      return { state: 'FAILED', error: { code: error.code, message: error.message } } as const;
    },
  );
  await world.base.jobs.finish(world.base.database, job.id, 'worker', end);
  const query = 'query($id: ID!) { run(id: $id) { state error { code message } result { overall } } }';
  return (await world.ask(ann, query, { id: payload.run.id })).data.run;
}

/** While the owner of the database has changed something of the release's frozen rows, which nobody else can. */
async function whileIt(change: string, back: string, look: () => Promise<void>): Promise<void> {
  const client = await world.db.pool.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(change);
    await look().finally(() => client.query(back));
  } finally {
    await client.query("SET session_replication_role = 'origin'");
    client.release();
  }
}

/** While the same number is every landmark of every frame. */
async function withLandmarks(value: number, look: () => Promise<void>): Promise<void> {
  const key = `artifacts/real/landmarks-${value}`;
  const bytes = Buffer.from(new Float32Array(10 * LANDMARK_VALUES).fill(value).buffer);
  await world.base.objects.put(key, bytes);
  await whileIt(
    `CREATE TABLE was AS SELECT id, object_key FROM artifact WHERE kind = 'LANDMARKS'; UPDATE artifact SET object_key = '${key}' WHERE kind = 'LANDMARKS'`,
    'UPDATE artifact a SET object_key = was.object_key FROM was WHERE was.id = a.id; DROP TABLE was',
    look,
  );
}

/** Recordings hold nothing of a kind: every part of their files is empty. */
const emptied = (kind: string, look: () => Promise<void>): Promise<void> =>
  whileIt(
    `CREATE TABLE was AS SELECT id, offsets FROM artifact WHERE kind = '${kind}'; UPDATE artifact SET offsets = array_fill(0, ARRAY[cardinality(offsets)]) WHERE kind = '${kind}' AND offsets IS NOT NULL;
     CREATE TABLE was_found AS SELECT recording_id, landmarks_found FROM frame_record; UPDATE frame_record SET landmarks_found = array_fill(false, ARRAY[cardinality(landmarks_found)])`,
    `UPDATE artifact a SET offsets = was.offsets FROM was WHERE was.id = a.id; DROP TABLE was;
     UPDATE frame_record f SET landmarks_found = w.landmarks_found FROM was_found w WHERE w.recording_id = f.recording_id; DROP TABLE was_found`,
    look,
  );

describe('a run that cannot be what it is asked to be', () => {
  it('of a network names the fold that leaves one class alone to learn from', async () => {
    await facesToSee();
    // The patients of fold 1 alone are without pain.
    await whileIt(
      `CREATE TABLE levels AS SELECT patient_id, release_id, pain_level FROM release_patient; UPDATE release_patient SET pain_level = CASE split WHEN 1 THEN 'NONE' ELSE 'LOW' END`,
      'UPDATE release_patient p SET pain_level = l.pain_level FROM levels l WHERE l.patient_id = p.patient_id AND l.release_id = p.release_id; DROP TABLE levels',
      async () => {
        expect(await endOf({ experiment: 'resnet50-2-static', preset: 'smoke' })).toEqual({
          ...{ state: 'FAILED', result: null },
          error: { code: 'ONE_CLASS', message: expect.stringContaining('Fold 1 leaves one class alone') },
        });
      },
    );
  });

  it.each([
    ['resnet50-2-static', 'FACES', 'reads FACES'],
    ['random-forest-landmarks', 'LANDMARKS', 'reads LANDMARKS'],
    ['static-audio', 'CHUNK_SPECTROGRAM_PICTURES', 'reads SPECTROGRAMS and AUDIO_FEATURES'],
  ])('%s says what it reads where all of it is empty', async (experiment, kind, said) => {
    await emptied(kind, async () => {
      expect(await endOf({ experiment, preset: 'smoke' })).toEqual({
        ...{ state: 'FAILED', result: null },
        error: { code: 'NOTHING_READ', message: expect.stringContaining(said) },
      });
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('of a network names what it reads that holds %d', async (bad) => {
    await facesToSee();
    await withLandmarks(bad, async () => {
      expect(await endOf({ experiment: 'fusion-1', preset: 'smoke' })).toEqual({
        ...{ state: 'FAILED', result: null },
        error: { code: 'NOT_FINITE', message: expect.stringMatching(/^The landmarks of row \d+ hold a number/) },
      });
      // The forest leaves out frames without a whole mesh; there is none with one.
      expect(await endOf({ experiment: 'random-forest-landmarks', preset: 'smoke' })).toMatchObject({
        error: { code: 'NOTHING_READ' },
      });
    });
  });

  it.each([
    'random-forest-landmarks',
    'fusion-1',
  ])('%s says so at once where memory ends while it reads', async (experiment) => {
    await facesToSee();
    const { objects } = world.base;
    const read = objects.read.bind(objects);
    const { rows } = await world.db.pool.query(`SELECT object_key AS key FROM artifact WHERE kind = 'LANDMARKS'`);
    const keys = new Set(rows.map(({ key }) => key));
    // What Node says when a typed array gets no memory (seen under ulimit -d).
    const ends = vi.spyOn(objects, 'read').mockImplementation((key, ...range) => {
      if (keys.has(key)) throw new RangeError('Array buffer allocation failed');
      return read(key, ...range);
    });
    try {
      expect(await endOf({ experiment, preset: 'smoke', seed: 5 })).toEqual({
        ...{ state: 'FAILED', result: null },
        error: { code: 'OUT_OF_MEMORY', message: expect.stringContaining('run one fold, a smaller preset') },
      });
    } finally {
      ends.mockRestore();
    }
  });

  it('holds up no other one: the same is run once it can be', async () => {
    const input = { experiment: 'random-forest-landmarks', preset: 'smoke' };
    await emptied('LANDMARKS', async () => expect((await endOf(input)).state).toBe('FAILED'));
    expect((await endOf(input)).state).toBe('SUCCEEDED');
  });
});
