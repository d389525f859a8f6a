import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ChecksumDiffers,
  checkKey,
  meansFull,
  ObjectExists,
  ObjectMissing,
  type ObjectStore,
  RangeOutside,
  type StoredObject,
  StoreFull,
} from './object-store.ts';
import { isOfDeadWriter, WRITER } from './writer.ts';

/** Temporary files of writers elsewhere (another container on the same folder) are swept only when they are this old. */
const STALE_MS = 24 * 3600_000;

export interface FileStore extends ObjectStore {
  /** Removes what writers that are gone left half-written. @returns how many files */
  sweep(): Promise<number>;
}

/**
 * Objects as files below a folder. A file is written under a temporary name, flushed, then linked to its key, which fails if the key is taken; then
 * the folder is flushed, so that a row that names the object is never more durable than the object.
 */
export function fileStore(root: string): FileStore {
  const objects = join(root, 'objects');
  const place = (key: string) => join(objects, checkKey(key));
  // Inside the same folder, which may be a file system of its own: links do not cross. Keys never begin with a dot.
  const incoming = join(objects, '.incoming');

  async function put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    expected?: { sha256: string },
  ): Promise<StoredObject> {
    const path = place(key);
    const temporary = join(incoming, `${WRITER}${randomUUID()}`);
    let file: FileHandle | undefined;
    try {
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      file = await open(temporary, 'wx', 0o600);
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const part of body instanceof Uint8Array ? [body] : body) {
        hash.update(part);
        bytes += part.length;
        await writeAll(file, part);
      }
      const stored = { bytes, sha256: hash.digest('hex') };
      if (expected && expected.sha256 !== stored.sha256) throw new ChecksumDiffers(stored.sha256);
      await file.sync();
      await file.close();
      file = undefined;
      await appear(temporary, path, key, stored.sha256);
      return stored;
    } catch (error) {
      if (meansFull(error)) throw new StoreFull('the object store has no space left', { cause: error });
      throw error;
    } finally {
      await file?.close().catch(() => {});
      await rm(temporary, { force: true });
    }
  }

  async function appear(temporary: string, path: string, key: string, sha256: string): Promise<void> {
    const taken = () => new ObjectExists(`there is another object under ${key}, or above or below it`);
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' || error.code === 'ENOTDIR' ? taken() : error;
    });
    try {
      await link(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if ((await sizeOf(path)) === null || (await fileHash(path)) !== sha256) throw taken();
    }
    // Of the folders that were made, too: the entry of each stands in the one above.
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      await flushFolder(folder);
      if (!made || folder === dirname(made) || folder === root) break;
    }
  }

  return {
    put,
    size: async (key) => sizeOf(place(key)),
    async *read(key, range) {
      const path = place(key);
      const size = await sizeOf(path);
      if (size === null) throw new ObjectMissing(`no object under ${key}`);
      if (range && !(isPlace(range.first) && isPlace(range.last) && range.first <= range.last && range.last < size))
        throw new RangeOutside(`bytes ${range.first}-${range.last} are not inside the ${size} bytes of ${key}`);
      if (size === 0) return;
      // 1 MiB reads: several times the throughput of the default for landmarks and video.
      yield* createReadStream(path, { highWaterMark: 1 << 20, ...(range && { start: range.first, end: range.last }) });
    },
    async localFile(key) {
      const path = place(key);
      if ((await sizeOf(path)) === null) throw new ObjectMissing(`no object under ${key}`);
      return { path, release: async () => {} };
    },
    async remove(key) {
      const path = place(key);
      if ((await sizeOf(path)) !== null) await rm(path, { force: true });
    },
    async *list(prefix) {
      const folder = prefix.replace(/\/$/, '');
      yield* walk(folder === '' ? objects : place(folder), folder);
    },
    async sweep() {
      let swept = 0;
      for (const name of (await readdir(incoming).catch(absentIsNull)) ?? []) {
        const path = join(incoming, name);
        const found = await stat(path).catch(absentIsNull);
        if (!found || !(isOfDeadWriter(name) || Date.now() - found.mtimeMs > STALE_MS)) continue;
        await rm(path, { force: true });
        swept++;
      }
      return swept;
    },
  };
}

const isPlace = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Of a plain file; null where there is none. */
async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(absentIsNull);
  return found?.isFile() ? found.size : null;
}

/** A write may take part of a buffer only, when the disk is nearly full; the rest is tried again and then says ENOSPC. */
async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let done = 0; done < part.length; ) done += (await file.write(part, done)).bytesWritten;
}

async function flushFolder(folder: string): Promise<void> {
  // Windows opens no folders; there the entry is as durable as its file.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function* walk(folder: string, key: string): AsyncIterable<string> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(absentIsNull)) ?? [];
  // A folder sorts by its name and the "/" that follows, as the whole keys do.
  const sorted = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => ({ name: entry.name, sort: entry.isDirectory() ? `${entry.name}/` : entry.name, entry }))
    .sort((a, b) => (a.sort < b.sort ? -1 : 1));
  for (const { name, entry } of sorted) {
    const inner = key === '' ? name : `${key}/${name}`;
    if (entry.isDirectory()) yield* walk(join(folder, name), inner);
    else yield inner;
  }
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest('hex');
}

function absentIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
