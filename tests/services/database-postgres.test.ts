import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';
import { postgresQueue } from '../../api/adapters/queue/postgres-queue.ts';
import { databaseContract } from '../contracts/database-contract.ts';
import { queueContract } from '../contracts/queue-contract.ts';
import { type PostgresServer, startPostgres } from './support/postgres.ts';
import { absent } from './support/service.ts';

/** Migrated by its owner. @returns the URL of the server's role with a password of its own */
async function migrated(server: PostgresServer): Promise<string> {
  await migrate(server.ownerUrl);
  const password = randomBytes(12).toString('hex');
  await setAppPassword(server.ownerUrl, password);
  return urlAs(server.ownerUrl, 'iss_app', password);
}

const missing = [absent('postgres'), absent('openssl')].includes(true);

describe.skipIf(missing)('a PostgreSQL of the institution, by URL', () => {
  databaseContract('PostgreSQL by URL', async () => {
    const server = await startPostgres();
    const database = connectDatabase(await migrated(server), { poolSize: 6 });
    const owner = new pg.Pool({ connectionString: server.ownerUrl });
    owner.on('error', () => {});
    return {
      ...{ database, owner, restart: server.restart },
      async stop() {
        await database.close();
        await owner.end();
        await server.stop();
      },
    };
  });

  queueContract('LISTEN and NOTIFY by URL', async () => {
    const server = await startPostgres();
    const url = await migrated(server);
    const databases = [connectDatabase(url, { poolSize: 2 }), connectDatabase(url, { poolSize: 2 })];
    const [queue, another] = databases.map((database) => postgresQueue(database));
    return {
      ...{ queue: queue!, another: another!, restart: server.restart },
      async stop() {
        await queue!.close();
        await Promise.all(databases.map((database) => database.close()));
        await server.stop();
      },
    };
  });

  it('is spoken with over TLS alone, by a role that is no superuser and owns nothing', async () => {
    const server = await startPostgres();
    const url = await migrated(server);
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(
      `SELECT ssl, rolsuper, rolcreaterole, (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owns
       FROM pg_stat_ssl s, pg_roles r WHERE s.pid = pg_backend_pid() AND r.rolname = current_user`,
    );
    expect(rows).toEqual([{ ssl: true, rolsuper: false, rolcreaterole: false, owns: 0 }]);
    await client.end();
    // Another authority: refused before a password is said.
    const strange = new URL(url);
    strange.searchParams.delete('sslrootcert');
    const refused = connectDatabase(strange.href);
    await expect(refused.query('SELECT 1')).rejects.toThrow(/self.signed|certificate/);
    await refused.close();
    await server.stop();
  });
});
