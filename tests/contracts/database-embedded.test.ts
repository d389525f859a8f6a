import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { connectDatabase } from '../../api/adapters/database/database.ts';
import { postgresQueue } from '../../api/adapters/queue/postgres-queue.ts';
import { databaseContract } from './database-contract.ts';
import { eventually } from './eventually.ts';
import { queueContract } from './queue-contract.ts';
import { restartablePostgres } from './restartable-postgres.ts';

databaseContract('embedded PostgreSQL', async () => {
  const server = await restartablePostgres();
  const owner = new pg.Pool({ connectionString: server.ownerUrl });
  owner.on('error', () => {});
  const database = connectDatabase(server.appUrl, { poolSize: 6 });
  return {
    database,
    owner,
    async restart() {
      await server.interrupt('SIGINT');
      await server.answers();
    },
    async stop() {
      await database.close();
      await owner.end();
      await server.stop();
    },
  };
});

queueContract('LISTEN and NOTIFY', async () => {
  const server = await restartablePostgres();
  const databases = [connectDatabase(server.appUrl, { poolSize: 2 }), connectDatabase(server.appUrl, { poolSize: 2 })];
  const [queue, another] = databases.map((database) => postgresQueue(database));
  return {
    queue: queue!,
    another: another!,
    async restart() {
      await server.interrupt('SIGINT');
      await server.answers();
    },
    async stop() {
      await queue!.close();
      await Promise.all(databases.map((database) => database.close()));
      await server.stop();
    },
  };
});

describe('the keeper of the embedded PostgreSQL', () => {
  it('starts it again on its port after it was killed, with all that was committed', async () => {
    const server = await restartablePostgres({ durable: true });
    const owner = new pg.Pool({ connectionString: server.ownerUrl });
    owner.on('error', () => {});
    await owner.query('CREATE TABLE kept (n int)');
    await owner.query('INSERT INTO kept VALUES (1)');
    await server.interrupt('SIGKILL');
    await server.answers();
    const rows = await eventually('answers', () =>
      owner.query('SELECT n FROM kept').then(
        (found) => found.rows,
        () => null,
      ),
    );
    expect(rows).toEqual([{ n: 1 }]);
    await owner.end();
    await server.stop();
  });
});
