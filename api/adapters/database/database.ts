import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../../prisma/client/client.ts';
import { type Joint, jointOf, MoreIsolation, openJoint } from './joint.ts';

/**
 * A statement that is asked again and again: parsed and planned once a connection, and only its name sent from then on. A name belongs to one text.
 */
export const named = (name: string, text: string): string => ({ name, text }) as unknown as string; // node-postgres takes both, the port's type one

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** One connection's worth of SQL: the pool itself, or a connection inside a transaction. */
export interface Sql {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/**
 * The database as services see it: plain SQL where something has to be one statement or one transaction with its log entry, Prisma for simple reads
 * of the workflow. Both speak as the role iss_app.
 */
export interface Database extends Sql {
  prisma: PrismaClient;
  /** Runs work in one transaction; rolled back when it throws. */
  transaction<Result>(work: (sql: Sql) => Promise<Result>, options?: { isolation?: Isolation }): Promise<Result>;
  /**
   * Runs work so that everything it asks of this database, its transactions too, is part of one transaction, whoever asks: services that know nothing
   * of each other end together. Where a transaction inside asks for more isolation, all begins anew with that, so `work` may run twice.
   */
  together<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** A connection of its own that calls back on NOTIFY; it reconnects by itself until closed. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  /** Connections of the pool: open, of them idle, and how many wait for one. */
  connections(): { open: number; idle: number; waiting: number };
  close(): Promise<void>;
}

/** The transaction was rolled back although the work did not throw: a statement of it had failed. */
export class NotCommitted extends Error {
  override name = 'NotCommitted';
}

const asText = (text: string): string => text;
// Element types have the parsers of their arrays by themselves; the driver's own would read bigint as text and dates as instants.
const arrayOf = (from: (text: string) => unknown) => {
  const strings = pg.types.getTypeParser(1009 as number, 'text') as (text: string) => unknown[] | null;
  return (text: string) => strings(text)?.map((value) => (value === null ? null : from(value as string)));
};
const { INT8, TIMESTAMP, DATE } = pg.types.builtins;
const PARSERS = new Map<number, (text: string) => unknown>([
  // bigint columns are byte counts and positions below 2^53; PostgreSQL's driver would give strings.
  [INT8, Number],
  [1016, arrayOf(Number)],
  // timestamp without time zone is a local wall time of unknown zone: it stays text and never becomes an instant.
  [TIMESTAMP, asText],
  [1115, arrayOf(asText)],
  [DATE, asText],
  [1182, arrayOf(asText)],
]);
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) ||
    pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** How long somebody waits for a connection: a new one, or one that another gives back. */
const CONNECT_MS = 10_000;
/** A server that does not even end what takes too long is given up so much later. */
const SILENT_MS = 5000;

/** @param url connection string of the role iss_app */
export function connectDatabase(
  url: string,
  options: { poolSize?: number; statementTimeoutMs?: number } = {},
): Database {
  const statementMs = options.statementTimeoutMs ?? 30_000;
  const config: pg.PoolConfig = {
    connectionString: url,
    max: options.poolSize ?? 16,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + SILENT_MS,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'iss',
  };
  const pool = new pg.Pool({ ...config, types });
  pool.on('error', () => {}); // an idle connection that died is replaced on the next use
  let prisma: PrismaClient | undefined;
  const joined = new AsyncLocalStorage<Joint>();

  async function transaction<Result>(
    work: (sql: Sql) => Promise<Result>,
    { isolation = 'read committed' }: { isolation?: Isolation } = {},
  ): Promise<Result> {
    const connection = await pool.connect();
    let broken: Error | undefined;
    // Lost between two statements: unheard, this event would end the process. The next statement fails.
    const lost = (error: Error): void => {
      broken = error;
    };
    connection.on('error', lost);
    try {
      await connection.query(`BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`);
      const result = await work(connection);
      // PostgreSQL answers ROLLBACK where an earlier statement had failed and somebody caught that.
      const { command } = await connection.query('COMMIT');
      if (command !== 'COMMIT') throw new NotCommitted('the transaction was rolled back: a statement in it had failed');
      return result;
    } catch (error) {
      await connection.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      connection.off('error', lost);
      connection.release(broken);
    }
  }

  return {
    // Made on first use: a worker may need none, and its pool is one of its own.
    get prisma() {
      prisma ??= new PrismaClient({ adapter: new PrismaPg({ ...config, max: 4 }) });
      return prisma;
    },
    query: (text, values) => (openJoint(joined)?.sql ?? pool).query(text, values),
    transaction(work, options = {}) {
      const joint = openJoint(joined);
      return joint === null ? transaction(work, options) : joint.inside(work, options.isolation ?? 'read committed');
    },
    async together(work) {
      const outer = openJoint(joined);
      if (outer !== null) return work(outer.sql);
      const run = (isolation: Isolation) =>
        transaction(
          async (sql) => {
            // Work may think for a while between two statements.
            await sql.query(`SET LOCAL idle_in_transaction_session_timeout = '10min'`);
            const joint = jointOf(sql, isolation, joined);
            try {
              return await joined.run(joint, () => work(sql));
            } finally {
              joint.ended = true;
            }
          },
          { isolation },
        );
      try {
        return await run('read committed');
      } catch (error) {
        if (error instanceof MoreIsolation) return run(error.isolation);
        throw error;
      }
    },
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    listen: (channel, heard) => listen(url, channel, heard),
    async close() {
      await prisma?.$disconnect();
      await pool.end();
    },
  };
}

const RECONNECT_MS = 500;

async function listen(url: string, channel: string, heard: (payload: string) => void): Promise<() => Promise<void>> {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      open().catch(again);
    }, RECONNECT_MS);
    timer.unref();
  };
  const open = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'iss listen',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
    fresh.on('notification', (message) => heard(message.payload ?? ''));
    fresh.on('error', () => {});
    try {
      await fresh.connect();
      await fresh.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await fresh.end().catch(() => {});
      throw error;
    }
    if (closed) return fresh.end();
    client = fresh;
    fresh.once('end', again);
  };
  await open();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await client?.end().catch(() => {});
  };
}
