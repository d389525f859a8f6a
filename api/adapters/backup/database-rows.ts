import { finished, pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** A table with the columns that hold something of their own. */
export interface TableOf {
  name: string;
  columns: string[];
}

/** Text of every type is the same whatever the server's own settings are. */
const FORMS = `SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex';
  SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '60s'`;

/** A connection of the owner, as copies need it; closed with `end`. */
export async function ownerConnection(ownerUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'iss backup', keepAlive: true });
  // Lost in between: the next statement says so.
  client.on('error', () => {});
  await client.connect();
  await client.query(FORMS);
  return client;
}

/** Every table of ours, by name; generated columns left out. */
export async function tablesOf(client: pg.Client): Promise<TableOf[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '_prisma_migrations' ORDER BY c.relname`,
  );
  return rows.map(({ name, columns }) => ({ name, columns }));
}

/**
 * Takes away, within the transaction, what refers from table to table: some refer to each other in circles, and all are proved faster at the end.
 * @returns what puts it back, and proves every row @throws Error where a row refers to nothing
 */
export async function withoutReferences(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ name: string; owner: string; text: string }>(
    `SELECT quote_ident(k.conname) AS name, k.conrelid::regclass::text AS owner, pg_get_constraintdef(k.oid) AS text
     FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = 'public' AND k.contype = 'f' ORDER BY 2, 1`,
  );
  for (const { name, owner } of rows) await client.query(`ALTER TABLE ${owner} DROP CONSTRAINT ${name}`);
  return async () => {
    for (const { name, owner, text } of rows) await client.query(`ALTER TABLE ${owner} ADD CONSTRAINT ${name} ${text}`);
  };
}

const quoted = ({ name, columns }: TableOf): string =>
  `${pg.escapeIdentifier(name)} (${columns.map(pg.escapeIdentifier).join(', ')})`;

/** Rows of a table as PostgreSQL's text for COPY, streamed. */
export async function* rowsOut(client: pg.Client, table: TableOf): AsyncGenerator<Buffer> {
  const stream = client.query(copyTo(`COPY ${quoted(table)} TO STDOUT`));
  for await (const part of stream) yield part as Buffer;
}

/** Puts rows of `rowsOut` into the table, its triggers still: what they did was done. @returns how many */
export async function rowsIn(client: pg.Client, table: TableOf, body: AsyncIterable<Uint8Array>): Promise<number> {
  const name = pg.escapeIdentifier(table.name);
  await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  const stream = client.query(copyFrom(`COPY ${quoted(table)} FROM STDIN`));
  await pipeline(body, stream).catch(async (error: unknown) => {
    await finished(stream).catch(() => {});
    throw error;
  });
  await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
  return stream.rowCount ?? 0;
}

/** Where each sequence stands; null where it was never used. */
export async function sequencesOf(client: pg.Client): Promise<Record<string, string | null>> {
  const { rows } = await client.query<{ name: string; last: string | null }>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public'`,
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, last]));
}

export async function setSequences(client: pg.Client, places: Record<string, string | null>): Promise<void> {
  for (const [name, last] of Object.entries(places))
    if (last !== null) await client.query('SELECT setval($1::regclass, $2::bigint)', [pg.escapeIdentifier(name), last]);
}
