import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewJob } from '../../../api/jobs/job.ts';
import { holdJob, JobLost } from '../../../api/jobs/job-fence.ts';
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
