import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../../api/http/metrics.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

describe('what /metrics tells', () => {
  const lines = async (): Promise<string[]> => {
    const { registry } = createMetrics(world.base.database, tmpdir(), world.services.decisions);
    return (await registry.metrics()).split('\n').filter((line) => line.startsWith('iss_'));
  };

  it('counts refusals of people by reason, and of nobody else', async () => {
    await world.give('ada', 'haltAccess', { scope: 'ALL', reason: 'No.' });
    await world.give('ada', 'haltAccess', { scope: 'ALL', reason: 'No.' });
    await world.give(null, 'haltAccess', { scope: 'ALL', reason: 'No.' });
    const told = (await lines()).filter((line) => line.startsWith('iss_refusals_total'));
    expect(told).toEqual(['iss_refusals_total{reason="ROLE_MISSING"} 2']);
  });

  it('counts what was allowed and done, beside what was refused', async () => {
    await world.give('cy', 'pauseJobs', { kind: 'export' });
    await world.give('cy', 'resumeJobs', { kind: 'export' });
    // Nobody's doing.
    await world.services.audit.write(world.db.database, { accountId: null, grantId: null, action: 'JOB', detail: {} });
    expect((await lines()).filter((line) => line.startsWith('iss_decisions_total')).toSorted()).toEqual([
      'iss_decisions_total{action="COMMAND_REFUSED"} 2',
      'iss_decisions_total{action="PAUSE_JOBS"} 1',
      'iss_decisions_total{action="RESUME_JOBS"} 1',
    ]);
  });

  it('has jobs by kind and state, those given up with the reason, how long the oldest waits and what is paused', async () => {
    const { jobs, database } = world.base;
    await jobs.add(database, { kind: 'export', payload: {} });
    const failed = await jobs.add(database, { kind: 'run-baseline', payload: {} });
    await jobs.claim('one', ['run-baseline']);
    await jobs.finish(database, failed, 'one', { state: 'FAILED', error: { code: 'POISON', message: 'x' } });
    await world.give('cy', 'pauseJobs', { kind: 'export' });
    const told = await lines();
    expect(told).toContain('iss_jobs{kind="export",state="QUEUED"} 1');
    expect(told).toContain('iss_jobs{kind="run-baseline",state="FAILED"} 1');
    expect(told).toContain('iss_jobs_given_up{kind="run-baseline",code="POISON"} 1');
    expect(told).toContain('iss_jobs_paused{kind="export"} 1');
    expect(told.some((line) => /^iss_jobs_waiting_seconds\{kind="export"\} \d/.test(line))).toBe(true);
  });

  it('counts submissions by what became of them', async () => {
    const { pool } = world.db;
    const told = await lines();
    const { rows } = await pool.query('SELECT outcome, count(*)::int AS n FROM ingest_item GROUP BY outcome');
    const items = told.filter((line) => line.startsWith('iss_ingest_items_total'));
    expect(items.length).toBe(rows.length);
    expect(told.some((line) => line.startsWith('iss_ingest_recording_seconds_total'))).toBe(true);
  });

  it('does not fall by what an erasure takes away: the fall would say whose it was', async () => {
    const { registry } = createMetrics(world.base.database, tmpdir());
    const told = async (): Promise<number> => {
      const line = (await registry.metrics())
        .split('\n')
        .find((one) => one.startsWith('iss_ingest_recording_seconds_total'));
      return Number(line?.split(' ')[1]);
    };
    const { pool } = world.db;
    await pool.query(
      `INSERT INTO ingest_drop (id, study_id, created_at) SELECT gen_random_uuid(), id, now() FROM study LIMIT 1`,
    );
    await pool.query(
      `INSERT INTO ingest_item (id, drop_id, patient_code, timestamp, outcome, created_at, finished_at)
       SELECT gen_random_uuid(), id, '9001', '20150312T104622', 'PROCESSED', now(), now() FROM ingest_drop LIMIT 1`,
    );
    const set = (seconds: number | null) => pool.query('UPDATE ingest_item SET seconds = $1', [seconds]);
    await set(30);
    await told();
    await set(38);
    const before = await told();
    expect(before).toBeGreaterThan(0);
    await set(null);
    expect(await told()).toBe(before);
    await set(5);
    expect(await told()).toBeGreaterThan(before);
  });
});
