import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { type Clock, systemIds } from '../../../api/adapters/clock/clock.ts';
import type { Database } from '../../../api/adapters/database/database.ts';
import type { SealKeys } from '../../../api/adapters/keys/seal-keys.ts';
import type { ObjectStore } from '../../../api/adapters/objects/object-store.ts';
import { postgresQueue } from '../../../api/adapters/queue/postgres-queue.ts';
import type { JobState } from '../../../api/jobs/job.ts';
import { JobFailure, JobRefused } from '../../../api/jobs/job-kind.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { makeKeyRing } from '../../../api/services/audit/checkpoint-keys.ts';
import { type ExportDeps, type ExportService, exportService } from '../../../api/services/exports/export-service.ts';
import type { Manifest } from '../../../api/services/exports/manifest-format.ts';
import { MANIFEST } from '../../../api/services/exports/manifest-format.ts';
import type { ExportFile } from '../../../api/services/exports/open-export.ts';
import type { ExportRequest } from '../../../api/services/exports/request-export.ts';
import { ticketOffice } from '../../../api/services/files/ticket.ts';
import type { Modality } from '../../../governance/modality.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { sealedObjects } from '../../support/sealed-objects.ts';
import { FIXTURE_NOW, fillStudy, type StudyFixture, type StudyOptions } from '../../support/study-fixture.ts';

/** A study, a researcher who may everything, and the export service beside a real database and store. */
export interface ExportWorld {
  db: TestDatabase;
  objects: ObjectStore;
  keys: SealKeys;
  study: StudyFixture;
  person: FixturePerson;
  deps: ExportDeps;
  exports: ExportService;
  /** The time that the service is told; tests may set it. */
  clock: Clock & { at: Date };
  stop(): Promise<void>;
}

/** @param holdMs for how long an answer to whether an export still holds is used again; tests that change nothing then are quicker with some */
export async function startExportWorld(options: StudyOptions = {}, holdMs = 0): Promise<ExportWorld> {
  const db = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'iss-exports-'));
  const { objects, keys } = sealedObjects(folder);
  const study = await fillStudy({ pool: db.pool, objects }, options);
  const person = await addResearcher(db.pool, { name: 'ada', studyId: study.studyId });
  const clock = { at: FIXTURE_NOW, now: () => clock.at };
  const { database } = db;
  const queue = postgresQueue(database);
  const deps: ExportDeps = {
    database,
    objects,
    clock,
    ids: systemIds,
    audit: auditLog(clock, systemIds),
    jobs: jobStore(database, clock, systemIds),
    queue,
    tickets: ticketOffice({
      key: Buffer.alloc(32, 7),
      clock,
      ids: systemIds,
      lifeSeconds: 300,
      baseUrl: 'http://host',
    }),
    publicUrl: 'http://host',
    receiptKeys: () => makeKeyRing(folder, systemIds.random),
    defaultStudy: study.key,
    holdMs,
  };
  return {
    db,
    objects,
    keys,
    study,
    person,
    deps,
    exports: exportService(deps),
    clock,
    async stop() {
      await queue.close();
      await db.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Asks for an export as the world's researcher. @throws where it is refused */
export async function asked(
  world: ExportWorld,
  request: Partial<ExportRequest> = {},
): Promise<{ exportId: string; jobId: string }> {
  const result = await world.exports.request({
    actor: world.person.actor,
    fold: 1,
    part: 'TRAIN',
    modalities: ['LABELS'],
    ...request,
  });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
}

/**
 * Runs the next waiting export as a worker does, but for the heartbeat: asks `refusals`, runs, stores the end. Another service than the world's runs with
 * other adapters.
 * @returns what the job's state then is; null where none waits
 */
export async function work(
  world: ExportWorld,
  service: ExportService = world.exports,
  signal = new AbortController().signal,
): Promise<JobState | null> {
  const { jobs, database } = world.deps;
  const job = await jobs.claim('worker', ['export']);
  if (job === null) return null;
  const kind = service.jobKinds()[0]!;
  const payload = kind.payload.parse(job.payload);
  try {
    const reasons = (await kind.refusals?.(job, payload)) ?? [];
    if (reasons.length > 0) throw new JobRefused(reasons);
    const result = await kind.run(payload, { job, signal, progress: () => {} });
    await jobs.finish(database, job.id, 'worker', { state: 'SUCCEEDED', result });
  } catch (error) {
    if (error instanceof JobRefused)
      await jobs.finish(database, job.id, 'worker', {
        state: 'REFUSED',
        error: { code: 'REFUSED', message: '', reasons: error.reasons },
      });
    else if (signal.aborted) await jobs.finish(database, job.id, 'worker', { state: 'CANCELLED' });
    else if (error instanceof JobFailure)
      await jobs.finish(database, job.id, 'worker', {
        state: 'FAILED',
        error: { code: error.code, message: error.message },
      });
    else throw error;
  }
  return (await jobs.get(job.id))!.state;
}

/** Asks for an export and makes it. @returns its id */
export async function made(world: ExportWorld, request: Partial<ExportRequest> = {}): Promise<string> {
  const { exportId, jobId } = await asked(world, request);
  await work(world);
  const job = await world.deps.jobs.get(jobId);
  if (job?.state !== 'SUCCEEDED') throw new Error(`the export ended as ${job?.state}: ${JSON.stringify(job?.error)}`);
  return exportId;
}

/** The bytes of an opened file as a download handler sends them. */
export async function bytesOf(objects: ObjectStore, file: ExportFile): Promise<Buffer> {
  const parts: Uint8Array[] = file.prefix === null ? [] : [file.prefix];
  const own = file.prefix?.length ?? 0;
  const count = file.bytes - own;
  if (count > 0)
    for await (const part of objects.read(file.objectKey, { first: file.firstByte, last: file.firstByte + count - 1 }))
      parts.push(part);
  return Buffer.concat(parts);
}

export async function read(world: ExportWorld, exportId: string, path: string): Promise<Buffer> {
  const opened = await world.exports.open(exportId, path, world.person.actor, world.clock.now());
  if (!opened.ok) throw new Error(`${path}: ${opened.code}`);
  return bytesOf(world.objects, opened.file);
}

export const readManifest = async (world: ExportWorld, exportId: string): Promise<Manifest> =>
  MANIFEST.parse(JSON.parse((await read(world, exportId, 'manifest.json')).toString('utf8')));

/** A table as rows of plain objects. */
export async function readTable(
  world: ExportWorld,
  exportId: string,
  path: string,
): Promise<Record<string, unknown>[]> {
  const bytes = await read(world, exportId, path);
  return (await parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  })) as Record<string, unknown>[];
}

/** Paths of all files, in the order of the pages. */
export async function paths(world: ExportWorld, exportId: string, page = 50): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const result = await world.exports.files(exportId, world.person.actor, after, page);
    if (!result.ok) throw new Error(result.code);
    found.push(...result.files.map(({ path }) => path));
    after = result.after;
  } while (after !== null);
  return found;
}

export const EVERY_MODALITY: readonly Modality[] = [
  'LABELS',
  'PAIN_SCORES',
  'AUDIO_FEATURES',
  'BASELINES',
  'LANDMARKS',
  'SPECTROGRAMS',
  'VIDEO',
  'FRAMES',
  'FACES',
  'AUDIO',
];

/** Audit entries of an action, newest last. */
export async function entries(database: Database, action: string): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query<{ text: string }>(
    'SELECT text FROM audit_entry WHERE action = $1 ORDER BY seq',
    [action],
  );
  return rows.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
}
