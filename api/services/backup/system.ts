import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../adapters/database/embedded-postgres.ts';
import { type ManagedStore, objectsOf } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { DataDirectoryRefused, lockDataDirectory, readSecrets, readServerNote } from '../../data-directory.ts';

/** The database as its owner, and the objects as they are stored: what a backup takes and a restore fills. */
export interface System {
  ownerUrl: string;
  objects: ManagedStore;
  close(): Promise<void>;
}

/** Names of the data folder's files that a backup takes; keys of patients and of the database's roles are none of them. */
export const SECRETS_FILE = 'secrets.json';
const FILES = ['identity-keys.json', 'secrets/audit-key.json'];

/**
 * The system of the settings, beside its server or without: an embedded database that nobody runs is started for as long as this is open.
 * @param alone refuses while a server runs on it
 */
export async function openSystem(config: Config, { alone = false } = {}): Promise<System> {
  const { dataDirectory } = config;
  const secrets = await readSecrets(dataDirectory);
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0)) await step();
  };
  try {
    let port: number | null = null;
    try {
      undo.unshift(await lockDataDirectory(dataDirectory));
    } catch (error) {
      if (!(error instanceof DataDirectoryRefused) || alone) throw error;
      port = (await readServerNote(dataDirectory))?.databasePort ?? null;
      if (port === null && !config.ISS_DATABASE_URL) throw error;
    }
    const objects = objectsOf(config);
    undo.unshift(async () => objects.close?.());
    if (config.ISS_DATABASE_URL) return { ownerUrl: config.ISS_DATABASE_URL, objects, close };
    if (port === null) {
      const server = await startEmbeddedPostgres({
        directory: join(dataDirectory, 'postgres'),
        password: secrets.databaseOwner,
      });
      undo.unshift(() => server.stop());
      return { ownerUrl: server.ownerUrl('postgres'), objects, close };
    }
    const password = encodeURIComponent(secrets.databaseOwner);
    return { ownerUrl: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`, objects, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What of the data folder a backup takes, as names and texts; passwords of the database stay: each system has its own. */
export async function* keptFiles(dataDirectory: string): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const { sealingKey, ticketKey, ...others } = await readSecrets(dataDirectory);
  const { databaseOwner: _, databaseApp: __, ...rest } = others;
  yield { name: SECRETS_FILE, bytes: Buffer.from(JSON.stringify({ sealingKey, ticketKey, ...rest })) };
  const models = join(dataDirectory, 'models');
  const names = existsSync(models) ? (await readdir(models)).map((name) => `models/${name}`) : [];
  for (const name of [...FILES, ...names.sort()]) {
    const path = join(dataDirectory, name);
    if (existsSync(path)) yield { name, bytes: await readFile(path) };
  }
}

/** A file of the data folder may have this name in a backup: nothing outside of it, nothing else in it. */
export const isKeptName = (name: string): boolean =>
  name === SECRETS_FILE || FILES.includes(name) || /^models\/[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name);

export const makeFolder = (folder: string): Promise<unknown> => mkdir(folder, { recursive: true, mode: 0o700 });
