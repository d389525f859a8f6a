import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewJob } from '../../../api/jobs/job.ts';
import { type JobStore, jobStore } from '../../../api/jobs/job-store.ts';
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
