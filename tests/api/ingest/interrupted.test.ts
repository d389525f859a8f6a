import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ObjectStore, StoreFull } from '../../../api/adapters/objects/object-store.ts';
import { jobKinds } from '../../../api/jobs/kinds.ts';
import { checkRelease } from '../../../api/services/releases/check-release.ts';
import { eventually } from '../../contracts/eventually.ts';
import { restartablePostgres } from '../../contracts/restartable-postgres.ts';
import { draftOf } from './draft.ts';
import { drawnDrop, filesBelow, type IngestWorld, ingestWorld, type WorldOptions } from './ingest-world.ts';

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
});

async function worldWith(options: WorldOptions = {}): Promise<IngestWorld> {
  const world = await ingestWorld(options);
  undo.push(() => world.stop());
  return world;
}
async function dropOf(...shape: Parameters<typeof drawnDrop>): Promise<string> {
  const drop = await drawnDrop(...shape);
  undo.push(() => rm(drop, { recursive: true, force: true }));
  return drop;
}
const states = async (world: IngestWorld, dropId: string) =>
  (await world.services.ingest.state(dropId).catch(() => null))?.items ?? [];
const allEnded = (world: IngestWorld, dropId: string) =>
  eventually(
    'every submission ends',
    async () => {
      const items = await states(world, dropId);
      return items.length > 0 && items.every((item) => item.outcome !== 'WAITING') ? items : null;
    },
    110_000,
  );

/** Nothing half-made anywhere: every object is somebody's, no work folder, a release of it all holds. */
async function sound(world: IngestWorld, version: string): Promise<void> {
  const { rows } = await world.pool.query<{ key: string }>(
    'SELECT DISTINCT object_key AS key FROM artifact ORDER BY 1',
  );
  const stored = [...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'));
  expect(stored).toEqual(rows.map((row) => row.key).sort());
  expect(await filesBelow(join(world.data, 'work'))).toBe(0);
  expect(await filesBelow(join(world.data, 'objects', '.incoming'))).toBe(0);
  expect(await checkRelease(world.base, await draftOf(world, version), { checksums: true })).toEqual([]);
}

describe('worker processes that are killed in the middle', () => {
  it('are replaced, and every submission comes to its end, with nothing left over', { timeout: 120_000 }, async () => {
    const world = await worldWith();
    const { dropId, items } = await world.send(await dropOf(3, 2, 7, 4));
    const workers = await world.startWorkers(2);
    undo.push(() => workers.stop());
    for (let kills = 0; kills < 3; kills++) {
      const left = await eventually('frames are being made', async () => {
        const state = (await world.services.ingest.state(dropId))!;
        const busy = state.running.some((job) => job.stage === 'frames' && job.done > 0);
        return busy || state.items.every((item) => item.outcome !== 'WAITING') ? state : null;
      });
      if (left.running.length === 0) break;
      const { rows } = await world.pool.query<{ worker: string }>(
        `SELECT locked_by AS worker FROM job WHERE state = 'RUNNING'`,
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const pid of workers.pids()) process.kill(pid, 'SIGKILL');
      await eventually('new ones stand there', () => workers.pids().length === 2);
    }
    const ended = await allEnded(world, dropId);
    expect(ended.map((item) => item.outcome)).toEqual(items.map(() => 'PROCESSED'));
    await workers.stop();
    // Killed workers are swept after by the next; what the very last left, too.
    const { rows } = await world.pool.query('SELECT sum(attempts)::int AS attempts FROM job');
    expect(rows[0].attempts).toBeGreaterThan(items.length);
    await sound(world, '1.0.0');
  });

  it(
    'fail at last a submission that kills them each time, and its pieces are removed',
    { timeout: 120_000 },
    async () => {
      const world = await worldWith();
      const { dropId } = await world.send(await dropOf(1, 1, 8));
      for (let attempt = 1; attempt <= 3; attempt++) {
        const job = (await world.base.jobs.claim(`dying ${attempt}`, ['ingest-submission']))!;
        const [item] = await states(world, dropId);
        await world.base.objects.put(
          `sealed/iss/${item!.patient}/artifacts/${item!.id}/${attempt}/frames`,
          Buffer.from('half'),
        );
        await world.base.jobs.takeBack(job.lockedBy!);
      }
      expect(await states(world, dropId)).toMatchObject([
        {
          outcome: 'FAILED',
          reasonCode: 'WORKER_DIED',
          reason: 'the worker process ended 3 times while it did this',
        },
      ]);
      expect([...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'))).toEqual([]);
    },
  );
});

describe('a worker that was thought dead and is not', () => {
  it('keeps nothing beside what the one that took over has made', { timeout: 120_000 }, async () => {
    const world = await worldWith();
    const { dropId } = await world.send(await dropOf(1, 1, 13));
    const kind = jobKinds(world.base, world.services).find((one) => one.kind === 'ingest-submission')!;
    const asleep = (await world.base.jobs.claim('asleep', [kind.kind]))!;
    let taken: Promise<unknown> | undefined;
    const late = kind.run(kind.payload.parse(asleep.payload), {
      job: asleep,
      signal: new AbortController().signal,
      // In the middle of its frames it is given up, and another does all of it.
      progress: () => {
        taken ??= world.base.jobs.takeBack('asleep').then(() => world.work(dropId));
      },
    });
    const end = late.then(
      () => 'kept',
      (error: Error) => error.name,
    );
    expect(await end).toBe('JobLost');
    await taken;
    expect(await states(world, dropId)).toMatchObject([{ outcome: 'PROCESSED' }]);
    expect(await world.counts()).toMatchObject({ recording: 1, artifact: 9 });
    await sound(world, '1.0.0');
  });
});

describe('the database stopped in the middle', () => {
  it('goes on where it was once it is there again', { timeout: 120_000 }, async () => {
    const server = await restartablePostgres({ durable: true });
    const world = await worldWith({ database: server });
    const { dropId, items } = await world.send(await dropOf(2, 2, 9, 4));
    const workers = await world.startWorkers(2);
    undo.push(() => workers.stop());
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      await eventually('frames are being made', async () => {
        const state = await world.services.ingest.state(dropId).catch(() => null);
        return (
          state &&
          (state.running.some((job) => job.stage === 'frames' && job.done > 0) ||
            state.items.every((item) => item.outcome !== 'WAITING'))
        );
      });
      await server.interrupt(signal);
      await server.answers();
    }
    const ended = await allEnded(world, dropId);
    expect(ended.map((item) => item.outcome)).toEqual(items.map(() => 'PROCESSED'));
    await workers.stop();
    await sound(world, '1.0.0');
  });
});

describe('a full disk', () => {
  /** A store that takes so many artifacts and then has no room, until it is given some. */
  const narrow =
    (room: { objects: number }) =>
    (store: ObjectStore): ObjectStore => ({
      ...store,
      async put(key, body, expected) {
        if (key.includes('/artifacts/') && room.objects-- <= 0) {
          // Half of it is taken before the disk is full.
          if (!(body instanceof Uint8Array)) for await (const _ of body) break;
          throw new StoreFull('the object store has no space left');
        }
        return store.put(key, body, expected);
      },
    });

  it('while storing: tried again, and goes on once there is room', { timeout: 120_000 }, async () => {
    const room = { objects: 4 };
    const world = await worldWith({ objects: narrow(room) });
    const { dropId } = await world.send(await dropOf(1, 1, 10));
    const working = world.work(dropId);
    await eventually('the first attempt failed', async () => {
      const { rows } = await world.pool.query(`SELECT error FROM job WHERE state = 'QUEUED' AND attempts = 1`);
      return rows[0]?.error?.code === 'STORE_FULL';
    });
    expect([...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'))).toEqual([]);
    expect((await world.counts()).recording).toBe(0);
    room.objects = 1000;
    expect(await working).toMatchObject([{ outcome: 'PROCESSED' }]);
    await sound(world, '1.0.0');
  });

  it(
    'that stays full: the submission fails with a reason, nothing half-done, and can be ingested later',
    { timeout: 120_000 },
    async () => {
      const room = { objects: 0 };
      let hours = 0;
      const clock = { now: () => new Date(Date.now() + hours * 3600_000) };
      const world = await worldWith({ objects: narrow(room), clock });
      const drop = await dropOf(1, 1, 11);
      const { dropId } = await world.send(drop);
      const later = setInterval(() => hours++, 50);
      undo.push(async () => clearInterval(later));
      const items = await world.work(dropId);
      expect(items).toMatchObject([
        {
          outcome: 'FAILED',
          reasonCode: 'STORE_FULL',
          reason:
            'There was no space left for what is made of the video; nothing of it was kept. Free some, then ingest again.',
          recordingId: null,
        },
      ]);
      expect([...(await world.objects()).keys()].filter((key) => key.includes('/artifacts/'))).toEqual([]);
      expect(await world.counts()).toMatchObject({ recording: 0, artifact: 0, chunk: 0 });
      room.objects = 1000;
      expect(await world.ingest(drop)).toMatchObject([{ outcome: 'PROCESSED' }]);
      await sound(world, '1.0.0');
    },
  );
});

describe('the same drop twice at once', () => {
  it('makes everything once', { timeout: 120_000 }, async () => {
    const world = await worldWith();
    const drop = await dropOf(2, 2, 12, 2);
    const [one, two] = await Promise.all([world.send(drop), world.send(drop)]);
    const workers = await world.startWorkers(2);
    undo.push(() => workers.stop());
    for (const { dropId } of [one, two])
      expect((await allEnded(world, dropId)).map((item) => item.outcome)).toEqual(Array(4).fill('PROCESSED'));
    await workers.stop();
    expect(await world.counts()).toMatchObject({ patient: 2, submission: 4, recording: 4, artifact: 36 });
    const { rows } = await world.pool.query(`SELECT state, max(attempts)::int AS attempts FROM job GROUP BY state`);
    expect(rows).toEqual([{ state: 'SUCCEEDED', attempts: 1 }]);
    const [first, second] = await Promise.all([one, two].map(({ dropId }) => states(world, dropId)));
    expect(first!.map((item) => item.recordingId)).toEqual(second!.map((item) => item.recordingId));
    await sound(world, '1.0.0');
  });
});
