import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import type { Database, Sql } from '../../../api/adapters/database/database.ts';
import { readAuditChain } from '../../../api/cli/audit-chain.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';

let db: TestDatabase;
const log = auditLog(systemClock, systemIds);
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.stop());
beforeEach(() => asSuperuser('TRUNCATE audit_link, audit_entry RESTART IDENTITY'));

/** What somebody can do who owns the database and switches its triggers off. */
async function asSuperuser(...statements: string[]): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
}

const write = (sql: Sql, name: string | number) =>
  log.write(sql, { accountId: null, grantId: null, action: 'TRIED', detail: { name: String(name) } });
const unsealed = async () => (await readAuditChain(db.database)).unsealed;
/** Other suites have transactions in the same cluster; until theirs end, entries of later ones wait. */
const sealed = (database: Database = db.database) =>
  eventually('all is sealed', async () => {
    await sealAll(database);
    return (await unsealed()) === 0;
  });
const problems = async () => (await readAuditChain(db.database)).problems;

describe('the server’s own role', () => {
  it('can add to the log and read it, nothing else', async () => {
    await write(db.database, 'mine');
    await sealed();
    for (const table of ['audit_entry', 'audit_link'])
      for (const statement of [`UPDATE ${table} SET hash = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])
        await expect(db.database.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('nor can the owner by mistake: triggers raise', async () => {
    await write(db.database, 'mine');
    for (const statement of [
      `UPDATE audit_entry SET text = ''`,
      'DELETE FROM audit_entry',
      'TRUNCATE audit_entry CASCADE',
    ])
      await expect(db.pool.query(statement), statement).rejects.toThrow(/append-only/);
  });
});

describe('what somebody does to the log who switches its triggers off is found', () => {
  const forged = (seq: number) =>
    `UPDATE audit_entry SET text = replace(text, 'TRIED', 'NONE'), action = 'NONE', hash = encode(sha256(convert_to(replace(text, 'TRIED', 'NONE'), 'UTF8')), 'hex') WHERE seq = ${seq}`;
  beforeEach(async () => {
    for (let i = 1; i <= 9; i++) await write(db.database, i);
    await sealed();
    expect(await problems()).toEqual([]);
  });

  it.each<[string, string[], object[]]>([
    [
      'a text altered',
      [`UPDATE audit_entry SET text = replace(text, 'TRIED', 'NONE') WHERE seq = 4`],
      [{ kind: 'ALTERED', position: 4, text: true }],
    ],
    ['a text altered with its hash', [forged(4)], [{ kind: 'ALTERED', position: 4, text: false }]],
    ['an entry removed', ['DELETE FROM audit_entry WHERE seq = 4'], [{ kind: 'REMOVED', from: 4, to: 4 }]],
    [
      'several removed, with their links',
      ['DELETE FROM audit_entry WHERE seq IN (4, 5)', 'DELETE FROM audit_link WHERE position IN (4, 5)'],
      [{ kind: 'REMOVED', from: 4, to: 5 }],
    ],
    [
      'one removed, and those behind it moved up',
      [
        'DELETE FROM audit_entry WHERE seq = 9',
        'DELETE FROM audit_link WHERE position = 4',
        'UPDATE audit_link SET position = position - 1 WHERE position > 4',
      ],
      expect.arrayContaining([expect.objectContaining({ position: 4 })]) as never,
    ],
    [
      'two swapped',
      [
        'UPDATE audit_link SET position = -1 WHERE position = 3',
        'UPDATE audit_link SET position = 3 WHERE position = 6',
        'UPDATE audit_link SET position = 6 WHERE position = -1',
      ],
      expect.arrayContaining([expect.objectContaining({ kind: 'REORDERED' })]) as never,
    ],
    [
      'one put in between',
      [
        `INSERT INTO audit_entry (id, at, action, text, hash) VALUES (gen_random_uuid(), now(), 'X', 'x', encode(sha256('x'), 'hex'))`,
        'UPDATE audit_link SET position = position + 100 WHERE position > 5',
        'UPDATE audit_link SET position = position - 99 WHERE position > 100',
        `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT 6, max(seq), max(tx::text)::xid8, repeat('0', 64) FROM audit_entry`,
      ],
      [{ kind: 'INSERTED', position: 6 }],
    ],
  ])('%s', async (_, statements, found) => {
    await asSuperuser(...statements);
    const report = await readAuditChain(db.database);
    expect(report.problems).toEqual(found);
    expect(report.whole).toBe(false);
  });

  it('columns that no longer say what the sealed text says', async () => {
    await asSuperuser(
      `UPDATE audit_entry SET action = 'OTHER' WHERE seq = 3`,
      `UPDATE audit_entry SET at = at + interval '1 day' WHERE seq = 5`,
    );
    expect(await readAuditChain(db.database)).toMatchObject({ whole: false, problems: [], columns: [3, 5] });
  });
});
