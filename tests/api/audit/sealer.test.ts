import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase, type Database, type Sql } from '../../../api/adapters/database/database.ts';
import { readAuditChain } from '../../../api/services/audit/audit-chain.ts';
import type { AuditDetail } from '../../../api/services/audit/audit-event.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { sealAll, sealOnce, startSealer } from '../../../api/services/audit/sealer.ts';
import { canonicalText, sha256 } from '../../../governance/canonical.ts';
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
const names = async (): Promise<string[]> => {
  const { rows } = await db.pool.query<{ text: string }>(
    'SELECT e.text FROM audit_link l JOIN audit_entry e ON e.seq = l.entry_seq ORDER BY l.position',
  );
  return rows.map((row) => JSON.parse(row.text).name);
};
const unsealed = async () => (await readAuditChain(db.database)).unsealed;
/** Other suites have transactions in the same cluster; until theirs end, entries of later ones wait. */
const sealed = (database: Database = db.database) =>
  eventually('all is sealed', async () => {
    await sealAll(database);
    return (await unsealed()) === 0;
  });
const problems = async () => (await readAuditChain(db.database)).problems;

describe('an entry', () => {
  it('is written with its canonical text and hash in the transaction that it describes', async () => {
    await db.database.transaction((sql) =>
      log.write(sql, { accountId: null, grantId: null, action: 'X', detail: { b: 1, a: [null, 'ä'], c: undefined } }),
    );
    const { rows } = await db.pool.query('SELECT id, at, text, hash, action FROM audit_entry');
    const { id, at, text, hash } = rows[0];
    expect(text).toBe(
      canonicalText({ a: [null, 'ä'], account: null, action: 'X', at: at.toISOString(), b: 1, grant: null, id }),
    );
    expect(hash).toBe(sha256(text));
  });

  it('of a transaction that is rolled back is none', async () => {
    await db.database
      .transaction(async (sql) => {
        await write(sql, 'undone');
        throw new Error('no');
      })
      .catch(() => {});
    await write(db.database, 'done');
    await sealed();
    expect(await names()).toEqual(['done']);
  });

  it.each([
    'id',
    'at',
    'account',
    'grant',
    'action',
  ])('has no detail that is called %s, which it says itself', async (key) => {
    const entry = { accountId: null, grantId: null, action: 'REAL', detail: { [key]: 'x' } as AuditDetail };
    await expect(log.write(db.database, entry)).rejects.toThrow(`says ${key} itself`);
    await sealed();
    expect(await names()).toEqual([]);
  });
});

describe('the sealer', () => {
  it('waits with later entries for an earlier transaction, then links all, none missed, the earlier first', async () => {
    const later: Promise<unknown>[] = [];
    await db.database.transaction(async (early) => {
      await write(early, 'early');
      for (const name of ['later 1', 'later 2', 'later 3'])
        later.push(db.database.transaction((sql) => write(sql, name)));
      await Promise.all(later);
      for (let i = 0; i < 5; i++) expect(await sealOnce(db.database)).toBe(0);
      await write(early, 'early again');
    });
    await sealed();
    const linked = await names();
    expect(linked.slice(0, 2)).toEqual(['early', 'early again']);
    expect(linked.slice(2).sort()).toEqual(['later 1', 'later 2', 'later 3']);
    expect(await problems()).toEqual([]);
  });

  it('misses nothing, links nothing twice and keeps each transaction together, whatever ends when', async () => {
    const plan = fc.array(
      fc.record({ entries: fc.integer({ min: 0, max: 3 }), fails: fc.boolean(), waits: fc.nat(4) }),
      { minLength: 2, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(plan, async (transactions) => {
        await asSuperuser('TRUNCATE audit_link, audit_entry RESTART IDENTITY');
        let over = false;
        const sealing = (async () => {
          while (!over) await sealOnce(db.database);
        })();
        const written = await Promise.all(
          transactions.map(async ({ entries, fails, waits }, t) => {
            const mine: string[] = [];
            try {
              await db.database.transaction(async (sql) => {
                for (let e = 0; e < entries; e++) {
                  await write(sql, `${t}.${e}`);
                  mine.push(`${t}.${e}`);
                  for (let w = 0; w < waits; w++) await sql.query('SELECT 1');
                }
                if (fails) throw new Error('no');
              });
              return mine;
            } catch {
              return [];
            }
          }),
        );
        over = true;
        await sealing;
        await sealed();
        const linked = await names();
        expect([...linked].sort()).toEqual(written.flat().sort());
        // A transaction's entries stand side by side, in the order in which it wrote them.
        for (const mine of written.filter((one) => one.length > 0)) {
          const at = linked.indexOf(mine[0]!);
          expect(linked.slice(at, at + mine.length)).toEqual(mine);
        }
        expect(await readAuditChain(db.database)).toMatchObject({ whole: true, unsealed: 0, entries: linked.length });
      }),
      { numRuns: 15 },
    );
  });

  it('goes by the number of a transaction, not by its digits: 100 comes after 99, in one round and in two', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await write(db.database, name);
    const numbers = [9, 10, 99, 100];
    await asSuperuser(...numbers.map((tx, i) => `UPDATE audit_entry SET tx = '${tx}' WHERE seq = ${i + 1}`));
    await sealed();
    await write(db.database, 'e');
    await sealed();
    expect(await names()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('may run several times at once, here and on another server: one works, the others leave it alone', async () => {
    const other = connectDatabase(db.appUrl);
    for (let i = 0; i < 300; i++) await write(db.database, i);
    let linked = 0;
    await eventually('all is sealed', async () => {
      const counts = await Promise.all([db.database, other, db.database, other].map((one) => sealOnce(one)));
      linked += counts.reduce((sum, count) => sum + count, 0);
      return linked >= 300;
    });
    expect(linked).toBe(300);
    expect(await readAuditChain(db.database)).toMatchObject({ whole: true, entries: 300, unsealed: 0 });
    await other.close();
  });

  it('seals by itself until it is stopped, and once more then; an error of one round is told and the next goes on', async () => {
    const errors: Error[] = [];
    let fail = true;
    const flaky: Database = {
      ...db.database,
      transaction: (work, options) => {
        if (!fail) return db.database.transaction(work, options);
        fail = false;
        return Promise.reject(new Error('the database was away'));
      },
    };
    const sealer = startSealer(flaky, (error) => errors.push(error), 5);
    await write(db.database, 'one');
    await eventually('it is sealed', async () => (await names()).length === 1);
    expect(errors.map((error) => error.message)).toEqual(['the database was away']);
    await write(db.database, 'two');
    await sealer.stop();
    await sealed();
    expect(await names()).toEqual(['one', 'two']);
  });

  it('goes on in a database that was restored from a dump, whose transactions count from the beginning again', async () => {
    for (const name of ['a', 'b', 'c']) await write(db.database, name);
    await sealed();
    await write(db.database, 'not linked when the dump was made');
    await asSuperuser(
      `UPDATE audit_entry SET tx = (90000000000 + seq)::text::xid8`,
      `UPDATE audit_link SET entry_tx = (90000000000 + entry_seq)::text::xid8`,
    );
    await write(db.database, 'after');
    await sealed();
    await write(db.database, 'and after that');
    await sealed();
    expect(await names()).toEqual(['a', 'b', 'c', 'not linked when the dump was made', 'after', 'and after that']);
    expect(await problems()).toEqual([]);
  });

  it('goes on when the transactions of a restored database come to the numbers of before', async () => {
    for (const name of ['a', 'b', 'c']) await write(db.database, name);
    await sealed();
    await asSuperuser(
      `UPDATE audit_entry SET tx = (90000000000 + seq)::text::xid8`,
      `UPDATE audit_link SET entry_tx = (90000000000 + entry_seq)::text::xid8`,
    );
    await write(db.database, 'after');
    await sealed();
    // As if these had been written in transactions of the numbers that come now.
    await asSuperuser(
      `UPDATE audit_entry SET tx = pg_current_xact_id() WHERE tx > '80000000000'`,
      `UPDATE audit_link l SET entry_tx = e.tx FROM audit_entry e WHERE e.seq = l.entry_seq`,
    );
    await write(db.database, 'and after that');
    await sealed();
    expect(await names()).toEqual(['a', 'b', 'c', 'after', 'and after that']);
    expect(await problems()).toEqual([]);
  });

  it('links many thousands of entries at once (npm run bench audit says how fast)', async () => {
    await db.pool.query(
      `INSERT INTO audit_entry (id, at, action, text, hash) SELECT gen_random_uuid(), now(), 'BULK', n::text, encode(sha256(convert_to(n::text, 'UTF8')), 'hex') FROM generate_series(1, 20000) n`,
    );
    await sealed();
    expect(await problems()).toEqual([]);
  });
});
