import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { problemText, readAuditChain } from '../../../api/services/audit/audit-chain.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { aFolder, anIo, iss } from './an-io.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await startTestDatabase();
  const log = auditLog({ now: () => new Date('2026-03-01T09:30:00.123Z') }, { uuid: randomUUID, random: randomBytes });
  for (let number = 1; number <= 6; number += 1)
    await log.write(db.database, {
      accountId: number % 2 ? randomUUID() : null,
      grantId: null,
      action: 'READ',
      detail: { number },
    });
  // Other suites have transactions in the same cluster; until theirs end, entries of later ones wait.
  await eventually('all is sealed', async () => {
    await sealAll(db.database);
    return (await readAuditChain(db.database)).unsealed === 0;
  });
});
afterEach(() => db.stop());

/** What somebody with all rights could do to the tables. */
const attack = async (...statements: string[]): Promise<void> => {
  const superuser = await db.pool.connect();
  await superuser.query("SET session_replication_role = 'replica'");
  for (const statement of statements) await superuser.query(statement);
  await superuser.query('RESET session_replication_role');
  superuser.release();
};

const found = async (): Promise<{ whole: boolean; said: string[]; columns: readonly number[] }> => {
  const { whole, problems, columns } = await readAuditChain(db.database);
  return { whole, said: problems.map(problemText), columns };
};

test('a log that nobody touched is whole', async () => {
  expect(await readAuditChain(db.database)).toMatchObject({
    whole: true,
    entries: 6,
    unsealed: 0,
    problems: [],
    columns: [],
  });
});

test('entries that wait for the sealer are counted and no fault', async () => {
  const log = auditLog({ now: () => new Date() }, { uuid: randomUUID, random: randomBytes });
  await log.write(db.database, { accountId: null, grantId: null, action: 'READ', detail: {} });
  expect(await readAuditChain(db.database)).toMatchObject({ whole: true, entries: 6, unsealed: 1 });
});

describe('what was done to it is named', () => {
  const entry = (position: number): string => `(SELECT entry_seq FROM audit_link WHERE position = ${position})`;

  test('another text', async () => {
    await attack(`UPDATE audit_entry SET text = replace(text, 'READ', 'REED') WHERE seq = ${entry(3)}`);
    expect(await found()).toEqual({
      whole: false,
      said: ['Entry 3 was altered: its text does not have its hash.'],
      columns: [3],
    });
  });

  test('another account in the column, the text left alone', async () => {
    await attack(`UPDATE audit_entry SET account_id = '${randomUUID()}' WHERE seq = ${entry(3)}`);
    expect(await found()).toEqual({ whole: false, said: [], columns: [3] });
  });

  test('another time by a thousandth of a second', async () => {
    await attack(`UPDATE audit_entry SET at = at + interval '1 millisecond' WHERE seq = ${entry(5)}`);
    expect((await found()).columns).toEqual([5]);
  });

  test('an entry without its link', async () => {
    await attack(`DELETE FROM audit_entry WHERE seq = ${entry(4)}`);
    expect((await found()).said).toEqual(['Entry 4 was removed.']);
  });

  test('two entries with their links', async () => {
    await attack(
      `DELETE FROM audit_entry WHERE seq IN (SELECT entry_seq FROM audit_link WHERE position IN (3, 4))`,
      'DELETE FROM audit_link WHERE position IN (3, 4)',
    );
    expect((await found()).said).toEqual(['Entries 3 to 4 were removed.']);
  });

  test('two entries that changed places', async () => {
    await attack(
      'UPDATE audit_link SET position = -position WHERE position IN (3, 4)',
      'UPDATE audit_link SET position = 7 + position WHERE position < 0',
    );
    expect((await found()).whole).toBe(false);
    expect((await found()).said.join()).toMatch(/Entry [34] stands in another place/);
  });

  test('an entry that was put in', async () => {
    await attack(
      'UPDATE audit_link SET position = -position - 1 WHERE position >= 3',
      'UPDATE audit_link SET position = -position WHERE position < 0',
      `INSERT INTO audit_entry (id, at, action, text, hash) VALUES (gen_random_uuid(), now(), 'READ', '{}', encode(sha256('{}'::bytea), 'hex'))`,
      `INSERT INTO audit_link (position, entry_seq, entry_tx, hash) SELECT 3, seq, tx, hash FROM audit_entry ORDER BY seq DESC LIMIT 1`,
    );
    expect((await found()).said).toContain('Entry 3 was put in afterwards.');
  });
});

test('iss audit verify without a server says what to do, and makes no folder', async () => {
  const io = anIo({ ISS_DATA_DIR: `${await aFolder()}/nothing` });
  expect(await iss(io, 'audit', 'verify')).toBe(1);
  expect(io.notes.join()).toMatch(
    /There is no data folder .*nothing: name the server's in ISS_DATA_DIR, or start one with npm start\./,
  );
});

test('iss audit verify with a setting that means nothing is wrong usage', async () => {
  const io = anIo({ ISS_DATA_DIRECTORY: 'x' });
  expect(await iss(io, 'audit', 'verify')).toBe(2);
  expect(io.notes.join()).toContain('ISS_DATA_DIRECTORY: no such setting');
});
