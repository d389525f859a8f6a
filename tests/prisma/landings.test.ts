import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecutionResult, type OperationDefinitionNode, parse } from 'graphql/index.js';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { systemIds } from '../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';
import { fileMail } from '../../api/adapters/mail/file-mail.ts';
import { postgresQueue } from '../../api/adapters/queue/postgres-queue.ts';
import type { Foundation } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { jobStore } from '../../api/jobs/job-store.ts';
import { readAuditChain } from '../../api/services/audit/audit-chain.ts';
import { sealAll } from '../../api/services/audit/sealer.ts';
import { contextServices } from '../../api/services/context.ts';
import { prepareFirstStart } from '../../api/services/first-start.ts';
import { readServices } from '../../api/services/read/read-service.ts';
import { createServices } from '../../api/services.ts';
import { type Actor, ANONYMOUS } from '../../governance/actor.ts';
import type { Context } from '../../schema/context.ts';
import { createExecutor } from '../../schema/executor.ts';
import { schema } from '../../schema/index.ts';
import { stringifyResult } from '../../schema/json-text.ts';
import { sealedObjects } from '../support/sealed-objects.ts';
import { keptLandings, type Landing, readLanding, restoreLanding } from './landings/landing.ts';

const executor = createExecutor(schema, { max: 500, byDefault: 20 });
const landings = await keptLandings();

it('a database of the first landing is kept', () => {
  expect(landings).toContain('20261122000000_foundation');
});

describe.each(landings)('a database of %s, migrated to this version', (name) => {
  let landing: Landing;
  let pool: pg.Pool;
  let base: Foundation;
  let services: ReturnType<typeof createServices>;
  let applied: string[];
  let directory: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    landing = await readLanding(name);
    const owner = inject('databaseOwnerUrl');
    const database = `landing_${randomBytes(6).toString('hex')}`;
    const url = urlAs(owner, 'postgres', decodeURIComponent(new URL(owner).password), database);
    const admin = new pg.Client({ connectionString: owner });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${database}`);
    await restoreLanding(url, landing);
    applied = await migrate(url);
    await setAppPassword(url, inject('databaseAppPassword'));
    pool = new pg.Pool({ connectionString: url, max: 2 });
    pool.on('error', () => {});
    directory = await mkdtemp(join(tmpdir(), 'iss-landing-'));
    const clock = { now: () => new Date(landing.madeAt) };
    const app = connectDatabase(urlAs(owner, 'iss_app', inject('databaseAppPassword'), database));
    const secret = () => randomBytes(32).toString('base64url');
    base = {
      config: readConfig({ ISS_DATA_DIR: directory, ISS_STUDY: 'demo', ISS_DEMO: '1' }),
      secrets: { databaseOwner: '', databaseApp: '', sealingKey: secret(), ticketKey: secret() },
      clock,
      ids: systemIds,
      log: pino({ level: 'silent' }),
      database: app,
      ...sealedObjects(directory),
      queue: postgresQueue(app),
      jobs: jobStore(app, clock, systemIds),
      mail: fileMail(join(directory, 'mail')),
      keycloak: null,
      checks: {},
      databasePort: null,
      close: async () => {},
    };
    services = createServices(base, 'http://localhost');
    await prepareFirstStart(base);
    stop = async () => {
      await base.queue.close();
      await app.close();
      await pool.end();
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
      await rm(directory, { recursive: true, force: true });
    };
  }, 120_000);
  afterAll(() => stop());

  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  async function ask(query: string, actor: Actor = ANONYMOUS): Promise<any> {
    const document = parse(query);
    const reads = readServices({
      database: base.database,
      defaultStudy: 'demo',
      now: base.clock.now,
      countRefusedStranger: () => {},
    });
    const context = {
      actor,
      requestId: 'test',
      now: base.clock.now,
      newId: () => systemIds.uuid(),
      reads: reads(actor),
      tickets: { issue: () => ({ url: 'http://localhost/files/x', expiresAt: base.clock.now() }) },
      landmarks: services.landmarks,
      studies: services.studies,
      viewers: services.viewers,
      ...contextServices(services, actor, base),
    } as Context;
    const operation = document.definitions[0] as OperationDefinitionNode;
    const documentSha256 = createHash('sha256').update(query).digest('hex');
    const result = await executor({ document, operation, variables: {}, documentSha256 }, context);
    return JSON.parse(stringifyResult(result as ExecutionResult));
  }

  async function person(username: string): Promise<Actor> {
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM account WHERE username = $1', [username]);
    return { kind: 'account', accountId: rows[0]!.id };
  }

  it('has every migration that is newer', async () => {
    const known = (await readdir('prisma/migrations')).sort();
    expect(applied).toEqual(known.filter((one) => one > name));
    const { rows } = await pool.query('SELECT migration_name AS name FROM _prisma_migrations ORDER BY name');
    expect(rows.map((row) => row.name)).toEqual(known);
  });

  it('has every row that it had', async () => {
    for (const [table, { rows }] of Object.entries(landing.tables)) {
      const { rows: now } = await pool.query(`SELECT count(*)::int AS n FROM ${pg.escapeIdentifier(table)}`);
      expect([table, now[0].n >= rows.length]).toEqual([table, true]);
    }
  });

  it('shows everybody its release, and no draft', async () => {
    const { data, errors } = await ask('{ releases { version status digest counts { key } } }');
    expect(errors).toBeUndefined();
    expect(data.releases).toMatchObject([{ version: '1.0.0', status: 'PUBLISHED', digest: expect.any(String) }]);
    expect(data.releases[0].counts.length).toBeGreaterThan(0);
  });

  it('still lets somebody read under their grant, and nobody without one', async () => {
    const query = '{ release(version: "1.0.0") { patients(first: 50) { totalCount nodes { code painTarget } } } }';
    const { data, errors } = await ask(query, await person('researcher-3'));
    expect(errors).toBeUndefined();
    // Twelve, of whom one has withdrawn.
    expect(data.release.patients.totalCount).toBe(11);
    const without = await ask(query, await person('researcher-2'));
    expect(without.errors[0].extensions.reasons).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'NO_GRANT' })]),
    );
  });

  it('lists the grants, exports and runs of a person', async () => {
    const { data, errors } = await ask(
      '{ viewer { grants { id state } exports { state fileCount } runs { state experiment } } }',
      await person('researcher-3'),
    );
    expect(errors).toBeUndefined();
    expect(data.viewer).toMatchObject({
      grants: [{ state: 'ACTIVE' }],
      exports: [{ state: 'CANCELLED' }, { state: 'SUCCEEDED', fileCount: expect.any(Number) }],
      runs: [{ state: 'SUCCEEDED' }],
    });
  });

  it('takes new entries into its log, which is whole', async () => {
    const before = landing.tables.audit_entry!.rows.length;
    await ask('{ release(version: "1.0.0") { patients { totalCount } } }', await person('researcher-3'));
    // Transactions of other databases of the server hold the sealer back for a moment.
    await vi.waitFor(
      async () => {
        await sealAll(base.database);
        const report = await readAuditChain(base.database);
        expect(report).toMatchObject({ whole: true, unsealed: 0 });
        expect(report.entries).toBeGreaterThan(before);
      },
      { timeout: 30_000 },
    );
  });
});
