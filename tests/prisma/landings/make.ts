/**
 * Makes a database as this landing leaves it, by its own services, and keeps its rows here under the name of the newest migration:
 *   npx tsx tests/prisma/landings/make.ts
 * Run at the end of a landing, before anything is built on it. A file that is there already belongs to that landing and is not made again.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { composeServer, type Foundation } from '../../../api/compose.ts';
import { readConfig } from '../../../api/config.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { demoActor, seedDemoAccess } from '../../../api/services/demo/demo-access.ts';
import { prepareFirstStart } from '../../../api/services/first-start.ts';
import { draftRelease } from '../../../api/services/releases/draft-release.ts';
import { askForPublication, publishRelease } from '../../../api/services/releases/publish-release.ts';
import { checkNow } from '../../../api/services/releases/release-check.ts';
import { createServices, type Services } from '../../../api/services.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { keepLanding } from './landing.ts';

const URL_OF_TICKETS = 'http://localhost';
async function make(of: Foundation, services: Services) {
  const ownerUrl = `postgresql://postgres:${encodeURIComponent(of.secrets.databaseOwner)}@127.0.0.1:${of.databasePort}/postgres`;
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 2 });
  pool.on('error', () => {});
  try {
    const { rows } = await pool.query('SELECT max(migration_name) AS name FROM _prisma_migrations');
    if (existsSync(join(import.meta.dirname, `${rows[0].name}.json.gz`)))
      throw new Error(`the database of ${rows[0].name} is kept already`);
    // Patients, recordings and files, and a draft that nobody asked to publish.
    const small = { patients: 12, submissions: 2, frames: 12, folds: 3, status: 'DRAFT' } as const;
    await fillStudy({ pool, objects: of.objects }, { ...small, key: 'demo', version: '0.9.0', at: of.clock.now() });
    await prepareFirstStart(of);
    await seedDemoAccess(of, services, URL_OF_TICKETS);
    await publish(of, services);
    await work(of, services);
    const { rows: patients } = await pool.query<{ id: string }>('SELECT id FROM patient ORDER BY code LIMIT 1');
    await pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES (gen_random_uuid(), $1, 'STOP_SHARING', 'their wish', $2)`,
      [patients[0]!.id, of.clock.now()],
    );
    await sealAll(of.database);
    return await keepLanding(ownerUrl, of.clock.now());
  } finally {
    await pool.end();
  }
}

const must = <Done extends { ok: boolean }>(done: Done): Extract<Done, { ok: true }> => {
  if (!done.ok) throw new Error(`refused: ${JSON.stringify(done)}`);
  return done as Extract<Done, { ok: true }>;
};

async function publish(of: Foundation, services: Services): Promise<void> {
  const curator = await demoActor(of, 'curator', URL_OF_TICKETS);
  const steward = await demoActor(of, 'steward', URL_OF_TICKETS);
  const input = { study: 'demo', version: '1.0.0', notes: 'A study of the tests.' };
  const { releaseId } = must(await draftRelease(services.releases, curator, input));
  must(await askForPublication(services.releases, curator, releaseId));
  await checkNow(services.releases, curator, releaseId);
  must(await publishRelease(services.releases, steward, releaseId));
}

/** An export that was made, one that was cancelled, a run that was done and one that was refused. */
async function work(of: Foundation, services: Services): Promise<void> {
  const actor = await demoActor(of, 'researcher-3', URL_OF_TICKETS);
  const nobody = await demoActor(of, 'researcher-2', URL_OF_TICKETS);
  const wanted = { actor, study: 'demo', fold: 1, part: 'TRAIN', modalities: ['LABELS', 'PAIN_SCORES'] } as const;
  must(await services.exports.request(wanted));
  await workOff(of, services, 'export');
  const { exportId } = must(await services.exports.request({ ...wanted, part: 'TEST' }));
  await services.exports.cancel(exportId, actor);
  const run = { study: 'demo', release: '1.0.0', experiment: 'random-forest-pain', classes: 2, preset: 'smoke' };
  must(await services.runs.request(actor, { ...run, fold: null, seed: 1 }));
  await workOff(of, services, 'run-baseline');
  const refused = await services.runs.request(nobody, { ...run, fold: null, seed: 1 });
  if (refused.ok) throw new Error('a run without a grant was not refused');
}

async function workOff(of: Foundation, services: Services, name: string): Promise<void> {
  const kind = [...services.exports.jobKinds(), ...services.runs.jobKinds()].find((one) => one.kind === name)!;
  const job = await of.jobs.claim('maker', [name]);
  if (job === null) throw new Error(`no ${name} waits`);
  const context = { job, signal: new AbortController().signal, progress: () => {} };
  const result = await kind.run(kind.payload.parse(job.payload), context);
  await of.jobs.finish(of.database, job.id, 'maker', { state: 'SUCCEEDED', result });
}

const directory = await mkdtemp(join(tmpdir(), 'iss-make-landing-'));
const log = pino({ level: 'warn' }, pino.destination(2));
const base = await composeServer(readConfig({ ISS_DATA_DIR: directory, ISS_DEMO: '1' }), log);
try {
  const { path, bytes } = await make(base, createServices(base, URL_OF_TICKETS));
  console.log(`${path}: ${bytes} bytes`);
} finally {
  await base.close();
  await rm(directory, { recursive: true, force: true });
}
