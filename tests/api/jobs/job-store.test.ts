import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { holdJob, JobLost } from '../../../api/jobs/job-fence.ts';
import { type JobStore, jobStore, type NewJob } from '../../../api/jobs/job-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ids, standingClock } from './a-clock.ts';

let db: TestDatabase;
let store: JobStore;
let clock: ReturnType<typeof standingClock>;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.stop());
beforeEach(async () => {
  await db.pool.query('DELETE FROM job');
  clock = standingClock();
  store = jobStore(db.database, clock, ids);
});

const add = (job: Partial<NewJob> = {}) => store.add(db.database, { kind: 'work', payload: {}, ...job });
const claim = (worker = 'one', kinds = ['work']) => store.claim(worker, kinds);
const stateOf = async (id: string) => (await store.get(id))!.state;
const REASON = { code: 'REFUSED', message: 'no', reasons: ['GRANT_EXPIRED'] };
const FAULT = { code: 'INTERNAL', message: 'failed' };

describe('claiming', () => {
  it('gives the waiting job to one worker, once', async () => {
    const id = await add({ payload: { a: 1 } });
    const job = await claim();
    expect(job).toMatchObject({
      id,
      kind: 'work',
      payload: { a: 1 },
      state: 'RUNNING',
      attempts: 1,
      lockedBy: 'one',
      startedAt: clock.now(),
      error: null,
      progress: null,
    });
    expect(await claim('two')).toBeNull();
  });

  it('takes only kinds that the worker knows', async () => {
    await add({ kind: 'other' });
    expect(await claim()).toBeNull();
    expect((await claim('one', ['work', 'other']))?.kind).toBe('other');
  });

  it('gives who waits for it before bulk, and the older before the newer', async () => {
    const order = [];
    for (const [name, priority] of [
      ['bulk 1', 0],
      ['person 1', 10],
      ['bulk 2', 0],
      ['person 2', 10],
    ] as const) {
      await add({ payload: { name }, priority });
      clock.forward(1);
    }
    for (let job = await claim(); job; job = await claim()) order.push((job.payload as { name: string }).name);
    expect(order).toEqual(['person 1', 'person 2', 'bulk 1', 'bulk 2']);
  });

  it('never gives one job to two of many workers that ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => add()));
    const got = (
      await Promise.all(
        Array.from({ length: 12 }, async (_, worker) => {
          const mine: string[] = [];
          for (let job = await claim(`w${worker}`); job; job = await claim(`w${worker}`)) mine.push(job.id);
          return mine;
        }),
      )
    ).flat();
    expect(got.sort()).toEqual([...all].sort());
  });
});

describe('a dedupe key', () => {
  it('makes no second job while the first waits or runs, and raises its priority', async () => {
    const first = await add({ dedupeKey: 'k' });
    expect(await add({ dedupeKey: 'k', priority: 7 })).toBe(first);
    await add({ priority: 5 });
    const job = await claim();
    expect(job?.id).toBe(first);
    expect(await add({ dedupeKey: 'k' })).toBe(first);
    await store.finish(db.database, first, 'one', { state: 'SUCCEEDED' });
    expect(await add({ dedupeKey: 'k' })).not.toBe(first);
  });

  it('makes one job of many that are asked for at once', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => add({ dedupeKey: 'same' })));
    expect(new Set(made).size).toBe(1);
  });

  it('belongs to the transaction: rolled back, there is no job', async () => {
    await db.database
      .transaction(async (sql) => {
        await store.add(sql, { kind: 'work', payload: {} });
        throw new Error('no');
      })
      .catch(() => {});
    expect(await claim()).toBeNull();
  });
});

describe('a beat', () => {
  it('keeps progress, and says whether to go on', async () => {
    const id = await add();
    await claim();
    const progress = { stage: 'frames', done: 3, total: 9 };
    expect(await store.beat(id, 'one', progress)).toBe(true);
    expect(await store.beat(id, 'one', null)).toBe(true);
    expect((await store.get(id))?.progress).toEqual(progress);
    expect(await store.beat(id, 'two', null)).toBe(false);
    await store.cancel(db.database, id);
    expect(await store.beat(id, 'one', null)).toBe(false);
  });
});

describe('the end of a job', () => {
  it('is written once, by the worker that has it', async () => {
    const id = await add();
    await claim();
    expect(await store.finish(db.database, id, 'two', { state: 'SUCCEEDED', result: 2 })).toBe(false);
    expect(await store.finish(db.database, id, 'one', { state: 'SUCCEEDED', result: { n: 1 } })).toBe(true);
    expect(await store.finish(db.database, id, 'one', { state: 'FAILED' })).toBe(false);
    expect(await store.get(id)).toMatchObject({
      state: 'SUCCEEDED',
      result: { n: 1 },
      error: null,
      lockedBy: null,
      finishedAt: clock.now(),
    });
  });

  it('forgets the fault of an attempt that another made good', async () => {
    const id = await add();
    await claim();
    await store.retryOrFail(id, 'one', FAULT);
    expect((await store.get(id))?.error).toEqual(FAULT);
    clock.forward(60_000);
    await claim();
    await store.finish(db.database, id, 'one', { state: 'SUCCEEDED' });
    expect((await store.get(id))?.error).toBeNull();
  });

  it('is REFUSED, without the result, where access ended before it came', async () => {
    const id = await add();
    await claim();
    await store.cancel(db.database, id, REASON);
    await store.finish(db.database, id, 'one', { state: 'SUCCEEDED', result: { secret: 1 } });
    expect(await store.get(id)).toMatchObject({ state: 'REFUSED', result: null, error: REASON });
  });

  it('stays SUCCEEDED where a person cancelled too late', async () => {
    const id = await add();
    await claim();
    await store.cancel(db.database, id);
    await store.finish(db.database, id, 'one', { state: 'SUCCEEDED', result: 1 });
    expect(await store.get(id)).toMatchObject({ state: 'SUCCEEDED', result: 1 });
  });
});

describe('a fault', () => {
  it('puts the job off, each time longer, and fails it after the last attempt', async () => {
    const id = await add({ maxAttempts: 3 });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await claim())?.attempts).toBe(attempt);
      await store.retryOrFail(id, 'one', FAULT);
      let waited = 0;
      while ((await stateOf(id)) === 'QUEUED' && !(await claim('probe', ['work']))) {
        clock.forward(500);
        waited += 500;
      }
      waits.push(waited);
      if ((await stateOf(id)) === 'RUNNING') await store.handBack(id, 'probe');
    }
    expect(waits).toEqual([2000, 4000, 0]);
    expect(await store.get(id)).toMatchObject({ state: 'FAILED', error: FAULT, finishedAt: clock.now() });
  });

  it('never waits for more than a minute', async () => {
    const id = await add({ maxAttempts: 100 });
    await db.pool.query('UPDATE job SET attempts = 90');
    await claim();
    await store.retryOrFail(id, 'one', FAULT);
    clock.forward(60_000);
    expect(await claim()).not.toBeNull();
  });

  it('of a job that was asked to end, ends it', async () => {
    const [cancelled, refused] = [await add(), await add()];
    await claim();
    await claim();
    await store.cancel(db.database, cancelled);
    await store.cancel(db.database, refused, REASON);
    await store.retryOrFail(cancelled, 'one', FAULT);
    await store.retryOrFail(refused, 'one', FAULT);
    expect(await store.get(cancelled)).toMatchObject({ state: 'CANCELLED', error: null, finishedAt: clock.now() });
    expect(await store.get(refused)).toMatchObject({ state: 'REFUSED', error: REASON });
  });
});

describe('cancelling', () => {
  it('ends a waiting job at once, and asks a running one', async () => {
    const [running, waiting, over] = [await add(), await add(), await add({ kind: 'other' })];
    await claim();
    await claim('x', ['other']);
    await store.finish(db.database, over, 'x', { state: 'SUCCEEDED' });
    for (const id of [running, waiting, over]) await store.cancel(db.database, id);
    expect(await store.get(running)).toMatchObject({ state: 'RUNNING', cancelAskedAt: clock.now() });
    expect(await store.get(waiting)).toMatchObject({ state: 'CANCELLED', finishedAt: clock.now() });
    expect(await stateOf(over)).toBe('SUCCEEDED');
    expect(await claim()).toBeNull();
  });

  it('for the policy ends a waiting job as REFUSED, with the reasons', async () => {
    const id = await add();
    await store.cancel(db.database, id, REASON);
    expect(await store.get(id)).toMatchObject({ state: 'REFUSED', error: REASON });
  });
});

describe('taking back', () => {
  it('gives what a dead worker held to another at once, and what it was asked to end, ends', async () => {
    const [again, cancelled, refused, others, last] = [
      await add(),
      await add(),
      await add(),
      await add({ kind: 'other' }),
      await add({ maxAttempts: 1 }),
    ];
    for (let i = 0; i < 4; i++) await claim();
    await claim('two', ['other']);
    await store.cancel(db.database, cancelled);
    await store.cancel(db.database, refused, REASON);
    expect((await store.takeBack('one')).sort()).toEqual([again, cancelled, refused, last].sort());
    expect(await store.get(again)).toMatchObject({ state: 'QUEUED', lockedBy: null, attempts: 1 });
    expect(await stateOf(cancelled)).toBe('CANCELLED');
    expect(await store.get(refused)).toMatchObject({ state: 'REFUSED', error: REASON });
    expect(await stateOf(others)).toBe('RUNNING');
    expect(await store.get(last)).toMatchObject({ state: 'FAILED', error: { code: 'WORKER_DIED' } });
    expect((await claim('three'))?.id).toBe(again);
  });

  it('takes from the silent, but for those known to live', async () => {
    const silent = await add();
    await claim('silent');
    const alive = await add();
    await claim('alive');
    clock.forward(30_000);
    const heard = await add();
    await claim('heard');
    const since = new Date(clock.now().getTime() - 20_000);
    expect(await store.takeBack({ silentSince: since, except: ['alive'] })).toEqual([silent]);
    expect([await stateOf(alive), await stateOf(heard)]).toEqual(['RUNNING', 'RUNNING']);
    expect(await store.silent(['alive', 'heard', 'silent'], since)).toEqual(['alive']);
  });

  it('ends at the last attempt a job that kills every worker', async () => {
    const id = await add({ maxAttempts: 3 });
    for (let i = 0; i < 3; i++) {
      await claim(`w${i}`);
      await store.takeBack(`w${i}`);
    }
    expect(await store.get(id)).toMatchObject({
      state: 'FAILED',
      error: { code: 'WORKER_DIED', message: 'the worker process ended 3 times while it did this' },
    });
  });

  it('uses no attempt where the worker hands the job back by itself', async () => {
    const id = await add({ maxAttempts: 1 });
    for (let i = 0; i < 5; i++) {
      expect((await claim())?.attempts).toBe(1);
      await store.handBack(id, 'one');
    }
    expect(await store.get(id)).toMatchObject({ state: 'QUEUED', attempts: 0 });
  });
});

describe('the fence', () => {
  it('lets only the attempt that has the job keep results, and holds off who would take it', async () => {
    const id = await add();
    const job = (await claim())!;
    const order: string[] = [];
    let taking: Promise<unknown> | undefined;
    await db.database.transaction(async (sql) => {
      await holdJob(sql, job);
      taking = store.takeBack('one').then(() => order.push('taken'));
      await store.get(id);
      order.push('kept');
    });
    await taking;
    expect(order).toEqual(['kept', 'taken']);
    await expect(holdJob(db.database, job)).rejects.toThrow(JobLost);
    const again = (await claim())!;
    await expect(holdJob(db.database, job)).rejects.toThrow(JobLost);
    await holdJob(db.database, again);
    await store.cancel(db.database, id);
    await expect(holdJob(db.database, again)).rejects.toThrow(JobLost);
  });
});

it('whatever happens to a job, it is in one state, held only while it runs, and never tried more often than allowed', async () => {
  type Step = 'claim' | 'fault' | 'die' | 'cancel' | 'refuse' | 'succeed' | 'handBack' | 'wait';
  const step = fc.constantFrom<Step>(
    'claim',
    'claim',
    'fault',
    'die',
    'cancel',
    'refuse',
    'succeed',
    'handBack',
    'wait',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const id = await add({ maxAttempts: 3 });
      let ended: unknown;
      for (const one of steps) {
        if (one === 'claim') await claim();
        if (one === 'fault') await store.retryOrFail(id, 'one', FAULT);
        if (one === 'die') await store.takeBack('one');
        if (one === 'cancel') await store.cancel(db.database, id);
        if (one === 'refuse') await store.cancel(db.database, id, REASON);
        if (one === 'succeed') await store.finish(db.database, id, 'one', { state: 'SUCCEEDED' });
        if (one === 'handBack') await store.handBack(id, 'one');
        if (one === 'wait') clock.forward(60_000);
        const job = (await store.get(id))!;
        expect(job.attempts).toBeLessThanOrEqual(3);
        expect(job.lockedBy !== null).toBe(job.state === 'RUNNING');
        expect(job.finishedAt !== null).toBe(!['QUEUED', 'RUNNING'].includes(job.state));
        // What has ended stays as it ended.
        if (ended) expect(job).toEqual(ended);
        if (job.finishedAt) ended = job;
      }
      await db.pool.query('DELETE FROM job');
    }),
    { numRuns: 60 },
  );
});
