import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobPostponed } from '../../../api/jobs/job-kind.ts';
import { startsOf } from '../../../api/services/runs/run-queue.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type Who, type World } from '../mutations/world.ts';

let world: World;
let [ann, bob]: FixturePerson[] = [];
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 2, frames: 10, folds: 3 });
  const of = { studyId: world.study.studyId, now: world.clock.now() };
  ann = await addResearcher(world.db.pool, { ...of, name: 'ann' });
  bob = await addResearcher(world.db.pool, { ...of, name: 'bob' });
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.db.pool.query('DELETE FROM withdrawal');
  await world.db.pool.query('DELETE FROM baseline_run');
  await world.db.pool.query('DELETE FROM job');
});

const RUN =
  'id state queue { place waiting secondsToStart secondsToEnd } result { overall byPatient { patient accuracy } } provenance marked';
async function asks(who: Who, more: Record<string, unknown> = {}) {
  const input = { experiment: 'random-forest-pain', ...more };
  const payload = await world.give(who, 'runBaseline', input, `... on RunBaselineSuccess { run { ${RUN} } }`);
  if (payload.run === undefined) throw new Error(JSON.stringify(payload));
  return payload.run;
}
const reads = async (who: Who, id: string) =>
  (await world.ask(who, `query($id: ID!) { run(id: $id) { ${RUN} } }`, { id })).data.run;

describe('an identical run', () => {
  it('is answered at once from the earlier one, without a word of whose it was', async () => {
    const first = await asks(ann!);
    expect(first.state).toBe('QUEUED');
    await world.work('run-baseline');
    const done = await reads(ann!, first.id);
    const second = await asks(bob!);
    expect(second.state).toBe('SUCCEEDED');
    expect(second.id).not.toBe(first.id);
    expect(second.result).toEqual(done.result);
    expect(second.provenance.answered).toContain('earlier run');
    expect(second.provenance).not.toHaveProperty('startedAt');
    const told = JSON.stringify(second);
    for (const secret of [first.id, ann!.accountId, ann!.grantId]) expect(told).not.toContain(secret);
    expect(await reads(bob!, first.id)).toBeNull();
    // It is one more that a withdrawal marks.
    const { rows } = await world.db.pool.query(`SELECT count(*)::int AS n FROM lineage WHERE subject_id = $1`, [
      second.id,
    ]);
    expect(rows[0].n).toBe(6);
    expect((await world.entries('RUN_BASELINE')).map((entry) => entry.run)).toContain(second.id);
  });

  it.each([
    ['another seed', { seed: 1 }],
    ['another preset', { preset: 'smoke' }],
    ['one fold', { fold: 1 }],
    ['other classes', { classes: 4 }],
  ])('is not one with %s', async (_, change) => {
    await asks(ann!);
    await world.work('run-baseline');
    expect((await asks(bob!, change)).state).toBe('QUEUED');
  });

  it('is decided anew: who may use other rows is not given those of the other', async () => {
    const first = await asks(ann!);
    await world.work('run-baseline');
    await world.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), patient_id, 'STOP_SHARING', 'PATIENT', now() FROM release_patient WHERE release_id = $1 AND code = '9001'`,
      [world.study.releaseId],
    );
    const after = await asks(bob!);
    expect(after.state).toBe('QUEUED');
    await world.work('run-baseline');
    const { result } = await reads(bob!, after.id);
    expect(result.byPatient.map((one: { patient: string }) => one.patient)).not.toContain('9001');
    expect(first.id).not.toBe(after.id);
  });

  it('is refused to whoever may not run it, though there is an answer', async () => {
    await asks(ann!);
    await world.work('run-baseline');
    const payload = await world.give('ben', 'runBaseline', { experiment: 'random-forest-pain' });
    expect(payload.code).toBe('FORBIDDEN');
  });

  it('waits for the other where both come at once: one computes', async () => {
    const [first, second] = await Promise.all([asks(ann!), asks(bob!)]);
    const [kind] = world.services.runs.jobKinds();
    const jobs = await Promise.all(['w1', 'w2'].map((worker) => world.base.jobs.claim(worker, ['run-baseline'])));
    const signal = new AbortController().signal;
    const ends = await Promise.allSettled(
      jobs.map((job) => kind!.run(job!.payload, { job: job!, signal, progress: () => {} })),
    );
    for (const [at, end] of ends.entries()) {
      // On a busy machine the one may have ended before the other looked, which is then answered from it.
      if (end.status === 'fulfilled')
        await world.base.jobs.finish(world.base.database, jobs[at]!.id, `w${at + 1}`, { state: 'SUCCEEDED' });
      else {
        expect(end.reason).toBeInstanceOf(JobPostponed);
        await world.base.jobs.handBack(jobs[at]!.id, `w${at + 1}`);
      }
    }
    // Neither is left at work: who was put off looks again, and is answered.
    if (ends.some(({ status }) => status === 'rejected')) await world.work('run-baseline');
    const both = [await reads(ann!, first.id), await reads(bob!, second.id)];
    expect(both[0].result).toEqual(both[1].result);
    expect(both.filter(({ provenance }) => provenance.answered)).toHaveLength(1);
  });

  it('is put off while the other is at work, however long that takes', async () => {
    const [first, second] = [await asks(ann!), await asks(bob!)];
    const [kind] = world.services.runs.jobKinds();
    const jobs = [
      await world.base.jobs.claim('w1', ['run-baseline']),
      await world.base.jobs.claim('w2', ['run-baseline']),
    ];
    const signal = new AbortController().signal;
    const runs = (at: number) => kind!.run(jobs[at]!.payload, { job: jobs[at]!, signal, progress: () => {} });
    await runs(0);
    // As it stood before it had computed.
    const { rows } = await world.db.pool.query('SELECT id, result FROM baseline_run WHERE job_id = $1', [jobs[0]!.id]);
    await world.db.pool.query('UPDATE baseline_run SET result = NULL WHERE id = $1', [rows[0].id]);
    await expect(runs(1)).rejects.toBeInstanceOf(JobPostponed);
    await world.db.pool.query('UPDATE baseline_run SET result = $2 WHERE id = $1', [rows[0].id, rows[0].result]);
    await world.base.jobs.finish(world.base.database, jobs[0]!.id, 'w1', { state: 'SUCCEEDED' });
    await world.base.jobs.handBack(jobs[1]!.id, 'w2');
    await world.work('run-baseline');
    const both = [await reads(ann!, first.id), await reads(bob!, second.id)];
    expect(both[0].result).toEqual(both[1].result);
    expect(both.filter(({ provenance }) => provenance.answered)).toHaveLength(1);
  });
});

describe('runs that wait', () => {
  it('are told their place, and how long it will take by what runs have taken', async () => {
    await asks(ann!, { seed: 1 });
    await world.work('run-baseline');
    await world.db.pool.query(`UPDATE job SET started_at = finished_at - interval '30 seconds'`);
    const runs = [await asks(ann!, { seed: 2 }), await asks(ann!, { seed: 3 }), await asks(bob!, { seed: 4 })];
    const queues = await Promise.all([reads(ann!, runs[0].id), reads(ann!, runs[1].id), reads(bob!, runs[2].id)]);
    expect(queues.map(({ queue }) => queue.place)).toEqual([2, 3, 1]);
    expect(queues.map(({ queue }) => queue.waiting)).toEqual([3, 3, 3]);
    const workers = Math.max(1, world.base.config.ISS_WORKERS);
    const starts = startsOf([], [30, 30, 30], workers) as number[];
    expect(queues[2]!.queue).toMatchObject({ secondsToStart: starts[0], secondsToEnd: starts[0]! + 30 });
    expect(queues[1]!.queue).toMatchObject({ secondsToStart: starts[2], secondsToEnd: starts[2]! + 30 });
  });

  it('begin when a worker is free', () => {
    expect(startsOf([], [10, 10, 10], 1)).toEqual([0, 10, 20]);
    expect(startsOf([5, 20], [10, 10], 2)).toEqual([5, 15]);
    expect(startsOf([5], [10, 10], 2)).toEqual([0, 5]);
  });

  it('do not know when, where one before them was never measured', () => {
    expect(startsOf([null], [10], 1)).toEqual([null]);
    expect(startsOf([], [null, 10], 1)).toEqual([0, null]);
  });
});
