import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase, type Database } from '../../api/adapters/database/database.ts';
import { urlAs } from '../../api/adapters/database/roles.ts';
import { oneConnection } from './one-connection.ts';

export interface TestDatabase {
  /** As the owner: may do everything, for arranging and for attacks by a superuser. */
  url: string;
  /** As iss_app, the role the server has. */
  appUrl: string;
  /** Pool of the owner. */
  pool: pg.Pool;
  /** What services are given (role iss_app). */
  database: Database;
  stop(): Promise<void>;
}

/** A fresh, migrated, empty database of the run's PostgreSQL. @param bare without tables, as a restore wants it @param strict refuses a second connection inside a transaction */
export async function startTestDatabase({ bare = false, strict = false } = {}): Promise<TestDatabase> {
  const owner = inject('databaseOwnerUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ connectionString: owner });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${bare ? 'template0' : 'template_iss'}`);
  await admin.end();
  const url = urlAs(owner, 'postgres', decodeURIComponent(new URL(owner).password), name);
  const appUrl = urlAs(owner, 'iss_app', inject('databaseAppPassword'), name);
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on('error', () => {});
  const database = strict ? oneConnection(connectDatabase(appUrl)) : connectDatabase(appUrl);
  return {
    url,
    appUrl,
    pool,
    database,
    async stop() {
      await database.close();
      await pool.end();
      const last = new pg.Client({ connectionString: owner });
      await last.connect();
      await last.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await last.end();
    },
  };
}
