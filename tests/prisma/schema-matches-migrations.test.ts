import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.stop());

/** Tables that only SQL reads, so that Prisma has no model of them. */
const SQL_ONLY = [
  '_prisma_migrations',
  'frame_record',
  'release_patient',
  'request_party',
  'release_submission',
  'audit_entry',
  'audit_link',
];

const TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Boolean: 'boolean',
  Json: 'jsonb',
  Bytes: 'bytea',
  '@db.Uuid': 'uuid',
  '@db.SmallInt': 'smallint',
  '@db.Timestamptz': 'timestamp with time zone',
  '@db.Date': 'date',
  '@db.Timestamp(0)': 'timestamp without time zone',
};

/** model -> column -> "type null?" as prisma/schema.prisma says it */
async function fromPrisma(): Promise<Record<string, Record<string, string>>> {
  const text = await readFile('prisma/schema.prisma', 'utf8');
  const models: Record<string, Record<string, string>> = {};
  for (const [, body] of text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const columns: Record<string, string> = {};
    for (const line of body!.split('\n')) {
      const field = /^\s+(\w+)\s+(\w+)(\[\])?(\?)?(.*)$/.exec(line);
      if (!field) continue;
      const [, name, type, list, optional, rest] = field as unknown as string[];
      if (!TYPES[type!] && type !== 'DateTime') continue; // a relation
      const native = /@db\.\w+(\(\d\))?/.exec(rest!)?.[0];
      const column = /@map\("(\w+)"\)/.exec(rest!)?.[1] ?? name!;
      const sql = (native ? TYPES[native] : TYPES[type!])!;
      columns[column] = list ? 'ARRAY' : `${sql}${optional ? ' null' : ''}`;
    }
    models[/@@map\("(\w+)"\)/.exec(body!)![1]!] = columns;
  }
  return models;
}

describe('the Prisma schema', () => {
  it('names the same tables, columns, types and nulls as the migrations make', async () => {
    const { rows } = await db.pool.query(
      `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public'`,
    );
    const made: Record<string, Record<string, string>> = {};
    for (const row of rows) {
      if (SQL_ONLY.includes(row.table_name)) continue;
      const type = row.data_type === 'ARRAY' ? 'ARRAY' : `${row.data_type}${row.is_nullable === 'YES' ? ' null' : ''}`;
      made[row.table_name] = { ...made[row.table_name], [row.column_name]: type };
    }
    expect(await fromPrisma()).toEqual(made);
  });
});

describe('the role of the server', () => {
  it.each([
    [`UPDATE audit_entry SET text = ''`],
    ['DELETE FROM audit_entry'],
    ['TRUNCATE audit_entry'],
    [`UPDATE request_event SET data = '{}'`],
    ['DELETE FROM recording'],
    ['CREATE TABLE mine (x int)'],
    ['ALTER TABLE audit_entry DISABLE TRIGGER ALL'],
  ])('may not: %s', async (statement) => {
    await expect(db.database.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('cannot rewrite the log even as the owner, while the triggers stand', async () => {
    await db.pool.query(
      `INSERT INTO audit_entry (id, at, action, text, hash) VALUES (gen_random_uuid(), now(), 'X', '{}', 'h')`,
    );
    await expect(db.pool.query(`UPDATE audit_entry SET text = 'y'`)).rejects.toThrow('append-only');
    await expect(db.pool.query('TRUNCATE audit_entry CASCADE')).rejects.toThrow('append-only');
  });
});
