import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import type { Clock } from './clock.ts';

const ASK_MS = 10_000;
/** Less than this is the way to the database and back. */
const NOTICED_MS = 100;
const ODD_MS = 5_000;

export interface DatabaseClock extends Clock {
  /** Asks the database; where it does not answer, the clock goes on as it was. */
  set(): Promise<void>;
  stop(): void;
}

/**
 * The database's clock, which all processes on all machines have in common: it is asked now and then, and this process counts on from its answer.
 * A machine whose own clock is wrong, or is set while we run, decides as the others do. Until the first answer it is the machine's.
 */
export function databaseClock(database: Database, log: Pick<Logger, 'warn'>): DatabaseClock {
  /** Added to the time that this process has run, in ms. */
  let begin = Date.now() - performance.now();
  let told = false;

  async function set(): Promise<void> {
    const before = performance.now();
    const { rows } = await database
      .query<{ ms: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms')
      .catch(() => ({ rows: [] }));
    if (rows[0] === undefined) return;
    const after = performance.now();
    const found = rows[0].ms - (before + after) / 2;
    if (Math.abs(found - begin) > Math.max(NOTICED_MS, after - before)) begin = found;
    const ahead = Date.now() - (begin + performance.now());
    const odd = Math.abs(ahead) > ODD_MS;
    if (odd && !told)
      log.warn({ seconds: Math.round(ahead / 1000) }, 'this machine’s clock differs from the database’s, which counts');
    told = odd;
  }

  const asking = setInterval(() => void set(), ASK_MS);
  asking.unref();
  return {
    now: () => new Date(begin + performance.now()),
    set,
    stop: () => clearInterval(asking),
  };
}
