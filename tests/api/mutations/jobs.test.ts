import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB_KINDS } from '../../../api/jobs/job-kinds.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { jobKinds } from '../../../api/jobs/kinds.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

const FAILED =
  'query Failed($first: Int, $after: String) { failedJobs(first: $first, after: $after) { totalCount nodes { id kind code message attempts } pageInfo { hasNextPage endCursor } } }';
const failed = async (variables: object = {}) => {
  const { data } = await world.ask('cy', FAILED, variables as never);
  return data.failedJobs;
};
const kindNow = async (kind: string) => {
  const { data } = await world.ask(
    'cy',
    '{ jobKinds { kind paused atOnce queued running failed waitingSince allowedSteps } }',
  );
  return data.jobKinds.find((one: { kind: string }) => one.kind === kind);
};
/** Does what waits of a kind, with the program that workers are, until none does. */
const runAll = async (kind: string) => {
  const { base, services } = world;
  const kinds = jobKinds(base, services).filter((one) => one.kind === kind);
  const runner = await runJobs({
    ...{ worker: 'one', kinds, store: base.jobs, queue: base.queue, database: base.database, log: base.log },
    ...{ pollMs: 10 },
  });
  await eventually(`no ${kind} waits`, async () => {
    const { QUEUED, RUNNING } = await base.jobs.counts(kind);
    return QUEUED + RUNNING === 0;
  });
  await runner.stop();
};

describe('work that was given up', () => {
  it('is all of the kinds that workers know', () => {
    const known = jobKinds(world.base, world.services).map(({ kind }) => kind);
    expect(known.sort()).toEqual(JOB_KINDS);
  });

  it('ends in a list that curators see, a poisoned job too, and is done once more when one says so', async () => {
    const { base } = world;
    const poisoned = await base.jobs.add(base.database, { kind: 'clear-exports', payload: 'poison' });
    await runAll('clear-exports');
    // And one whose worker dies each time it does it.
    const deadly = await base.jobs.add(base.database, { kind: 'check-release', payload: {}, maxAttempts: 2 });
    for (const worker of ['first', 'second']) {
      expect((await base.jobs.claim(worker, ['check-release']))?.id).toBe(deadly);
      await base.jobs.takeBack(worker);
    }
    const list = await failed();
    expect(list.totalCount).toBe(2);
    expect(list.nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: poisoned, kind: 'clear-exports', code: 'PAYLOAD_INVALID', attempts: 1 }),
        expect.objectContaining({ id: deadly, kind: 'check-release', code: 'WORKER_DIED', attempts: 2 }),
      ]),
    );
    const first = await failed({ first: 1 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await failed({ first: 1, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes].map(({ id }) => id).sort()).toEqual([poisoned, deadly].sort());
    expect((await failed({ after: 'nonsense' })).nodes).toEqual([]);

    // The reason was taken away: now it can be done.
    await world.db.pool.query(`UPDATE job SET payload = '{}' WHERE id = $1`, [poisoned]);
    expect(await world.give('cy', 'retryJob', { id: poisoned })).toMatchObject({ __typename: 'RetryJobSuccess' });
    expect(await base.jobs.get(poisoned)).toMatchObject({ state: 'QUEUED', attempts: 0 });
    await runAll('clear-exports');
    expect((await base.jobs.get(poisoned))?.state).toBe('SUCCEEDED');
    expect((await failed()).nodes.map(({ id }: { id: string }) => id)).toEqual([deadly]);
    expect(await world.entries('RETRY_JOB')).toMatchObject([{ job: poisoned, failed: 'PAYLOAD_INVALID' }]);
    expect(await world.give('cy', 'retryJob', { id: poisoned })).toMatchObject({ code: 'JOB_UNKNOWN' });
  });

  it('is not begun beside the same work that waits already', async () => {
    const { base } = world;
    const id = await base.jobs.add(base.database, { kind: 'clear-exports', payload: 1, dedupeKey: 'clear' });
    await runAll('clear-exports');
    await base.jobs.add(base.database, { kind: 'clear-exports', payload: {}, dedupeKey: 'clear' });
    expect(await world.give('cy', 'retryJob', { id })).toMatchObject({ code: 'JOB_DOUBLED' });
  });
});

describe('a kind of work', () => {
  it('is paused, resumed and limited by a curator, and the log has it', async () => {
    expect(await kindNow('export')).toMatchObject({ paused: false, atOnce: null, queued: 0, waitingSince: null });
    expect(await kindNow('export')).toMatchObject({ allowedSteps: ['PAUSE', 'LIMIT'] });
    expect(await kindNow('erase-patient')).toMatchObject({ allowedSteps: [] });
    await world.base.jobs.add(world.base.database, { kind: 'export', payload: {} });
    const paused = await world.give(
      'cy',
      'pauseJobs',
      { kind: 'export' },
      '... on PauseJobsSuccess { kind { kind paused queued } }',
    );
    expect(paused.kind).toEqual({ kind: 'export', paused: true, queued: 1 });
    expect(await world.base.jobs.claim('one', ['export'])).toBeNull();
    await world.give('cy', 'limitJobs', { kind: 'export', atOnce: 2 });
    expect(await kindNow('export')).toMatchObject({ paused: true, atOnce: 2, queued: 1 });
    expect(await kindNow('export')).toMatchObject({ allowedSteps: ['RESUME', 'LIMIT'] });
    await world.give('cy', 'resumeJobs', { kind: 'export' });
    await world.give('cy', 'limitJobs', { kind: 'export', atOnce: null });
    expect(await kindNow('export')).toMatchObject({ paused: false, atOnce: null });
    expect((await world.entries('LIMIT_JOBS')).map(({ before, after }) => [before, after])).toEqual([
      [
        { paused: true, atOnce: null },
        { paused: true, atOnce: 2 },
      ],
      [
        { paused: false, atOnce: 2 },
        { paused: false, atOnce: null },
      ],
    ]);
    expect(await world.entries('PAUSE_JOBS')).toHaveLength(1);
  });

  it('has to be one that there is, and a limit one that is possible', async () => {
    expect(await world.give('cy', 'pauseJobs', { kind: 'nothing' })).toMatchObject({ code: 'JOB_KIND_UNKNOWN' });
    for (const kind of ['erase-patient', 'draft-without', 'remind-holder', 'clear-exports'])
      expect(await world.give('cy', 'pauseJobs', { kind })).toMatchObject({ code: 'JOB_KIND_FIXED' });
    for (const atOnce of [0, -1, 65])
      expect(await world.give('cy', 'limitJobs', { kind: 'export', atOnce })).toMatchObject({
        code: 'JOB_LIMIT_INVALID',
      });
  });
});
