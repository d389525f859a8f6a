import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type Clock, systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { fileMail } from '../../../api/adapters/mail/file-mail.ts';
import type { ObjectStore } from '../../../api/adapters/objects/object-store.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { Foundation } from '../../../api/compose.ts';
import { readConfig } from '../../../api/config.ts';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { jobKinds } from '../../../api/jobs/kinds.ts';
import { superviseWorkers } from '../../../api/jobs/supervisor.ts';
import { createLog } from '../../../api/log.ts';
import { prepareFirstStart } from '../../../api/services/first-start.ts';
import type { DropItem } from '../../../api/services/ingest/drop-item.ts';
import { readDrop, streamOf } from '../../../api/services/ingest/read-drop.ts';
import { createServices, type Services } from '../../../api/services.ts';
import { writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase } from '../../support/database.ts';
import { sealedObjects } from '../../support/sealed-objects.ts';
import { keptLog } from '../jobs/a-clock.ts';

export interface IngestWorld {
  base: Foundation;
  services: Services;
  /** Folder of everything that the server keeps. */
  data: string;
  pool: pg.Pool;
  log: ReturnType<typeof keptLog>['lines'];
  /** Opens the drop, sends what is wanted, has it queued. */
  send(folder: string, study?: string): Promise<{ dropId: string; items: DropItem[] }>;
  /** Works in this process until every item of the drop has its outcome. */
  work(dropId: string): Promise<DropItem[]>;
  /** send and work. */
  ingest(folder: string, study?: string): Promise<DropItem[]>;
  /** Real worker processes. */
  startWorkers(count: number): Promise<{ stop(): Promise<void>; pids(): number[] }>;
  /** Every object with its size, by key. */
  objects(): Promise<Map<string, number>>;
  /** Rows of tables that ingest fills, as numbers. */
  counts(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** URLs of a database of one's own, which a test may end; otherwise a fresh one of the run's. */
  database?: { ownerUrl: string; appUrl: string; stop(): Promise<void> };
  settings?: Record<string, string>;
  clock?: Clock;
  /** Replaces the store of files. */
  objects?: (store: ObjectStore) => ObjectStore;
}

const TABLES = ['patient', 'submission', 'recording', 'survey', 'frame_record', 'chunk', 'artifact', 'consent'];

/** The services of a server, and its workers, on a database and a folder of their own. */
export async function ingestWorld(options: WorldOptions = {}): Promise<IngestWorld> {
  const data = await mkdtemp(join(tmpdir(), 'iss-ingest-'));
  const own = options.database ? null : await startTestDatabase();
  const ownerUrl = options.database?.ownerUrl ?? own!.url;
  const appUrl = options.database?.appUrl ?? own!.appUrl;
  const config = readConfig({
    ISS_DATA_DIR: data,
    ISS_DATABASE_URL: ownerUrl,
    ISS_WORKERS: '2',
    ISS_DEMO: '0',
    ...options.settings,
  });
  const database = own?.database ?? connectDatabase(appUrl);
  const pool = own?.pool ?? new pg.Pool({ connectionString: ownerUrl });
  pool.on('error', () => {});
  const clock = options.clock ?? systemClock;
  const { log, lines } = keptLog();
  const secret = Buffer.alloc(32, 7).toString('base64url');
  const databaseApp = decodeURIComponent(new URL(appUrl).password);
  const secrets = { databaseOwner: secret, databaseApp, sealingKey: secret, ticketKey: secret };
  const { objects, keys } = sealedObjects(data, Buffer.from(secret, 'base64url'));
  await writeFile(join(data, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
  await writeFile(join(data, 'version.json'), JSON.stringify({ layout: 1 }));
  const queue = postgresQueue(database);
  const base: Foundation = {
    config,
    secrets,
    log: Object.assign(log, { child: () => log, debug: () => {} }),
    clock,
    ids: systemIds,
    database,
    objects: options.objects ? options.objects(objects) : objects,
    keys,
    queue,
    jobs: jobStore(database, clock, systemIds),
    mail: fileMail(join(data, 'mail')),
    keycloak: null,
    checks: {},
    databasePort: null,
    close: async () => {},
  };
  await prepareFirstStart(base);
  // The drops of these tests are drawn, and a study of people takes none of those.
  await pool.query(`UPDATE study SET synthetic = true WHERE key = 'iss'`);
  const services = createServices(base, 'http://localhost');

  const world: IngestWorld = {
    base,
    services,
    data,
    pool,
    log: lines,
    async send(folder, study = 'iss') {
      const drop = await readDrop(folder);
      const opened = await services.ingest.open({
        study,
        enrolment: drop.enrolment,
        items: drop.items,
        accountId: null,
      });
      if (!opened.ok) throw new Error(`${opened.code}: ${opened.message}`);
      for (const found of opened.items.filter((item) => item.outcome === 'WAITING')) {
        const local = drop.items.find((item) => item.patient === found.patient && item.timestamp === found.timestamp)!;
        const item = { ...found, study };
        for (const kind of await services.ingest.wanted(item)) {
          const path = kind === 'video' ? local.videoPath! : local.surveyPath!;
          const { patient, timestamp } = item;
          const got = await services.ingest.receive(opened.dropId, patient, timestamp, kind, streamOf(path));
          if (!got.ok) throw new Error(`${got.code}: ${got.message}`);
        }
        await services.ingest.process(item, null);
      }
      return { dropId: opened.dropId, items: opened.items };
    },
    async work(dropId) {
      const runner = await runJobs({
        worker: `in-process ${systemIds.uuid()}`,
        kinds: jobKinds(base, services),
        store: base.jobs,
        queue,
        database,
        log,
        pollMs: 20,
      });
      try {
        return await ended(dropId);
      } finally {
        await runner.stop();
      }
    },
    async ingest(folder, study) {
      const { dropId } = await world.send(folder, study);
      return world.work(dropId);
    },
    startWorkers: (count) =>
      superviseWorkers({
        ...base,
        log: createLog('silent'),
        workers: count,
        store: base.jobs,
        kinds: [],
        environment: {
          PATH: process.env.PATH,
          ISS_DATA_DIR: data,
          ISS_DATABASE_URL: ownerUrl,
          ISS_LOG_LEVEL: 'silent',
          ISS_DEMO: '0',
          ISS_WORKERS: '2',
        },
      }),
    async objects() {
      const found = new Map<string, number>();
      for await (const key of objects.list('')) found.set(key, (await objects.size(key))!);
      return found;
    },
    async counts() {
      const { rows } = await pool.query(
        `SELECT ${TABLES.map((name) => `(SELECT count(*)::int FROM ${name}) AS ${name}`)}`,
      );
      return rows[0];
    },
    async stop() {
      await queue.close();
      await (own ? own.stop() : Promise.all([database.close(), pool.end()]).then(() => options.database!.stop()));
      await rm(data, { recursive: true, force: true });
    },
  };
  const ended = (dropId: string) =>
    eventually(
      'every submission has its outcome',
      async () => {
        const state = await services.ingest.state(dropId).catch(() => null);
        return state?.items.every((item) => item.outcome !== 'WAITING') ? state.items : null;
      },
      100_000,
    );
  return world;
}

/** A drop of drawn patients under codes 9001 and up: `patients` x `submissions` videos of a second or so. */
export async function drawnDrop(patients = 2, submissions = 1, seed = 5, seconds = 1): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-drop-'));
  process.once('exit', () => void import('node:fs').then((fs) => fs.rmSync(folder, { recursive: true, force: true })));
  await writeDrop(syntheticStudy({ seed, patients, submissionsPerPatient: submissions, seconds }), folder, {
    workers: 0,
  });
  return folder;
}

/** The submissions of a drop, as `<patient>/<timestamp>`. */
export async function submissionsOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const patient of (await readdir(join(folder, 'submissions'))).sort())
    for (const timestamp of (await readdir(join(folder, 'submissions', patient))).sort())
      found.push(`${patient}/${timestamp}`);
  return found;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** How many files lie below a folder. */
export async function filesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const kinds = await Promise.all(names.map((name) => stat(join(folder, name)).then((found) => found.isFile())));
  return kinds.filter(Boolean).length;
}

export const appPassword = (): string => inject('databaseAppPassword');
