import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { migrate } from '../../../api/adapters/database/migrate.ts';

const HERE = import.meta.dirname;
const MIGRATIONS = resolve(HERE, '../../../prisma/migrations');

/** All rows of a database as an earlier landing left it, to start a test of newer migrations from. */
export interface Landing {
  /** The last migration that it had. */
  migration: string;
  /** When it was made: the services of a test are told that it is then. */
  madeAt: string;
  tables: Record<string, { columns: string[]; rows: unknown[][] }>;
}

const fileOf = (migration: string): string => join(HERE, `${migration}.json.gz`);

/** Names of the migrations of which a database is kept here, oldest first. */
export const keptLandings = async (): Promise<string[]> =>
  (await readdir(HERE))
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => name.slice(0, -'.json.gz'.length))
    .sort();

export const readLanding = async (migration: string): Promise<Landing> =>
  JSON.parse(gunzipSync(await readFile(fileOf(migration))).toString('utf8')) as Landing;

/** Keeps every row of the database at `ownerUrl`. @returns the file's bytes */
export async function keepLanding(ownerUrl: string, madeAt: Date): Promise<{ path: string; bytes: number }> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows: done } = await client.query<{ name: string }>(
      'SELECT max(migration_name) AS name FROM _prisma_migrations',
    );
    const { rows: columns } = await client.query<{ table: string; columns: string[] }>(
      `SELECT c.table_name AS table, array_agg(c.column_name::text ORDER BY c.ordinal_position) AS columns
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> '_prisma_migrations' GROUP BY 1 ORDER BY 1`,
    );
    const landing: Landing = { migration: done[0]!.name, madeAt: madeAt.toISOString(), tables: {} };
    for (const table of columns) {
      // Every value as PostgreSQL writes it, so that no type is lost on the way.
      const list = table.columns.map((column) => `${pg.escapeIdentifier(column)}::text`).join(', ');
      const { rows } = await client.query({
        text: `SELECT ${list} FROM ${pg.escapeIdentifier(table.table)} ORDER BY 1`,
        rowMode: 'array',
      });
      if (rows.length > 0) landing.tables[table.table] = { columns: table.columns, rows };
    }
    const bytes = gzipSync(JSON.stringify(landing), { level: 9 });
    await writeFile(fileOf(landing.migration), bytes);
    return { path: fileOf(landing.migration), bytes: bytes.length };
  } finally {
    await client.end();
  }
}

/** Makes an empty database into that landing: its migrations, and no newer one, then its rows as they stood. */
export async function restoreLanding(ownerUrl: string, landing: Landing): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-landing-'));
  for (const name of await readdir(MIGRATIONS))
    if (name <= landing.migration) await cp(join(MIGRATIONS, name), join(folder, name), { recursive: true });
  await migrate(ownerUrl, folder).finally(() => rm(folder, { recursive: true, force: true }));
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // No trigger and no foreign key is asked while rows are put back, in whatever order.
    await client.query(`SET session_replication_role = replica`);
    for (const [table, { columns, rows }] of Object.entries(landing.tables)) {
      const { rows: types } = await client.query<{ name: string; type: string }>(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
        [table],
      );
      const typeOf = new Map(types.map(({ name, type }) => [name, type]));
      const names = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
      const values = columns.map((column, i) => `(r ->> ${i})::${typeOf.get(column)}`).join(', ');
      await client.query(
        `INSERT INTO ${pg.escapeIdentifier(table)} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM jsonb_array_elements($1::jsonb) AS r`,
        [JSON.stringify(rows)],
      );
    }
    await client.query(
      `SELECT setval(pg_get_serial_sequence('audit_entry', 'seq'), greatest(1, (SELECT max(seq) FROM audit_entry)))`,
    );
  } finally {
    await client.end();
  }
}
