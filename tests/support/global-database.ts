import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword } from '../../api/adapters/database/roles.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseOwnerUrl: string;
    databaseAppPassword: string;
  }
}

/** One real PostgreSQL for a test run; each suite gets a database of its own, copied from a migrated template (tests/support/database.ts). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'iss-test-postgres-'));
  const server = await startEmbeddedPostgres({
    directory: join(directory, 'cluster'),
    password: randomBytes(12).toString('hex'),
    durable: false,
  });
  const admin = new pg.Client({ connectionString: server.ownerUrl('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE template_iss');
  await admin.end();
  await migrate(server.ownerUrl('template_iss'));
  const appPassword = randomBytes(12).toString('hex');
  await setAppPassword(server.ownerUrl('template_iss'), appPassword);
  project.provide('databaseOwnerUrl', server.ownerUrl('postgres'));
  project.provide('databaseAppPassword', appPassword);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
