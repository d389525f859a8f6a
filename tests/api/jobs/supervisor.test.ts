import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../api/adapters/clock/clock.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { JobQueue } from '../../../api/adapters/queue/queue.ts';
import type { Job } from '../../../api/jobs/job.ts';
import { type JobStore, jobStore } from '../../../api/jobs/job-store.ts';
import { superviseWorkers } from '../../../api/jobs/supervisor.ts';
import { workerName } from '../../../api/jobs/worker-name.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ids, keptLog } from './a-clock.ts';
import { TABLES, testKinds } from './test-kinds.ts';

let db: TestDatabase;
let store: JobStore;
let queue: JobQueue;
let supervised: Awaited<ReturnType<typeof superviseWorkers>> | undefined;

beforeAll(async () => {
  db = await startTestDatabase();
  await db.pool.query(TABLES);
  store = jobStore(db.database, systemClock, ids);
  queue = postgresQueue(db.database);
});
afterEach(async () => {
  await supervised?.stop();
  supervised = undefined;
  await db.pool.query('DELETE FROM job; DELETE FROM allowed; DELETE FROM started');
});
afterAll(async () => {
  await queue.close();
  await db.stop();
});

async function supervise(workers: number) {
  const { log, lines } = keptLog();
  supervised = await superviseWorkers({
    workers,
    kinds: testKinds(db.database),
    store,
    queue,
    database: db.database,
    clock: systemClock,
    log,
    program: resolve(import.meta.dirname, 'worker-program.ts'),
    environment: { PATH: process.env.PATH, TEST_DATABASE_URL: db.appUrl },
  });
  return { ...supervised, lines };
}

async function add(kind: string, name: string): Promise<string> {
  await db.pool.query('INSERT INTO allowed VALUES ($1) ON CONFLICT DO NOTHING', [name]);
  const id = await store.add(db.database, { kind, payload: { name } });
  await queue.announce(id);
  return id;
}
const starts = async (name: string) =>
  (await db.pool.query<{ pid: number }>('SELECT pid FROM started WHERE name = $1 ORDER BY at', [name])).rows.map(
    (row) => row.pid,
  );
const startedTimes = (name: string, times: number) =>
  eventually(`${name} starts`, async () => {
    const pids = await starts(name);
    return pids.length >= times ? pids : null;
  });
const ended = (id: string) =>
  eventually('the job ends', async () => {
    const job = await store.get(id);
    return job?.finishedAt ? job : null;
  });
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('supervised worker processes', () => {
  it('give their job back at once when killed, and another goes on', async () => {
    const { pids, lines } = await supervise(2);
    const id = await add('wait', 'killed');
    const [first] = await startedTimes('killed', 1);
    expect(pids()).toContain(first);
    process.kill(first!, 'SIGKILL');
    const killedAt = Date.now();
    const [, second] = await startedTimes('killed', 2);
    expect(second).not.toBe(first);
    // Long before anybody would take its silence for death.
    expect(Date.now() - killedAt).toBeLessThan(5000);
    expect(await store.get(id)).toMatchObject({ state: 'RUNNING', attempts: 2 });
    expect(lines.some((line) => line.fields.signal === 'SIGKILL' && line.fields.givenBack === 1)).toBe(true);
    await eventually('there are two again', () => pids().length === 2 && pids().every(lives));
  });

  it.each([
    'wait',
    'block',
  ])('end a job (%s) within two seconds after access ended, and leave no result', async (kind) => {
    await supervise(1);
    const id = await add(kind, 'revoked');
    const [pid] = await startedTimes('revoked', 1);
    const endedAt = Date.now();
    await db.pool.query(`DELETE FROM allowed WHERE name = 'revoked'`);
    const job = await ended(id);
    expect(Date.now() - endedAt).toBeLessThan(2000);
    expect(job).toMatchObject({
      state: 'REFUSED',
      result: null,
      error: { code: 'REFUSED', reasons: ['GRANT_REVOKED'] },
    });
    if (kind === 'block') expect(lives(pid!)).toBe(false);
    // The next job has a worker.
    expect((await ended(await add('quick', 'next'))).state).toBe('SUCCEEDED');
  });

  it.each(['wait', 'block'])('end a cancelled job (%s) within two seconds', async (kind) => {
    await supervise(1);
    const id = await add(kind, 'cancelled');
    await startedTimes('cancelled', 1);
    const asked = Date.now();
    await store.cancel(db.database, id);
    await queue.announce(id);
    expect((await ended(id)).state).toBe('CANCELLED');
    expect(Date.now() - asked).toBeLessThan(2000);
  });

  it('are asked about every job, also where an answer about one fails', async () => {
    const kinds = testKinds(db.database);
    const { log, lines } = keptLog();
    const broken = kinds.map((kind) => ({
      ...kind,
      refusals: async (job: Job, payload: unknown) => {
        if ((payload as { name: string }).name === 'broken') throw new Error('cannot say');
        return kind.refusals!(job, payload);
      },
    }));
    supervised = await superviseWorkers({
      workers: 2,
      kinds: broken,
      store,
      queue,
      database: db.database,
      clock: systemClock,
      log,
      program: resolve(import.meta.dirname, 'worker-program.ts'),
      environment: { PATH: process.env.PATH, TEST_DATABASE_URL: db.appUrl },
    });
    await add('wait', 'broken');
    await startedTimes('broken', 1);
    const id = await add('block', 'sound');
    await startedTimes('sound', 1);
    await db.pool.query(`DELETE FROM allowed WHERE name = 'sound'`);
    expect((await ended(id)).state).toBe('REFUSED');
    expect(new Set(lines.map((line) => line.message))).toContain('a job could not be looked at');
    expect(lines.map((line) => line.message)).not.toContain('running jobs could not be looked at');
  });

  it('hand their jobs back when all is stopped, and none is left', async () => {
    const { pids, stop } = await supervise(2);
    const ids = [await add('wait', 'a'), await add('block', 'b')];
    await startedTimes('a', 1);
    await startedTimes('b', 1);
    const before = pids();
    await stop();
    supervised = undefined;
    expect(before.filter(lives)).toEqual([]);
    expect(await store.get(ids[0]!)).toMatchObject({ state: 'QUEUED', attempts: 0 });
    // The one that blocks had to be killed, which uses its attempt.
    expect(await store.get(ids[1]!)).toMatchObject({ state: 'QUEUED', attempts: 1 });
  });

  it('take over at the start what a server held that is no more, and nothing of those that live', async () => {
    const dead = await add('quick', 'dead');
    const gone = await eventually('a process is gone', async () => {
      const { spawnSync } = await import('node:child_process');
      return spawnSync(process.execPath, ['-e', '']).pid;
    });
    expect((await store.claim(workerName(3, gone), ['quick']))?.id).toBe(dead);
    const living = await add('quick', 'living');
    expect((await store.claim(workerName(1, process.ppid), ['quick']))?.id).toBe(living);
    const elsewhere = await add('quick', 'elsewhere');
    expect((await store.claim('another-machine:1:1', ['quick']))?.id).toBe(elsewhere);
    await supervise(1);
    expect((await ended(dead)).state).toBe('SUCCEEDED');
    expect((await store.get(living))?.state).toBe('RUNNING');
    expect((await store.get(elsewhere))?.state).toBe('RUNNING');
  });

  it('take over, while they run, what a worker started by hand on this machine held that was killed and is silent', async () => {
    await supervise(1);
    const { spawnSync } = await import('node:child_process');
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    // One that is heard of is of a container with our name whose processes have other numbers.
    const claimed = async (name: string, number: number, heard: Date): Promise<string> => {
      const id = await store.add(db.database, {
        kind: 'quick',
        payload: { name },
        runAfter: new Date(Date.now() + 3_600_000),
      });
      await db.pool.query('INSERT INTO allowed VALUES ($1) ON CONFLICT DO NOTHING', [name]);
      await db.pool.query(
        `UPDATE job SET state = 'RUNNING', locked_by = $2, attempts = 1, run_after = now(), heartbeat_at = $3 WHERE id = $1`,
        [id, workerName(number, gone), heard],
      );
      return id;
    };
    const beating = await claimed('beating', 1, new Date(Date.now() + 60_000));
    const silent = await claimed('silent', 0, new Date(Date.now() - 5000));
    expect((await ended(silent)).state).toBe('SUCCEEDED');
    expect((await store.get(beating))?.state).toBe('RUNNING');
  });
});
