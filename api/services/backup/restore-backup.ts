import type pg from 'pg';
import { type ArchiveEnd, entriesOf } from '../../adapters/backup/archive.ts';
import {
  ownerConnection,
  rowsIn,
  setSequences,
  tablesOf,
  withoutReferences,
} from '../../adapters/backup/database-rows.ts';
import { BackupRefused, decrypted } from '../../adapters/backup/encrypted-stream.ts';
import { knownMigrations, migrate } from '../../adapters/database/migrate.ts';
import type { SealKeys } from '../../adapters/keys/seal-keys.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { ABOUT, type AboutBackup, BACKUP_FORM, type BackupProgress } from './make-backup.ts';
import { isKeptName } from './system.ts';

export interface RestoreTarget {
  /** Takes a file of the data folder; all of them come before the database is asked for. */
  keepFile(name: string, bytes: Buffer): Promise<void>;
  /** The owner's address of the database, which is empty. */
  database(): Promise<string>;
  objects: ObjectStore;
  id: string;
  now: () => Date;
}

export interface Restored {
  about: AboutBackup;
  end: ArchiveEnd;
  rows: Record<string, number>;
  objects: number;
  /** Whose objects came, `<scope>/<name>`: their keys have to be there. */
  owners: ReadonlySet<string>;
}

/** Small objects are put beside each other: an object store answers slowly and often. */
const AT_ONCE = 8;
const SMALL = 1 << 20;
const MOST_FILE = 1 << 30;

/**
 * Reads a backup to its end and proves it, and puts nothing anywhere.
 * @throws BackupRefused
 */
export async function checkBackup(
  source: AsyncIterable<Uint8Array>,
  key: Buffer,
  onProgress: (progress: BackupProgress) => void,
): Promise<{ about: AboutBackup; end: ArchiveEnd }> {
  let end: ArchiveEnd | undefined;
  let about: AboutBackup | undefined;
  let done = 0;
  for await (const { name, body } of entriesOf(decrypted(source, key), (value) => {
    end = value;
  })) {
    if (name === 'about') about = await readAbout(body);
    else for await (const _ of body);
    if (name.startsWith('objects/') && about) {
      done += 1;
      onProgress({ stage: 'objects', done, total: about.objects });
    }
  }
  return { about: about!, end: end! };
}

/**
 * Fills an empty system from a backup. Rows appear when all of it was read and proved, in one transaction, with the note that closes the system until
 * the journal has been replayed. The caller empties it again where this throws.
 * @throws BackupRefused
 */
export async function restoreBackup(
  source: AsyncIterable<Uint8Array>,
  key: Buffer,
  target: RestoreTarget,
  options: { signal: AbortSignal; onProgress: (progress: BackupProgress) => void },
): Promise<Restored> {
  let end: ArchiveEnd | undefined;
  const entries = entriesOf(decrypted(source, key), (value) => {
    end = value;
  });
  const state = {
    about: undefined as AboutBackup | undefined,
    client: undefined as pg.Client | undefined,
    refer: async () => {},
    rows: {} as Record<string, number>,
    objects: 0,
    owners: new Set<string>(),
  };
  let ownerUrl = '';
  const puts = new Puts(target.objects);
  try {
    for await (const { name, body } of entries) {
      options.signal.throwIfAborted();
      const rest = name.slice(name.indexOf('/') + 1);
      if (state.about === undefined) {
        if (name !== 'about') throw new BackupRefused('the backup does not say what it is');
        state.about = await readAbout(body);
        await refuseStrange(state.about);
      } else if (name.startsWith('files/')) {
        if (!isKeptName(rest)) throw new BackupRefused(`the backup holds ${rest}, which this version does not know`);
        await target.keepFile(rest, await whole(body));
      } else if (name.startsWith('rows/')) {
        if (state.client === undefined) {
          ownerUrl = await target.database();
          state.client = await emptyTables(ownerUrl, state.about);
          state.refer = await withoutReferences(state.client);
        }
        const table = state.about.tables.find((one) => one.name === rest);
        if (!table) throw new BackupRefused(`the backup holds rows of ${rest}, which it does not name`);
        options.onProgress({ stage: 'rows', done: Object.keys(state.rows).length, total: state.about.tables.length });
        state.rows[rest] = await rowsIn(state.client, table, body);
      } else if (name.startsWith('objects/')) {
        const [first, scope, owner] = rest.split('/');
        if (first === 'sealed') state.owners.add(`${scope}/${owner}`);
        await puts.put(rest, body);
        state.objects += 1;
        options.onProgress({ stage: 'objects', done: state.objects, total: state.about.objects });
      } else throw new BackupRefused(`the backup holds ${name}, which this version does not know`);
    }
    await puts.settled();
    const { about, client, rows, objects, owners } = state;
    if (!about || !client || !end) throw new BackupRefused('the backup holds no rows');
    await state.refer();
    await setSequences(client, about.sequences);
    await client.query(
      `INSERT INTO restored (id, backup_id, made_at, journal_line, journal_head, restored_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [target.id, about.id, about.madeAt, about.journal.line, about.journal.head, target.now()],
    );
    await client.query('COMMIT');
    await client.end();
    await migrate(ownerUrl);
    return { about, end, rows, objects, owners };
  } catch (error) {
    await puts.settled().catch(() => {});
    await state.client?.end().catch(() => {});
    throw error;
  }
}

async function readAbout(body: AsyncIterable<Uint8Array>): Promise<AboutBackup> {
  const value = JSON.parse((await whole(body)).toString('utf8')) as { form?: unknown };
  if (typeof value.form === 'number' && value.form > BACKUP_FORM)
    throw new BackupRefused(
      `the backup was made by a newer version (form ${value.form}, this one knows ${BACKUP_FORM}): restore it with that version`,
    );
  const parsed = ABOUT.safeParse(value);
  if (!parsed.success) throw new BackupRefused('the backup does not say what it is');
  return parsed.data;
}

/** @throws BackupRefused where the rows are of tables that this version does not know */
async function refuseStrange({ migrations }: AboutBackup): Promise<void> {
  const here = new Map((await knownMigrations()).map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of migrations) {
    const ours = here.get(name);
    if (ours === undefined)
      throw new BackupRefused(
        `the backup was made by a newer version (it has the migration ${name}): restore it with that version`,
      );
    if (ours !== checksum) throw new BackupRefused(`the backup has another migration ${name} than this version`);
  }
}

/** The tables as they were when the backup was made, inside a transaction that is to be ended. */
async function emptyTables(ownerUrl: string, about: AboutBackup): Promise<pg.Client> {
  await migrate(ownerUrl, undefined, { upTo: about.migrations.at(-1)?.name ?? '' });
  const client = await ownerConnection(ownerUrl);
  try {
    await client.query('BEGIN');
    const there = JSON.stringify(await tablesOf(client));
    if (there !== JSON.stringify(about.tables))
      throw new BackupRefused('the backup has other tables than its migrations make');
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Puts objects, small ones beside each other. */
class Puts {
  readonly #objects: ObjectStore;
  readonly #running = new Set<Promise<void>>();
  #failed: { error: unknown } | null = null;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }
  async put(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#failed) throw this.#failed.error;
    const parts = body[Symbol.asyncIterator]();
    const begun: Uint8Array[] = [];
    let bytes = 0;
    let over = false;
    while (!over && bytes <= SMALL) {
      const next = await parts.next();
      if (next.done) over = true;
      else {
        begun.push(Buffer.from(next.value));
        bytes += next.value.length;
      }
    }
    if (!over) {
      await this.#objects.put(key, rejoined(begun, parts));
      return;
    }
    while (this.#running.size >= AT_ONCE) await Promise.race(this.#running);
    const put: Promise<void> = this.#objects.put(key, Buffer.concat(begun)).then(
      () => void this.#running.delete(put),
      (error: unknown) => {
        this.#failed ??= { error };
        this.#running.delete(put);
      },
    );
    this.#running.add(put);
  }
  async settled(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failed) throw this.#failed.error;
  }
}

async function* rejoined(begun: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begun;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MOST_FILE) throw new BackupRefused('the backup holds a file that is too large');
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/** Whose objects cannot be read: their keys are missing (destroyed ones are as they are meant to be). */
export async function withoutKey(owners: Iterable<string>, keys: SealKeys, destroyed: (error: unknown) => boolean) {
  const missing: string[] = [];
  for (const owner of owners) {
    const found = await keys.find(owner).catch((error: unknown) => {
      if (destroyed(error)) return 'destroyed';
      throw error;
    });
    if (found === null) missing.push(owner);
  }
  return missing;
}
