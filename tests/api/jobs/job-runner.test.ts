import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StoreFull } from '../../../api/adapters/objects/object-store.ts';
import type { JobQueue } from '../../../api/adapters/queue/queue.ts';
import {
  type JobContext,
  JobFailure,
  type JobKind,
  JobPostponed,
  JobRefused,
  JobRetry,
} from '../../../api/jobs/job-kind.ts';
import { type JobRunnerOptions, runJobs } from '../../../api/jobs/job-runner.ts';
import { type JobStore, jobStore } from '../../../api/jobs/job-store.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ids, keptLog } from './a-clock.ts';

let db: TestDatabase;
let store: JobStore;
let offset = 0;
const clock = { now: () => new Date(Date.now() + offset) };
let stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  db = await startTestDatabase();
  store = jobStore(db.database, clock, ids);
});
afterAll(() => db.stop());
beforeEach(() => db.pool.query('DELETE FROM job'));
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});

/** Word that a test gives itself. */
function wordOfMouth(): JobQueue & { listeners: Set<(id: string) => void> } {
  const listeners = new Set<(id: string) => void>();
  return {
    listeners,
    announce: async (id) => {
      for (const heard of listeners) heard(id);
    },
    onAnnounced: async (heard) => {
      listeners.add(heard);
      return async () => void listeners.delete(heard);
    },
    close: async () => {},
  };
}

async function worker(run: JobKind['run'], more: Partial<JobKind> & Partial<JobRunnerOptions> = {}) {
  const { log, lines } = keptLog();
  const queue = more.queue ?? wordOfMouth();
  const kind: JobKind = {
    kind: 'work',
    payload: more.payload ?? z.unknown(),
    maxAttempts: 3,
    priority: 0,
    run,
    ...(more.refusals && { refusals: more.refusals }),
  };
  const runner = await runJobs({
    worker: more.worker ?? 'one',
    kinds: [kind],
    store: more.store ?? store,
    queue,
    database: db.database,
    log,
    pollMs: more.pollMs ?? 20,
    beatMs: more.beatMs ?? 20,
    againMs: 20,
    ...(more.away && { away: more.away, awayMs: more.awayMs ?? 20 }),
  });
  stops.push(() => runner.stop());
  return { ...runner, lines, queue };
}

const add = (payload: unknown = {}, maxAttempts = 3) => store.add(db.database, { kind: 'work', payload, maxAttempts });
const ended = (id: string) =>
  eventually('the job ends', async () => {
    const job = await store.get(id);
    // Time passes quickly, so that no test waits for another attempt.
    offset += 1000;
    return job?.finishedAt ? job : null;
  });
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, stop) => signal.addEventListener('abort', () => stop(signal.reason)));

describe('a worker', () => {
  it('does the job and keeps its result and last progress', async () => {
    const id = await add({ n: 2 });
    await worker(async (payload, { progress }) => {
      progress({ stage: 'half', done: 1, total: 2 });
      progress({ stage: 'whole', done: 2, total: 2 });
      return { doubled: (payload as { n: number }).n * 2 };
    });
    expect(await ended(id)).toMatchObject({
      state: 'SUCCEEDED',
      result: { doubled: 4 },
      progress: { stage: 'whole', done: 2, total: 2 },
    });
  });

  it('finds work that nobody announced, and at once what was', async () => {
    const queue = wordOfMouth();
    await worker(async () => 1, { pollMs: 50 });
    expect((await ended(await add())).state).toBe('SUCCEEDED');
    await stops.pop()!();
    await worker(async () => 1, { queue, pollMs: 1_000_000 });
    await eventually('it listens', () => queue.listeners.size === 1);
    const id = await add();
    // Again and again, since a word that comes while nothing waits yet wakes for nothing.
    await queue.announce(id);
    expect((await ended(id)).state).toBe('SUCCEEDED');
  });

  it('never shares a job with another worker', async () => {
    const done: string[] = [];
    for (const name of ['a', 'b', 'c'])
      await worker(async (_, { job }) => void done.push(job.id), { worker: name, pollMs: 5 });
    const all = await Promise.all(Array.from({ length: 30 }, () => add()));
    for (const id of all) await ended(id);
    expect(done.sort()).toEqual([...all].sort());
  });

  it('fails a poisoned payload once, and says what is wrong with it', async () => {
    const id = await add({ itemId: 7 });
    let ran = false;
    await worker(
      async () => {
        ran = true;
      },
      { payload: z.object({ itemId: z.string(), other: z.number() }) },
    );
    const job = await ended(id);
    expect(job).toMatchObject({ state: 'FAILED', attempts: 1, error: { code: 'PAYLOAD_INVALID' } });
    expect(job.error?.message).toBe(
      "the job's payload is not that of work: itemId: Invalid input: expected string, received number; other: Invalid input: expected number, received undefined",
    );
    expect(ran).toBe(false);
  });

  it('fails at once what no attempt can help, with its own words', async () => {
    const id = await add();
    await worker(async () => {
      throw new JobFailure('NO_SUCH_THING', 'there is no such thing');
    });
    expect(await ended(id)).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      error: { code: 'NO_SUCH_THING', message: 'there is no such thing' },
    });
  });

  it('tries a fault again, later, and after the last attempt says that it failed and where to look', async () => {
    const id = await add();
    const { lines } = await worker(async () => {
      throw new Error('secret of the inside');
    });
    expect(await ended(id)).toMatchObject({
      state: 'FAILED',
      attempts: 3,
      error: { code: 'INTERNAL', message: 'the work failed; the server log says why' },
    });
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(3);
  });

  it('tries a passing fault again, and after the last attempt says what it was', async () => {
    const id = await add();
    await worker(async () => {
      throw new JobRetry('STORE_FULL', 'there is no space left');
    });
    expect(await ended(id)).toMatchObject({
      state: 'FAILED',
      attempts: 3,
      error: { code: 'STORE_FULL', message: 'there is no space left' },
    });
  });

  it('counts no attempt against a service that is away, however often; and again once it is there', async () => {
    const id = await add();
    let times = 0;
    await worker(
      async () => {
        times++;
        throw new Error('no answer');
      },
      { away: async () => (times < 6 ? ['object store'] : []), awayMs: 10 },
    );
    expect(await ended(id)).toMatchObject({ state: 'FAILED', attempts: 3, error: { code: 'INTERNAL' } });
    expect(times).toBe(5 + 3);
  });

  it('says that there was no space left, whoever found that', async () => {
    const id = await add();
    await worker(async () => {
      throw new StoreFull('the object store has no space left');
    });
    expect(await ended(id)).toMatchObject({ state: 'FAILED', attempts: 3, error: { code: 'STORE_FULL' } });
  });

  it('puts a job off without using an attempt', async () => {
    const id = await add();
    let times = 0;
    await worker(async () => {
      if (++times < 5) throw new JobPostponed(10);
      return times;
    });
    expect(await ended(id)).toMatchObject({ state: 'SUCCEEDED', attempts: 1, result: 5 });
  });
});

describe('the policy', () => {
  it('is asked before the job starts', async () => {
    const id = await add();
    let ran = false;
    await worker(
      async () => {
        ran = true;
      },
      { refusals: async () => ['GRANT_EXPIRED'] },
    );
    expect(await ended(id)).toMatchObject({ state: 'REFUSED', attempts: 1, error: { reasons: ['GRANT_EXPIRED'] } });
    expect(ran).toBe(false);
  });

  it('may refuse from within', async () => {
    const id = await add();
    await worker(async () => {
      throw new JobRefused(['USE_NOT_GRANTED']);
    });
    expect(await ended(id)).toMatchObject({ state: 'REFUSED', error: { reasons: ['USE_NOT_GRANTED'] } });
  });

  it('ends a job that runs: REFUSED with the reasons, CANCELLED where it was a wish', async () => {
    for (const [error, state] of [
      [{ code: 'REFUSED', message: '', reasons: ['GRANT_REVOKED'] }, 'REFUSED'],
      [undefined, 'CANCELLED'],
    ] as const) {
      const id = await add();
      const { queue } = await worker((_, { signal }: JobContext) => untilAborted(signal), { beatMs: 1_000_000 });
      await eventually('it runs', async () => (await store.get(id))?.state === 'RUNNING');
      await store.cancel(db.database, id, error && { ...error, reasons: [...error.reasons] });
      await queue.announce(id);
      expect((await ended(id)).state).toBe(state);
      await stops.pop()!();
    }
  });
});

describe('a worker that stops', () => {
  it('hands back what it was doing, as often as that happens', async () => {
    const id = await add({}, 1);
    for (let i = 0; i < 3; i++) {
      const { stop } = await worker((_, { signal }) => untilAborted(signal), { worker: `w${i}` });
      await eventually('it runs', async () => (await store.get(id))?.state === 'RUNNING');
      await stop();
      expect(await store.get(id)).toMatchObject({ state: 'QUEUED', attempts: 0, lockedBy: null });
    }
    await worker(async () => 'done');
    expect((await ended(id)).result).toBe('done');
  });

  it('keeps the result of a job that comes to its end while it stops', async () => {
    const id = await add();
    let finish = () => {};
    const { stop } = await worker(() => new Promise<void>((done) => (finish = done)));
    await eventually('it runs', async () => (await store.get(id))?.state === 'RUNNING');
    const stopped = stop();
    finish();
    await stopped;
    expect((await store.get(id))?.state).toBe('SUCCEEDED');
  });
});

describe('a database that does not answer for a while', () => {
  /** The store with a switch. */
  function interruptible() {
    const state = { down: false, failed: 0 };
    const wrapped = Object.fromEntries(
      Object.entries(store).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          if (!state.down) return (method as (...args: unknown[]) => unknown)(...args);
          state.failed++;
          throw new Error('connection refused');
        },
      ]),
    ) as unknown as JobStore;
    return { state, wrapped };
  }

  it('loses no result: it is written once the database is back', async () => {
    const { state, wrapped } = interruptible();
    const id = await add();
    let runs = 0;
    await worker(
      async () => {
        runs++;
        state.down = true;
        return 'made with care';
      },
      { store: wrapped },
    );
    await eventually('it tries to write', () => state.failed > 5);
    expect((await store.get(id))?.state).toBe('RUNNING');
    state.down = false;
    expect((await ended(id)).result).toBe('made with care');
    expect(runs).toBe(1);
  });

  it('does not end the worker, which goes on looking', async () => {
    const { state, wrapped } = interruptible();
    state.down = true;
    const { lines } = await worker(async () => 'done', { store: wrapped });
    const id = await add();
    await eventually('it has looked', () => lines.length > 3);
    state.down = false;
    expect((await ended(id)).result).toBe('done');
  });
});
