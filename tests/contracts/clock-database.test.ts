import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DatabaseClock, databaseClock } from '../../api/adapters/clock/database-clock.ts';
import type { Database } from '../../api/adapters/database/database.ts';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { clockContract } from './clock-contract.ts';

const HOUR = 3600_000;
const MINUTE = 60_000;

let db: TestDatabase;
let clock: DatabaseClock;
const warnings: string[] = [];
const log = { warn: (_: object, message: string) => void warnings.push(message) } as never;

beforeAll(async () => {
  db = await startTestDatabase();
  clock = databaseClock(db.database, log);
  await clock.set();
});
afterAll(async () => {
  clock.stop();
  await db.stop();
});
afterEach(() => vi.useRealTimers());

clockContract('the database’s clock', { now: () => clock.now() });

const offBy = async (of: DatabaseClock): Promise<number> => {
  const { rows } = await db.pool.query<{ at: Date }>('SELECT clock_timestamp() AS at');
  return Math.abs(of.now().getTime() - rows[0]!.at.getTime());
};

describe('a machine whose own clock is wrong', () => {
  it.each([-HOUR, HOUR])('goes by the database’s when it starts (%s ms), and says so', async (wrong) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + wrong });
    warnings.length = 0;
    const other = databaseClock(db.database, log);
    await other.set();
    expect(await offBy(other)).toBeLessThan(MINUTE);
    expect(warnings).toHaveLength(1);
    other.stop();
  });

  it('goes on as before when it is set while we run', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR });
    expect(await offBy(clock)).toBeLessThan(MINUTE);
    await clock.set();
    expect(await offBy(clock)).toBeLessThan(MINUTE);
  });
});

describe('the database’s own clock', () => {
  it('is followed when it is set', async () => {
    let ahead = 0;
    const query = async (): Promise<unknown> => ({ rows: [{ ms: Date.now() + ahead }] });
    const other = databaseClock({ query } as unknown as Database, log);
    await other.set();
    ahead = HOUR;
    await other.set();
    expect(Math.abs(other.now().getTime() - Date.now() - HOUR)).toBeLessThan(MINUTE);
    other.stop();
  });

  it('goes on from the last answer while the database is away', async () => {
    const away = { query: async () => Promise.reject(new Error('away')) } as unknown as Database;
    const other = databaseClock(away, log);
    await other.set();
    expect(await offBy(other)).toBeLessThan(MINUTE);
    other.stop();
  });
});
