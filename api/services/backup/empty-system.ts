import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { BackupRefused } from '../../adapters/backup/encrypted-stream.ts';
import { startEmbeddedPostgres } from '../../adapters/database/embedded-postgres.ts';
import { objectsOf } from '../../compose.ts';
import type { Config } from '../../config.ts';
import {
  isRestoring,
  lockDataDirectory,
  makeSecrets,
  openDataDirectory,
  RESTORING_FILE,
  readSecrets,
} from '../../data-directory.ts';
import type { RestoreTarget } from './restore-backup.ts';
import { makeFolder, SECRETS_FILE } from './system.ts';

/** What may lie in the data folder before a restore: what is kept apart from backups. */
const MAY_BE_THERE = new Set(['keys', 'checkpoints', 'erasures.jsonl', 'version.json', RESTORING_FILE, 'backup.key']);
const EMPTY_SCHEMA = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC';

export interface EmptySystem {
  target: RestoreTarget;
  /** Everything stands: the server may start. */
  done(): Promise<void>;
  /** Takes away what was put there. */
  undo(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The empty system of the settings, locked and marked, so that no server starts on it until the restore is done. What an earlier one, cut off, left there
 * is removed first.
 * @throws BackupRefused where something is there
 */
export async function openEmptySystem(config: Config, about: { id: string; now: () => Date }): Promise<EmptySystem> {
  const { dataDirectory } = config;
  const cutOff = await isRestoring(dataDirectory);
  await refuseFull(dataDirectory, cutOff);
  await openDataDirectory(dataDirectory);
  const unlock = await lockDataDirectory(dataDirectory);
  const objects = objectsOf(config);
  const undos: (() => Promise<void>)[] = [async () => objects.close?.(), unlock];
  const marker = join(dataDirectory, RESTORING_FILE);
  const clear = async (): Promise<void> => {
    for await (const key of objects.list('')) await objects.remove(key);
    if (config.ISS_DATABASE_URL) await onDatabase(config.ISS_DATABASE_URL, (client) => client.query(EMPTY_SCHEMA));
    for (const name of await readdir(dataDirectory))
      if (!MAY_BE_THERE.has(name) && !name.startsWith('server.lock'))
        await rm(join(dataDirectory, name), { recursive: true, force: true });
  };
  const close = async (): Promise<void> => {
    for (const step of undos.splice(0)) await step();
  };
  try {
    if (cutOff) await clear();
    else {
      for await (const key of objects.list(''))
        throw new BackupRefused(`a restore wants an empty system: the object store holds ${key}`);
      if (config.ISS_DATABASE_URL) await refuseFullDatabase(config.ISS_DATABASE_URL);
    }
    await writeFile(marker, JSON.stringify({ restore: about.id }), { mode: 0o600, flush: true });
  } catch (error) {
    await close();
    throw error;
  }
  let stopDatabase: (() => Promise<void>) | null = null;
  let ownerUrl = config.ISS_DATABASE_URL;
  return {
    target: {
      ...about,
      objects,
      async keepFile(name, bytes) {
        if (name === SECRETS_FILE)
          return void (await makeSecrets(dataDirectory, JSON.parse(bytes.toString('utf8')) as Record<string, string>));
        const path = join(dataDirectory, name);
        await makeFolder(dirname(path));
        await writeFile(path, bytes, { mode: 0o600, flush: true });
      },
      async database() {
        if (ownerUrl) return ownerUrl;
        const password = (await readSecrets(dataDirectory)).databaseOwner;
        const server = await startEmbeddedPostgres({ directory: join(dataDirectory, 'postgres'), password });
        stopDatabase = () => server.stop();
        ownerUrl = server.ownerUrl('postgres');
        return ownerUrl;
      },
    },
    done: () => rm(marker, { force: true }),
    async undo() {
      await stopDatabase?.();
      stopDatabase = null;
      await clear();
      await rm(marker, { force: true });
    },
    async close() {
      await stopDatabase?.();
      await close();
    },
  };
}

async function refuseFull(dataDirectory: string, cutOff: boolean): Promise<void> {
  if (!existsSync(dataDirectory)) return;
  const there = (await readdir(dataDirectory)).filter(
    (name) => !MAY_BE_THERE.has(name) && !name.startsWith('server.lock'),
  );
  if (there.length > 0 && !cutOff)
    throw new BackupRefused(
      `a restore wants an empty system: ${dataDirectory} holds ${there.sort().join(', ')}; name another folder in ISS_DATA_DIR`,
    );
}

async function refuseFullDatabase(url: string): Promise<void> {
  const there = await onDatabase(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'public' AND relkind = 'r' LIMIT 1`,
    );
    return rows[0]?.name;
  });
  if (there !== undefined)
    throw new BackupRefused(
      `a restore wants an empty system: the database of ISS_DATABASE_URL holds the table ${there}`,
    );
}

async function onDatabase<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
