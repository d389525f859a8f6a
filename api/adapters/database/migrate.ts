import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';

const FOLDER = resolve(import.meta.dirname, '../../../prisma/migrations');

/** The database was made by a newer version of the product, or one of its migrations was altered. */
export class MigrationMismatch extends Error {
  override name = 'MigrationMismatch';
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** Names and checksums of the migrations of this version, in order. */
export const knownMigrations = (folder = FOLDER): Promise<{ name: string; checksum: string }[]> => migrations(folder);

async function migrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Applies what is missing, in order, each in a transaction of its own, and records it as `prisma migrate deploy` does (table `_prisma_migrations`),
 * so that the two agree. Several processes may call it at once: one works, the others wait.
 * @param options.upTo the last one to apply; for a database that is filled with rows of that time
 * @throws MigrationMismatch when the database is newer than this code or a recorded migration differs from the file.
 */
export async function migrate(ownerUrl: string, folder = FOLDER, { upTo }: { upTo?: string } = {}): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [72707369]);
    await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
      logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`);
    const known = await migrations(folder);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const done = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    refuseStrange(done, known);
    const missing = known.filter(({ name }) => !done.has(name) && (upTo === undefined || name <= upTo));
    for (const migration of missing) await apply(client, migration);
    // The first migration gives the server's role every table that is there, and this one is: what was applied is the owner's to say.
    if (done.size + missing.length > 0)
      await client.query('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON _prisma_migrations FROM iss_app');
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

function refuseStrange(done: Map<string, string>, known: Migration[]): void {
  const here = new Map(known.map((migration) => [migration.name, migration.checksum]));
  for (const [name, checksum] of done) {
    const ours = here.get(name);
    if (ours === undefined)
      throw new MigrationMismatch(
        `the database holds migration ${name}, which this version does not know: it was made by a newer version; start that one`,
      );
    if (ours !== checksum)
      throw new MigrationMismatch(
        `migration ${name} was altered after it had been applied (checksum ${checksum} there, ${ours} here)`,
      );
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), now(), 1)',
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new Error(`migration ${migration.name} failed and was undone: ${(cause as Error).message}`, { cause });
  }
}
