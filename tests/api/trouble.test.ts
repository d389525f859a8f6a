import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { troubleOf } from '../../api/adapters/trouble.ts';
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
    expect(troubleOf(error)).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expect(troubleOf(new Error('what stood above it', { cause: error }))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
    });
  });

  it('is a database that ends in the middle of a statement', async () => {
    expect(troubleOf(await errorOf(db.pool.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
    });
  });

  it('is not one that refuses a statement, nor a bug of ours', async () => {
    expect(troubleOf(await errorOf(db.pool.query('SELECT 1 / 0')))).toBeNull();
    expect(troubleOf(await errorOf(db.pool.query('SELECT of nothing')))).toBeNull();
    expect(troubleOf(new TypeError('x is not a function'))).toBeNull();
    expect(troubleOf('a text')).toBeNull();
  });

  it('is fetch that found nobody', async () => {
    expect(troubleOf(await errorOf(fetch(`http://127.0.0.1:${await freePort()}/`)))).toMatchObject({
      status: 503,
      code: 'SERVICE_UNAVAILABLE',
    });
  });

  it('is another trouble where it has no room to write (disk_full of PostgreSQL)', () => {
    const error = Object.assign(new Error('could not extend file'), { code: '53100' });
    expect(troubleOf(new Error('a command failed', { cause: error }))).toMatchObject({
      status: 507,
      code: 'STORE_FULL',
    });
  });
});
