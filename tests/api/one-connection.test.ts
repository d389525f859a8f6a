import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { SecondConnection } from '../support/one-connection.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase({ strict: true });
});
afterAll(() => db.stop());

it('who holds a transaction and asks for a second connection fails every test of it', async () => {
  const { database } = db;
  const asks: ((sql?: unknown) => Promise<unknown>)[] = [
    () => database.query('SELECT 1'),
    () => database.transaction((sql) => sql.query('SELECT 1')),
    () => database.together((sql) => sql.query('SELECT 1')),
    async () => database.prisma,
  ];
  for (const ask of asks) await expect(database.transaction(ask)).rejects.toBeInstanceOf(SecondConnection);
  // What is over holds nothing, and what goes together has one connection for all that it asks.
  const later = await database.transaction(async () => () => database.query('SELECT 1'));
  await expect(later()).resolves.toBeDefined();
  await expect(database.together(() => database.transaction(() => database.query('SELECT 1')))).resolves.toBeDefined();
});
