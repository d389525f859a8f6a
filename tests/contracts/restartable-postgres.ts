import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../api/adapters/database/roles.ts';

export interface RestartablePostgres {
  server: EmbeddedPostgres;
  folder: string;
  ownerUrl: string;
  appUrl: string;
  /** Ends the database with this signal, as an operator or the kernel would; it is started again by its keeper. */
  interrupt(signal: NodeJS.Signals): Promise<void>;
  /** Resolves once a new connection answers. */
  answers(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL of one's own, migrated, that a test may end. @param durable for what is killed: otherwise commits of the last moment are lost */
export async function restartablePostgres({ durable = false } = {}): Promise<RestartablePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-restart-'));
  const directory = join(folder, 'cluster');
  const server = await startEmbeddedPostgres({ directory, password: randomBytes(12).toString('hex'), durable });
  const ownerUrl = server.ownerUrl('postgres');
  await migrate(ownerUrl);
  const appPassword = randomBytes(12).toString('hex');
  await setAppPassword(ownerUrl, appPassword);
  const appUrl = urlAs(ownerUrl, 'iss_app', appPassword);
  const pid = async () => Number((await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const answers = async (): Promise<void> => {
    for (const until = Date.now() + 30_000; ; ) {
      const client = new pg.Client({ connectionString: ownerUrl });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.query('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
      } finally {
        await client.end().catch(() => {});
      }
    }
  };
  return {
    server,
    folder: directory,
    ownerUrl,
    appUrl,
    async interrupt(signal) {
      const before = await pid();
      process.kill(before, signal);
      for (const until = Date.now() + 30_000; Date.now() < until; ) {
        const now = await pid().catch(() => before);
        if (now !== before) return;
        await new Promise((wake) => setImmediate(wake));
      }
      throw new Error('the database was not started again');
    },
    answers,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
