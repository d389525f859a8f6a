import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isOfDeadWriter, WRITER } from '../objects/writer.ts';
import { KeyDamaged, KeyDestroyed, type SealKeys } from './seal-keys.ts';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORM = 'iss-key-1';
/** A key that another process has destroyed is used for no longer than this. */
const HELD_MS = 1000;
const MOST_HELD = 1000;

export interface FileKeys extends SealKeys {
  /** Removes what writers that are gone left half-written. @returns how many files */
  sweep(): Promise<number>;
  /** Wraps every key under the first sealing key that is wrapped under another. Only while nobody else writes keys. @returns how many */
  rewrap(): Promise<number>;
}

/**
 * Keys as files of a folder, `<scope>/<name>.key`, each wrapped with AES-256-GCM under a key derived from the sealing key, bound to its owner. Kept apart
 * from the database and from backups with a history: a key that comes back with a backup is not destroyed. A destroyed key leaves `<name>.destroyed`,
 * which is on the disk before the key is overwritten: cut off anywhere, it is destroyed.
 * @param sealing the sealing key, or several: the first wraps, each unwraps
 */
export function fileKeys(
  folder: string,
  sealing: Buffer | readonly Buffer[],
  monotonicMs = () => performance.now(),
): FileKeys {
  const wrappings = (Buffer.isBuffer(sealing) ? [sealing] : sealing).map((key) =>
    Buffer.from(hkdfSync('sha256', key, '', 'iss: keys that seal objects', KEY_BYTES)),
  );
  const wrapping = wrappings[0]!;
  const held = new Map<string, { key: Buffer; until: number }>();
  const place = (owner: string) => join(folder, `${checkOwner(owner)}.key`);
  const tombstone = (owner: string) => join(folder, `${checkOwner(owner)}.destroyed`);

  function wrap(owner: string, key: Buffer): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', wrapping, iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
    return `${FORM} ${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}\n`;
  }

  function unwrap(owner: string, text: string): { key: Buffer; by: Buffer } {
    const [form, body = ''] = text.trim().split(' ');
    const bytes = Buffer.from(body, 'base64url');
    if (form !== FORM || bytes.length !== IV_BYTES + TAG_BYTES + KEY_BYTES)
      throw new KeyDamaged(owner, `is damaged (${place(owner)})`);
    let why: unknown;
    for (const by of wrappings) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', by, bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(owner))
          .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const key = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
        return { key, by };
      } catch (error) {
        why = error;
      }
    }
    throw new KeyDamaged(owner, `is damaged, or does not fit secrets.json (${place(owner)})`, { cause: why });
  }

  async function find(owner: string): Promise<Buffer | null> {
    const known = held.get(owner);
    if (known && known.until > monotonicMs()) return known.key;
    held.delete(owner);
    if (await isThere(tombstone(owner))) throw new KeyDestroyed(owner);
    const text = await readFile(place(owner), 'utf8').catch(absentIsNull);
    if (text === null) return null;
    const { key } = unwrap(owner, text);
    for (const oldest of held.keys()) if (held.size >= MOST_HELD) held.delete(oldest);
    held.set(owner, { key, until: monotonicMs() + HELD_MS });
    return key;
  }

  /** Takes the key's bytes off the disk, then its name. */
  async function wipe(owner: string): Promise<void> {
    held.delete(owner);
    const path = place(owner);
    const file = await open(path, 'r+').catch(absentIsNull);
    if (file === null) return;
    try {
      await file.write(randomBytes((await file.stat()).size), 0, undefined, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    await flushFolder(dirname(path));
  }

  return {
    find,
    async make(owner) {
      const before = await find(owner);
      if (before) return before;
      await appear(folder, place(owner), wrap(owner, randomBytes(KEY_BYTES)));
      // Destroyed meanwhile, by whoever looked before this one was there.
      if (await isThere(tombstone(owner))) await wipe(owner);
      // Of two that make it at once one was first.
      const made = await find(owner);
      if (made === null) throw new KeyDamaged(owner, 'went away while it was made');
      return made;
    },
    async destroy(owner) {
      if (!(await isThere(tombstone(owner))))
        await appear(folder, tombstone(owner), `${FORM} destroyed ${new Date().toISOString()}\n`);
      await wipe(owner);
    },
    async rewrap() {
      let wrapped = 0;
      for (const scope of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (!scope.isDirectory() || scope.name.startsWith('.')) continue;
        for (const name of await readdir(join(folder, scope.name))) {
          if (!name.endsWith('.key')) continue;
          const owner = `${scope.name}/${name.slice(0, -'.key'.length)}`;
          if (await isThere(tombstone(owner))) continue;
          const { key, by } = unwrap(owner, await readFile(place(owner), 'utf8'));
          if (by === wrapping) continue;
          await replaced(folder, place(owner), wrap(owner, key));
          wrapped += 1;
        }
      }
      return wrapped;
    },
    async sweep() {
      const incoming = join(folder, '.incoming');
      const left = ((await readdir(incoming).catch(absentIsNull)) ?? []).filter(isOfDeadWriter);
      for (const name of left) await rm(join(incoming, name), { force: true });
      return left.length;
    },
  };
}

const OWNER = /^[A-Za-z0-9][A-Za-z0-9._=-]{0,199}\/[A-Za-z0-9][A-Za-z0-9._=-]{0,189}$/;

function checkOwner(owner: string): string {
  if (!OWNER.test(owner)) throw new Error('not a valid owner of a key');
  return owner;
}

/** A file that is on the disk, whole, when this is done; one that is there already stays. */
const appear = (root: string, path: string, text: string): Promise<void> =>
  written(root, path, text, (temporary) =>
    link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
  );
/** The same in the place of one that is there. */
const replaced = (root: string, path: string, text: string): Promise<void> =>
  written(root, path, text, (temporary) => rename(temporary, path));

async function written(root: string, path: string, text: string, name: (temporary: string) => Promise<void>) {
  const incoming = join(root, '.incoming');
  const temporary = join(incoming, `${WRITER}${randomUUID()}`);
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx', 0o600);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    file = undefined;
    await name(temporary);
    for (const folder of [dirname(path), root, dirname(root)]) await flushFolder(folder);
  } finally {
    await file?.close().catch(() => {});
    await rm(temporary, { force: true });
  }
}

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(absentIsNull)) !== null;

async function flushFolder(folder: string): Promise<void> {
  // Windows opens no folders; there the entry is as durable as its file.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function absentIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
