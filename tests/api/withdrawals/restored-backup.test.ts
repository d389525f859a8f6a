import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KeyDestroyed } from '../../../api/adapters/keys/seal-keys.ts';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { composeServer, type Foundation } from '../../../api/compose.ts';
import { readConfig } from '../../../api/config.ts';
import { jobKinds } from '../../../api/jobs/kinds.ts';
import { type RunningServer, startServer } from '../../../api/server.ts';
import { prepareFirstStart } from '../../../api/services/first-start.ts';
import { fillStudy } from '../../support/study-fixture.ts';

const CODE = '9001';
const WITHDRAWAL = '0198c0de-0000-7000-8000-000000000001';
let directory = '';
let aside = '';
let base: Foundation;
let server: RunningServer;
let pool: pg.Pool;

/** A server on the folder, as `npm start` makes one, but for its workers. */
async function start(): Promise<void> {
  const settings = { ISS_DATA_DIR: directory, ISS_DEMO: '0', ISS_WORKERS: '0', PORT: '0', ISS_STUDY: 'iss' };
  base = await composeServer(readConfig(settings), pino({ level: 'silent' }));
  await prepareFirstStart(base);
  server = await startServer(base);
  const password = encodeURIComponent(base.secrets.databaseOwner);
  pool = new pg.Pool({
    connectionString: `postgresql://postgres:${password}@127.0.0.1:${base.databasePort}/postgres`,
    max: 2,
  });
  pool.on('error', () => {});
}
async function stop(): Promise<void> {
  await pool.end();
  await server.stop();
  await base.close();
}
/** Owners too: PostgreSQL refuses a folder that is not its own. */
const copy = (from: string, to: string) => execFileSync('cp', ['-Rp', from, to]);

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const key of base.objects.list(`sealed/pain/${CODE}/`)) found.push(key);
  return found;
}
async function erase(): Promise<unknown> {
  const kind = jobKinds(base, server.services).find((one) => one.kind === 'erase-patient')!;
  const job = await base.jobs.claim('worker', ['erase-patient']);
  if (job === null) throw new Error('no erasure waits');
  const context = { job, signal: new AbortController().signal, progress: () => {} };
  const result = await kind.run(kind.payload.parse(job.payload), context);
  await base.jobs.finish(base.database, job.id, 'worker', { state: 'SUCCEEDED', result });
  return result;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'iss-restored-'));
  aside = await mkdtemp(join(tmpdir(), 'iss-backup-'));
  await start();
}, 120_000);
afterAll(async () => {
  await stop();
  for (const folder of [directory, aside]) await rm(folder, { recursive: true, force: true });
});

it('a backup of objects and database from before an erasure, brought back, gives nothing of the patient', async () => {
  const study = await fillStudy(
    { pool, objects: base.objects },
    { key: 'pain', patients: 3, submissions: 1, frames: 10, folds: 2 },
  );
  const patientId = study.patients[0]!.id;
  const stored = await keys();
  expect(stored.length).toBeGreaterThan(3);
  const clear = await readWhole(base.objects, stored[0]!);
  expect(clear.length).toBeGreaterThan(0);

  await stop();
  for (const part of ['objects', 'postgres']) copy(join(directory, part), join(aside, part));
  await start();

  await pool.query(
    `INSERT INTO withdrawal (id, patient_id, kind, reason, at, notified_at, erasure_ordered_at, erase_after)
     VALUES ($1, $2, 'ERASE', 'PATIENT', now(), now(), now(), now() - interval '1 second')`,
    [WITHDRAWAL, patientId],
  );
  await base.jobs.add(base.database, { kind: 'erase-patient', payload: { withdrawalId: WITHDRAWAL } });
  expect(await erase()).toMatchObject({
    erased: true,
    proof: { keysDestroyed: 1, objects: stored.length, objectsLeft: 0 },
  });
  expect(await keys()).toEqual([]);
  expect(await readdir(join(directory, 'keys', 'pain'))).toContain(`${CODE}.destroyed`);

  await stop();
  for (const part of ['objects', 'postgres']) {
    await rm(join(directory, part), { recursive: true });
    copy(join(aside, part), join(directory, part));
  }
  await start();

  expect(await keys()).toEqual(stored);
  for (const key of stored) {
    await expect(readWhole(base.objects, key), key).rejects.toThrow(KeyDestroyed);
    await expect(base.objects.localFile(key), key).rejects.toThrow(KeyDestroyed);
  }
  // Sharing has ended with the start, and the erasure is carried out once more.
  const { rows } = await pool.query('SELECT kind FROM withdrawal WHERE patient_id = $1', [patientId]);
  expect(rows).toEqual([{ kind: 'ERASE' }]);
  expect(await erase()).toMatchObject({ erased: true, proof: { objects: stored.length, objectsLeft: 0 } });
  expect(await keys()).toEqual([]);
  // Of the others everything is there.
  for await (const key of base.objects.list('sealed/pain/')) await readWhole(base.objects, key);
}, 180_000);
