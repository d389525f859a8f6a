import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql/index.js';
import { type Clock, systemIds } from '../../api/adapters/clock/clock.ts';
import type { Database } from '../../api/adapters/database/database.ts';
import { postgresQueue } from '../../api/adapters/queue/postgres-queue.ts';
import type { Foundation } from '../../api/compose.ts';
import { jobStore } from '../../api/jobs/job-store.ts';
import { loadFacts } from '../../api/services/access/load-facts.ts';
import { auditLog } from '../../api/services/audit/audit-log.ts';
import { exportService } from '../../api/services/exports/export-service.ts';
import { fileAccess } from '../../api/services/files/file-access.ts';
import { ticketOffice } from '../../api/services/files/ticket.ts';
import { studyService } from '../../api/services/open/study-service.ts';
import { landmarkService } from '../../api/services/read/landmark-service.ts';
import { readServices } from '../../api/services/read/read-service.ts';
import { runService } from '../../api/services/runs/run-service.ts';
import { viewerService } from '../../api/services/viewer/viewer-service.ts';
import { type AccountActor, type Actor, ANONYMOUS } from '../../governance/actor.ts';
import { sha256 } from '../../governance/canonical.ts';
import type { Context } from '../../schema/context.ts';
import { createExecutor } from '../../schema/executor.ts';
import { schema } from '../../schema/index.ts';
import { stringifyResult } from '../../schema/json-text.ts';
import { startTestDatabase } from '../support/database.ts';
import { sealedObjects } from '../support/sealed-objects.ts';
import { fillStudy, type StudyFixture } from '../support/study-fixture.ts';
import { FACT_TABLES, factsWriter, prepareFacts } from './database-facts.ts';
import { grantId, ME } from './ids.ts';
import { FRAMES, NOW, PATIENTS, type World } from './world.ts';

const executor = createExecutor(schema, { max: 500, byDefault: 20 });
type Issued = Parameters<Context['tickets']['issue']>[0];
const documents = new Map<string, ReturnType<typeof parse>>();

/**
 * Gives a statement's earlier answer where the one that loads facts comes with the very same values before `forget` was called: within a world of
 * thousands that differ from each other, list, export and checklist then stand on one load.
 */
function rememberingFacts(database: Database) {
  const known = new Map<string, ReturnType<Database['query']>>();
  const query = (text: string, values?: unknown[]) => {
    if ((text as unknown as { name?: string }).name !== 'facts') return database.query(text, values);
    const key = JSON.stringify(values);
    const found = known.get(key) ?? database.query(text, values);
    known.set(key, found);
    return found;
  };
  return { database: { ...database, query } as Database, forget: () => known.clear() };
}

/** The study in a real database with real files, and every way in which its data leaves. @param options.quick facts are loaded once for a world */
export async function openScene(options: { quick?: boolean } = {}) {
  const db = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'iss-agreement-'));
  const { objects } = sealedObjects(folder);
  const study = await fillStudy({ pool: db.pool, objects }, { patients: PATIENTS.length, frames: FRAMES });
  await fillStudy({ pool: db.pool, objects }, { key: 'other', patients: 1, frames: 2, submissions: 1 });
  await irregular(db.pool, study);
  await prepareFacts(db.pool, study);
  // As autovacuum would have left it: plans of a database without statistics are those of no portal.
  await db.pool.query('VACUUM ANALYZE');
  const write = factsWriter(db.pool);
  const { database, forget } = options.quick ? rememberingFacts(db.database) : { ...db, forget: () => {} };
  const clock: Clock & { at: Date } = { at: new Date(NOW), now: () => clock.at };
  const audit = auditLog(clock, systemIds);
  const jobs = jobStore(database, clock, systemIds);
  const queue = postgresQueue(database);
  const day = 86_400;
  const tickets = ticketOffice({
    key: Buffer.alloc(32, 5),
    clock,
    ids: systemIds,
    // Longer than any change of time in these tests: it is the policy that has to close the door.
    lifeSeconds: 400 * day,
    baseUrl: 'http://host',
  });
  const exports = exportService({
    ...{ database, objects, clock, ids: systemIds, audit, jobs, queue, tickets },
    publicUrl: 'http://host',
    receiptKeys: () => Promise.reject(new Error('no receipt is asked for here')),
    defaultStudy: study.key,
    holdMs: 0,
  });
  // What runs take of the foundation.
  const base = {
    database,
    clock,
    ids: systemIds,
    jobs,
    queue,
    config: { ISS_STUDY: study.key },
  } as unknown as Foundation;
  const runs = runService(base, audit, loadFacts);
  const viewers = viewerService({ database, clock, defaultStudy: study.key } as Parameters<typeof viewerService>[0]);
  const access = fileAccess({
    ...{ database, clock, audit, tickets, loadFacts },
    openExport: exports.openTicket,
    openCertificate: async () => null,
    openEthicsDocument: async () => null,
    openCheckpoint: async () => null,
  });
  const reads = readServices({
    database,
    defaultStudy: study.key,
    now: () => clock.at,
    countRefusedStranger: () => {},
  });

  async function ask(query: string, variables: Record<string, unknown>, actor: Actor): Promise<Answer> {
    const document = documents.get(query) ?? parse(query);
    documents.set(query, document);
    const operation = document.definitions[0];
    if (operation?.kind !== 'OperationDefinition') throw new Error('the operation comes first');
    const context = {
      ...{ actor, requestId: 'test', now: () => clock.at, newId: systemIds.uuid, reads: reads(actor) },
      tickets: {
        issue: ({ artifactId, part, modality, grantId: grant, releaseId: release }: Issued) =>
          tickets.issue({
            ...{ kind: 'artifact', accountId: ME, artifactId, modality, grantId: grant, releaseId: release },
            part: part ?? null,
          }),
      },
      landmarks: landmarkService(objects),
      ...{ viewers, studies: studyService(database, study.key, 'http://host', () => clock.at, new Map()) },
    } as unknown as Context;
    const result = await executor({ document, operation, variables, documentSha256: sha256(query) }, context);
    return JSON.parse(stringifyResult(result as never)) as Answer;
  }

  return {
    ...{ db, database, objects, study, clock, tickets, exports, runs, viewers, access, jobs, ask },
    async become(world: World): Promise<void> {
      clock.at = new Date(world.now);
      await write(world);
      forget();
    },
    /** Clears away the rows of worlds that are over; autovacuum does not come often enough. */
    tidy: () => db.pool.query(`VACUUM ${FACT_TABLES.join(', ')}`),
    async stop(): Promise<void> {
      await queue.close();
      await db.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

const idOfGrant = (name: World['actor']['names']): string | null =>
  name === null ? null : name === 'malformed' ? "no-grant'; --" : grantId(name);

/** Who asks, as the services are told. */
export const actorOf = ({ actor }: World): Actor => (actor.signedIn ? accountOf({ actor }) : ANONYMOUS);

export const accountOf = ({ actor: { names, token } }: Pick<World, 'actor'>): AccountActor => ({
  kind: 'account',
  accountId: ME,
  grantId: idOfGrant(names),
  tokenGrantId: idOfGrant(token),
});

/** Recordings whose film and frames do not end together, and one whose length nobody knows. */
async function irregular(pool: { query(text: string, values: unknown[]): Promise<unknown> }, study: StudyFixture) {
  const [, second, third] = study.patients;
  const length = 'UPDATE recording SET duration_seconds = $2 WHERE id = $1';
  await pool.query(length, [second?.submissions[0]?.recordingId, 4.43]);
  await pool.query(length, [third?.submissions[0]?.recordingId, null]);
}
