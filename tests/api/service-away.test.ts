import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { saysAway } from '../../api/adapters/service-away.ts';
import { freePort } from '../services/support/service.ts';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('a service that does not answer', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await startTestDatabase();
  });
  afterAll(() => db.stop());

  it('is a database that nobody listens for, alone and as the cause of another error', async () => {
    const nowhere = connectDatabase(`postgresql://x@127.0.0.1:${await freePort()}/x`);
    const error = await errorOf(nowhere.query('SELECT 1'));
    await nowhere.close();
    expect(saysAway(error)).toBe(true);
    expect(saysAway(new Error('what stood above it', { cause: error }))).toBe(true);
  });

  it('is a database that ends in the middle of a statement', async () => {
    expect(saysAway(await errorOf(db.pool.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toBe(true);
  });

  it('is not one that refuses a statement, nor a bug of ours', async () => {
    expect(saysAway(await errorOf(db.pool.query('SELECT 1 / 0')))).toBe(false);
    expect(saysAway(await errorOf(db.pool.query('SELECT of nothing')))).toBe(false);
    expect(saysAway(new TypeError('x is not a function'))).toBe(false);
    expect(saysAway('a text')).toBe(false);
  });

  it('is fetch that found nobody', async () => {
    expect(saysAway(await errorOf(fetch(`http://127.0.0.1:${await freePort()}/`)))).toBe(true);
  });
});
