import type pg from 'pg';
import { z } from 'zod';
import { type ArchiveEntry, archived } from '../../adapters/backup/archive.ts';
import { ownerConnection, rowsOut, sequencesOf, tablesOf } from '../../adapters/backup/database-rows.ts';
import { BackupRefused, encrypted } from '../../adapters/backup/encrypted-stream.ts';
import { knownMigrations } from '../../adapters/database/migrate.ts';
import { ObjectMissing, type ObjectStore } from '../../adapters/objects/object-store.ts';

/** Raised when what an archive holds changes its form. */
export const BACKUP_FORM = 1;

/** What a backup says of itself, before anything else. */
export const ABOUT = z.object({
  form: z.number().int(),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  sequences: z.record(z.string(), z.string().nullable()),
  objects: z.number().int(),
  /** How far the journal of endings had come: what stands in it behind that line has to be replayed. */
  journal: z.object({ line: z.number().int(), head: z.string() }),
});
export type AboutBackup = z.infer<typeof ABOUT>;

/** Sign-ins do not outlive a restore: everybody signs in anew. What waits to be written to the journal stands there already. */
const LEFT_EMPTY = new Set(['portal_session', 'oidc_record', 'ending']);

/** Columns that name objects. */
const NAMED_OBJECTS = `SELECT key FROM (SELECT object_key AS key FROM artifact UNION SELECT object_key FROM certificate
  UNION SELECT f.object_key FROM export_file f JOIN data_export e ON e.id = f.export_id WHERE e.cleared_at IS NULL
  UNION SELECT object_key FROM checkpoint UNION SELECT object_key FROM embedding) AS named ORDER BY key COLLATE "C"`;

export interface BackupSource {
  ownerUrl: string;
  objects: ObjectStore;
  files: AsyncIterable<{ name: string; bytes: Buffer }>;
  /** Read before the rows: whatever was noted up to then is in them. */
  journal: () => Promise<AboutBackup['journal']>;
  id: string;
  now: Date;
}

export interface BackupProgress {
  stage: 'rows' | 'objects';
  done: number;
  total: number;
}

/**
 * A backup as a stream: one state of the database (a REPEATABLE READ transaction), then the objects as they are stored, sealed under keys that are not in
 * it. An object that rows of that state name and that was removed since is counted; what was stored since is taken along and named by nothing.
 * @param key 32 bytes
 */
export async function* backupOf(
  source: BackupSource,
  key: Buffer,
  options: { signal: AbortSignal; onProgress: (progress: BackupProgress) => void; missing?: (key: string) => void },
): AsyncGenerator<Buffer> {
  const journal = await source.journal();
  const client = await ownerConnection(source.ownerUrl);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const notes = { goneObjects: 0 };
    const entries = entriesOfSystem(client, source, journal, {
      ...options,
      missing(key) {
        notes.goneObjects += 1;
        options.missing?.(key);
      },
    });
    yield* encrypted(
      archived(entries, () => notes),
      key,
    );
  } finally {
    await client.end();
  }
}

async function* entriesOfSystem(
  client: pg.Client,
  source: BackupSource,
  journal: AboutBackup['journal'],
  options: { signal: AbortSignal; onProgress: (progress: BackupProgress) => void; missing: (key: string) => void },
): AsyncGenerator<ArchiveEntry> {
  const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  if (migrations.length !== (await knownMigrations()).length)
    throw new BackupRefused(
      'the database is of another version than this program: start its server once, which migrates it',
    );
  const tables = await tablesOf(client);
  let objects = 0;
  for await (const _ of source.objects.list('')) objects += 1;
  const about: AboutBackup = {
    ...{ form: BACKUP_FORM, id: source.id, madeAt: source.now.toISOString(), migrations, tables, objects, journal },
    sequences: await sequencesOf(client),
  };
  yield { name: 'about', body: one(Buffer.from(JSON.stringify(about))) };
  for await (const { name, bytes } of source.files) yield { name: `files/${name}`, body: one(bytes) };
  for (const [index, table] of tables.entries()) {
    options.signal.throwIfAborted();
    options.onProgress({ stage: 'rows', done: index, total: tables.length });
    if (!LEFT_EMPTY.has(table.name)) yield { name: `rows/${table.name}`, body: rowsOut(client, table) };
  }
  yield* objectEntries(client, source.objects, objects, options);
}

async function* objectEntries(
  client: pg.Client,
  objects: ObjectStore,
  total: number,
  options: { signal: AbortSignal; onProgress: (progress: BackupProgress) => void; missing: (key: string) => void },
): AsyncGenerator<ArchiveEntry> {
  const named = new NamedObjects(client);
  await named.open();
  let done = 0;
  for await (const key of objects.list('')) {
    options.signal.throwIfAborted();
    options.onProgress({ stage: 'objects', done, total });
    done += 1;
    for (const absent of await named.before(key)) options.missing(absent);
    const first = await firstPart(objects, key);
    // Removed since it was listed: by an erasure, or because its export had ended.
    if (first === null) {
      if (await named.has(key)) options.missing(key);
    } else yield { name: `objects/${key}`, body: first };
    await named.pass(key);
  }
  for (const absent of await named.before(null)) options.missing(absent);
  options.onProgress({ stage: 'objects', done, total: done });
}

/** The object's bytes, or null where there is no such object any more: asked before its name goes into the archive. */
async function firstPart(objects: ObjectStore, key: string): Promise<AsyncIterable<Uint8Array> | null> {
  const parts = objects.read(key)[Symbol.asyncIterator]();
  const first = await parts.next().catch((error: unknown) => {
    if (error instanceof ObjectMissing) return null;
    throw error;
  });
  if (first === null) return null;
  return (async function* () {
    for (let next = first; !next.done; next = await parts.next()) yield next.value;
  })();
}

/** Keys that rows name, in the order in which a store lists its own; a page at a time. */
class NamedObjects {
  readonly #client: pg.Client;
  #page: string[] = [];
  #over = false;

  constructor(client: pg.Client) {
    this.#client = client;
  }
  async open(): Promise<void> {
    await this.#client.query(`DECLARE named_objects NO SCROLL CURSOR FOR ${NAMED_OBJECTS}`);
  }
  async #next(): Promise<string | undefined> {
    if (this.#page.length === 0 && !this.#over) {
      const { rows } = await this.#client.query<{ key: string }>('FETCH 1000 FROM named_objects');
      this.#page = rows.map(({ key }) => key);
      this.#over = rows.length === 0;
    }
    return this.#page[0];
  }
  /** Takes those that stand before a key: the store has none of them. */
  async before(key: string | null): Promise<string[]> {
    const absent: string[] = [];
    for (let next = await this.#next(); next !== undefined && (key === null || next < key); next = await this.#next())
      absent.push(this.#page.shift()!);
    return absent;
  }
  async has(key: string): Promise<boolean> {
    return (await this.#next()) === key;
  }
  async pass(key: string): Promise<void> {
    if (await this.has(key)) this.#page.shift();
  }
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
