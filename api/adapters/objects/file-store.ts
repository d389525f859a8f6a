import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  checkKey,
  ObjectExists,
  ObjectMissing,
  type ObjectStore,
  RangeOutside,
  type StoredObject,
  StoreFull,
} from './object-store.ts';

/** Objects as files below a folder. A file is written under a temporary name, flushed, then linked to its key, which fails if the key is taken. */
export function fileStore(root: string): ObjectStore {
  const place = (key: string) => join(root, 'objects', checkKey(key));
  const incoming = join(root, 'incoming');

  async function put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<StoredObject> {
    const path = place(key);
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    const temporary = join(incoming, randomUUID());
    let file: FileHandle | undefined;
    try {
      file = await open(temporary, 'wx', 0o600);
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const part of body instanceof Uint8Array ? [body] : body) {
        hash.update(part);
        bytes += part.length;
        await writeAll(file, part);
      }
      await file.sync();
      await file.close();
      file = undefined;
      const stored = { bytes, sha256: hash.digest('hex') };
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        if ((await fileHash(path)) !== stored.sha256) throw new ObjectExists(`there is another object under ${key}`);
      });
      return stored;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
        throw new StoreFull('the object store has no space left', { cause: error });
      throw error;
    } finally {
      await file?.close().catch(() => {});
      await rm(temporary, { force: true });
    }
  }

  return {
    put,
    async size(key) {
      return (await stat(place(key)).catch(absentIsNull))?.size ?? null;
    },
    async *read(key, range) {
      const path = place(key);
      const found = await stat(path).catch(absentIsNull);
      if (!found) throw new ObjectMissing(`no object under ${key}`);
      if (range && (range.first < 0 || range.last < range.first || range.last >= found.size))
        throw new RangeOutside(`bytes ${range.first}-${range.last} are not inside the ${found.size} bytes of ${key}`);
      if (found.size === 0) return;
      // 1 MiB reads: several times the throughput of the default for landmarks and video.
      yield* createReadStream(path, { highWaterMark: 1 << 20, ...(range && { start: range.first, end: range.last }) });
    },
    async localFile(key) {
      const path = place(key);
      if (!(await stat(path).catch(absentIsNull))) throw new ObjectMissing(`no object under ${key}`);
      return { path, release: async () => {} };
    },
    async remove(key) {
      await rm(place(key), { force: true });
    },
    async *list(prefix) {
      const folder = prefix.replace(/\/$/, '');
      yield* walk(folder === '' ? join(root, 'objects') : place(folder), folder);
    },
  };
}

/** A write may take part of a buffer only, when the disk is nearly full; the rest is tried again and then says ENOSPC. */
async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let done = 0; done < part.length; ) done += (await file.write(part, done)).bytesWritten;
}

async function* walk(folder: string, key: string): AsyncIterable<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(absentIsNull);
  for (const entry of (entries ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = key === '' ? entry.name : `${key}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(join(folder, entry.name), inner);
    else yield inner;
  }
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest('hex');
}

function absentIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
