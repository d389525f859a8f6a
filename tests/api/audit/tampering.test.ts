import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import type { Database, Sql } from '../../../api/adapters/database/database.ts';
import { readAuditChain } from '../../../api/services/audit/audit-chain.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { sealedRows } from '../../../api/services/audit/audit-query.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import type { Checkpoint } from '../../../governance/audit.ts';
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
    const { rows } = await db.pool.query<{ hash: string }>('SELECT hash FROM audit_link WHERE position = 8');
    signed = [{ size: 8, head: rows[0]!.hash }];
  });
  /** What somebody outside keeps of it. */
  let signed: Checkpoint[] = [];

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
      'a removed one whose link stands: what comes behind it is still proved',
      ['DELETE FROM audit_entry WHERE seq = 4', forged(5)],
      [
        { kind: 'REMOVED', from: 4, to: 4 },
        { kind: 'ALTERED', position: 5, text: false },
      ],
    ],
    [
      'one removed, and those behind it moved up',
      [
        'DELETE FROM audit_entry WHERE seq = 4',
        'DELETE FROM audit_link WHERE position = 4',
        'UPDATE audit_link SET position = -position + 1 WHERE position > 4',
        'UPDATE audit_link SET position = -position WHERE position < 0',
      ],
      [
        { kind: 'ALTERED', position: 4, text: false },
        { kind: 'CHECKPOINT', size: 8, from: 1, last: 8, standsAt: 7 },
      ],
    ],
    [
      'two swapped',
      [
        'UPDATE audit_link SET position = -1 WHERE position = 3',
        'UPDATE audit_link SET position = 3 WHERE position = 6',
        'UPDATE audit_link SET position = 6 WHERE position = -1',
      ],
      [
        { kind: 'REORDERED', position: 3, was: 6 },
        { kind: 'REORDERED', position: 6, was: 3 },
      ],
    ],
    [
      'two swapped under their links',
      [
        'UPDATE audit_link SET entry_seq = -1 WHERE position = 3',
        'UPDATE audit_link SET entry_seq = 3 WHERE position = 6',
        'UPDATE audit_link SET entry_seq = 6 WHERE position = 3',
      ],
      [
        { kind: 'REORDERED', position: 3, was: 6 },
        { kind: 'REORDERED', position: 6, was: 3 },
      ],
    ],
    [
      'one put in between',
      [
        `INSERT INTO audit_entry (id, at, action, text, hash) VALUES (gen_random_uuid(), now(), 'X', 'x', encode(sha256('x'), 'hex'))`,
        'UPDATE audit_link SET position = position + 100 WHERE position > 5',
        'UPDATE audit_link SET position = position - 99 WHERE position > 100',
        `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT 6, max(seq), max(tx::text)::xid8, repeat('0', 64) FROM audit_entry`,
      ],
      [
        { kind: 'INSERTED', position: 6 },
        { kind: 'CHECKPOINT', size: 8, from: 1, last: 8, standsAt: 9 },
      ],
    ],
    [
      'one put in before the first place',
      [
        `INSERT INTO audit_entry (id, at, action, text, hash) VALUES (gen_random_uuid(), now(), 'X', 'x', encode(sha256('x'), 'hex'))`,
        `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT 0, max(seq), max(tx::text)::xid8, repeat('0', 64) FROM audit_entry`,
      ],
      [{ kind: 'INSERTED', position: 0 }],
    ],
    [
      'the last one, that no checkpoint has, moved before the first place: the sealer passes it over',
      ['UPDATE audit_link SET position = -9 WHERE position = 9'],
      [{ kind: 'REORDERED', position: -9, was: 9 }],
    ],
    [
      'the tail cut before what was signed last',
      ['DELETE FROM audit_entry WHERE seq > 6', 'DELETE FROM audit_link WHERE position > 6'],
      [{ kind: 'REMOVED', from: 7, to: 8 }],
    ],
    [
      'the whole chain made anew after an entry was altered',
      [
        forged(4),
        `DO $$ DECLARE head text := ''; l record; BEGIN
           FOR l IN SELECT k.position, e.hash FROM audit_link k JOIN audit_entry e ON e.seq = k.entry_seq ORDER BY 1 LOOP
             head := encode(sha256(convert_to(head || l.hash, 'UTF8')), 'hex');
             UPDATE audit_link SET hash = head WHERE position = l.position;
           END LOOP;
         END $$`,
      ],
      [{ kind: 'CHECKPOINT', size: 8, from: 1, last: 8, standsAt: null }],
    ],
  ])('%s', async (_, statements, found) => {
    await asSuperuser(...statements);
    const report = await readAuditChain(db.database, { checkpoints: signed });
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

  it('an entry that was put in among the sealed ones and left without a link', async () => {
    await asSuperuser(
      `INSERT INTO audit_entry (seq, tx, id, at, action, text, hash) OVERRIDING SYSTEM VALUE
       SELECT 0, tx, gen_random_uuid(), at, action, text, hash FROM audit_entry WHERE seq = 5`,
    );
    const { rows } = await db.pool.query('SELECT id FROM audit_entry WHERE seq = 0');
    expect(await readAuditChain(db.database, { checkpoints: signed })).toMatchObject({
      whole: false,
      problems: [],
      strays: [rows[0].id],
      unsealed: 0,
    });
  });

  it.each<[string, string[]]>([
    [
      'in a log that is made to look restored',
      [
        `INSERT INTO audit_entry (seq, tx, id, at, action, text, hash) OVERRIDING SYSTEM VALUE
         SELECT 0, tx, gen_random_uuid(), at, action, text, hash FROM audit_entry WHERE seq = 5`,
        `UPDATE audit_link SET entry_tx = '9000000000' WHERE position = 3`,
      ],
    ],
    [
      'as of a transaction that is yet to begin',
      [
        `INSERT INTO audit_entry (seq, tx, id, at, action, text, hash) OVERRIDING SYSTEM VALUE
         SELECT 0, '9000000000', gen_random_uuid(), at, action, text, hash FROM audit_entry WHERE seq = 5`,
      ],
    ],
  ])('one that no sealer will ever come to, %s', async (_, statements) => {
    await asSuperuser(...statements);
    const { rows } = await db.pool.query('SELECT id FROM audit_entry WHERE seq = 0');
    const report = await readAuditChain(db.database, { checkpoints: signed });
    expect(report).toMatchObject({ whole: false, problems: [], strays: [rows[0].id], unsealed: 0 });
  });

  it('two at one place, where a page of whoever reads the log ends', async () => {
    const own = await startTestDatabase();
    try {
      const entry = `INSERT INTO audit_entry (id, at, action, text, hash)
        SELECT gen_random_uuid(), now(), 'X', t, encode(sha256(convert_to(t, 'UTF8')), 'hex') FROM (SELECT 'x' || n AS t`;
      await own.pool.query(`${entry} FROM generate_series(1, 5000) n) u`);
      await eventually('all is sealed', async () => {
        await sealAll(own.database);
        return (await readAuditChain(own.database)).entries === 5000;
      });
      await own.pool.query('ALTER TABLE audit_link DROP CONSTRAINT audit_link_pkey');
      await own.pool.query(`${entry} FROM generate_series(5001, 5001) n) u`);
      await own.pool.query(
        `INSERT INTO audit_link SELECT 5000, max(seq), max(tx::text::bigint)::text::xid8, repeat('0', 64) FROM audit_entry`,
      );
      const { problems } = await readAuditChain(own.database);
      expect(problems).toMatchObject([{ position: 5000 }]);
      expect(await sealedRows(own.database, 1, 5000, 5000)).toHaveLength(5001);
    } finally {
      await own.stop();
    }
  });

  it('the server itself cannot place an entry among those that are sealed', async () => {
    for (const [column, value] of [
      ['seq', '1'],
      ['tx', `'3'`],
    ])
      await expect(
        db.database.query(
          `INSERT INTO audit_entry (${column}, id, at, action, text, hash) OVERRIDING SYSTEM VALUE VALUES (${value}, gen_random_uuid(), now(), 'X', 'x', 'x')`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
    for (const statement of [
      'ALTER TABLE audit_entry DISABLE TRIGGER ALL',
      'ALTER TABLE audit_link DISABLE TRIGGER audit_link_append_only',
      'DROP TRIGGER audit_entry_append_only ON audit_entry',
      'SET session_replication_role = replica',
      'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      'ALTER TABLE audit_entry OWNER TO iss_app',
    ])
      await expect(db.database.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  });
});

describe('what is no tampering is none', () => {
  it('numbers that are missing since a transaction was rolled back', async () => {
    await write(db.database, 1);
    for (let i = 0; i < 3; i++)
      await db.database
        .transaction(async (sql) => {
          await write(sql, 'undone');
          throw new Error('no');
        })
        .catch(() => {});
    await write(db.database, 2);
    await sealed();
    const { rows } = await db.pool.query('SELECT max(seq)::int AS last FROM audit_entry');
    expect(rows[0].last).toBe(5);
    expect(await readAuditChain(db.database)).toMatchObject({ whole: true, entries: 2, strays: [] });
  });

  it('a clock that goes back', async () => {
    const times = ['2026-03-01T12:00:00.000Z', '2026-03-01T11:00:00.000Z', '2020-01-01T00:00:00.000Z'];
    for (const at of times)
      await auditLog({ now: () => new Date(at) }, systemIds).write(db.database, {
        ...{ accountId: null, grantId: null, action: 'TRIED', detail: {} },
      });
    await sealed();
    const { rows } = await db.pool.query<{ at: Date }>(
      'SELECT e.at FROM audit_link l JOIN audit_entry e ON e.seq = l.entry_seq ORDER BY l.position',
    );
    expect(rows.map(({ at }) => at.toISOString())).toEqual(times);
    expect(await readAuditChain(db.database)).toMatchObject({ whole: true, entries: 3 });
  });

  it('a grant that was named and is none', async () => {
    await log.write(db.database, { accountId: null, grantId: 'no such thing', action: 'TRIED', detail: {} });
    await sealed();
    expect(await readAuditChain(db.database)).toMatchObject({ whole: true, columns: [] });
  });

  it('a sealer that was killed on its way: the next goes on', async () => {
    for (let i = 1; i <= 20; i++) await write(db.database, i);
    const { rows: before } = await db.pool.query('SELECT 1 FROM audit_link');
    expect(before).toEqual([]);
    let killed = false;
    const dying: Database = {
      ...db.database,
      transaction: (work, options) =>
        db.database.transaction(async (sql) => {
          const result = await work(sql);
          if (!killed) {
            killed = true;
            // Its connection goes after the links are written and before they are kept.
            const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
            await db.pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
          }
          return result;
        }, options),
    };
    await expect(sealAll(dying)).rejects.toThrow();
    await sealed();
    expect(killed).toBe(true);
    expect(await readAuditChain(db.database)).toMatchObject({ whole: true, entries: 20, unsealed: 0 });
  });
});
