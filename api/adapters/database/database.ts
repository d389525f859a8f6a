import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../../prisma/client/client.ts';

/** One connection's worth of SQL: the pool itself, or a connection inside a transaction. */
export interface Sql {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/**
 * The database as services see it: plain SQL for reads of data and whatever must be one statement, Prisma for the workflow's reads and every write.
 * Both speak as the role iss_app.
 */
export interface Database extends Sql {
  prisma: PrismaClient;
  /** Runs work in one transaction; rolled back when it throws. */
  transaction<Result>(
    work: (sql: Sql) => Promise<Result>,
    options?: { isolation?: 'read committed' | 'repeatable read' | 'serializable' },
  ): Promise<Result>;
  /** A connection of its own that calls back on NOTIFY; it reconnects by itself until closed. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

// bigint columns are byte counts and positions below 2^53; PostgreSQL's driver would give strings.
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === pg.types.builtins.INT8 && format !== 'binary') return Number;
    // timestamp without time zone is a local wall time of unknown zone: it stays text and never becomes an instant.
    if (oid === pg.types.builtins.TIMESTAMP || oid === pg.types.builtins.DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

/** @param url connection string of the role iss_app */
export function connectDatabase(
  url: string,
  options: { poolSize?: number; statementTimeoutMs?: number } = {},
): Database {
  const config: pg.PoolConfig = {
    connectionString: url,
    max: options.poolSize ?? 16,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'iss',
  };
  const pool = new pg.Pool({ ...config, types });
  pool.on('error', () => {}); // an idle connection that died is replaced on the next use
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ ...config, max: Math.max(4, Math.floor((options.poolSize ?? 16) / 2)) }),
  });
  return {
    prisma,
    query: (text, values) => pool.query(text, values),
    async transaction(work, { isolation = 'read committed' } = {}) {
      const connection = await pool.connect();
      let broken: Error | undefined;
      try {
        await connection.query(`BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`);
        const result = await work(connection);
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      } finally {
        connection.release(broken);
      }
    },
    listen: (channel, heard) => listen(url, channel, heard),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function listen(url: string, channel: string, heard: (payload: string) => void): Promise<() => Promise<void>> {
  let closed = false;
  let client: pg.Client | undefined;
  const open = async (): Promise<void> => {
    client = new pg.Client({ connectionString: url, application_name: 'iss listen', keepAlive: true });
    client.on('notification', (message) => heard(message.payload ?? ''));
    client.on('error', () => {});
    client.once('end', () => {
      if (!closed) setTimeout(() => void open().catch(() => {}), 500).unref();
    });
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  };
  await open();
  return async () => {
    closed = true;
    await client?.end();
  };
}
