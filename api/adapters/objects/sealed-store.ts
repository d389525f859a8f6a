import { type Cipher, createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KeyDamaged, KeyMissing, type SealKeys } from '../keys/seal-keys.ts';
import {
  ChecksumDiffers,
  checkKey,
  InvalidKey,
  ObjectExists,
  ObjectMissing,
  type ObjectStore,
  RangeOutside,
  type StoredObject,
} from './object-store.ts';
import { WRITER } from './writer.ts';

/** Objects below this are sealed: `sealed/<scope>/<name>/…` under the key of `<scope>/<name>`. All others are stored as they are. */
const SEALED = 'sealed/';
/** Where everything of an owner lies: of a patient `iss/P001`, of an export `EXPORT/<id>`. */
export const sealedPlace = (owner: string): string => `${SEALED}${owner}/`;

/** What a sealed object begins with: form (8 bytes), which key (8), salt (16). */
const HEADER = 32;
const FORM = Buffer.from('ISSSEAL\u0001');
const MOST_KNOWN = 4096;

/**
 * Any store, with objects that belong to somebody encrypted under that owner's key: when the key is destroyed, they are gone, in every backup too.
 * AES-256-CTR (NIST SP 800-38A) under HMAC-SHA-256(owner's key, salt and object key), the salt fresh for each object: no keystream serves two contents,
 * and a range is read by starting the counter at its block. Whether the bytes are the right ones is for their SHA-256 to say, as in any store.
 * @param workFolder where objects lie in clear while a program reads them as a file
 */
export function sealedStore(inner: ObjectStore, keys: SealKeys, workFolder: string): ObjectStore {
  /** Salts of objects that were read by ranges. A key of an object is never used again by another process, see `docs/decisions/erasure.md`. */
  const known = new Map<string, { head: Buffer; size: number }>();

  async function keyToWrite(owner: string): Promise<Buffer> {
    const key = await keys.find(owner);
    if (key) return key;
    // Where it was lost, a new one would be the end of what the lost one sealed.
    for await (const _ of inner.list(sealedPlace(owner))) {
      const made = await keys.find(owner);
      if (made) return made;
      throw new KeyMissing(owner);
    }
    return keys.make(owner);
  }

  async function decipher(key: string, owner: string, head: Buffer, first: number): Promise<Cipher> {
    const sealing = await keys.find(owner);
    if (!sealing) throw new KeyMissing(owner);
    if (head.length !== HEADER || !head.subarray(0, 8).equals(FORM))
      throw new Error(`${key} is not what was stored: it does not begin as a sealed object`);
    if (!head.subarray(8, 16).equals(idOf(sealing)))
      throw new KeyDamaged(owner, `is not the one that ${key} was sealed with`);
    return cipherAt(sealing, head.subarray(16), key, first);
  }

  async function headOf(key: string): Promise<{ head: Buffer; size: number }> {
    const found = known.get(key);
    if (found) return found;
    const size = await sizeOf(key);
    if (size === null) throw new ObjectMissing(`no object under ${key}`);
    const head = await joined(inner.read(key, { first: 0, last: HEADER - 1 }));
    for (const oldest of known.keys()) if (known.size >= MOST_KNOWN) known.delete(oldest);
    known.set(key, { head, size });
    return { head, size };
  }

  async function sizeOf(key: string): Promise<number | null> {
    const size = await inner.size(key);
    if (size !== null && size < HEADER) throw new Error(`${key} is not what was stored: it is too short`);
    return size === null ? null : size - HEADER;
  }

  async function put(
    key: string,
    owner: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    expected?: { sha256: string },
  ): Promise<StoredObject> {
    const sealing = await keyToWrite(owner);
    const salt = randomBytes(16);
    const cipher = cipherAt(sealing, salt, key, 0);
    const hash = createHash('sha256');
    let bytes = 0;
    let sha256 = '';
    async function* sealed(): AsyncGenerator<Uint8Array> {
      yield Buffer.concat([FORM, idOf(sealing), salt]);
      for await (const part of body instanceof Uint8Array ? [body] : body) {
        hash.update(part);
        bytes += part.length;
        yield cipher.update(part);
      }
      sha256 = hash.digest('hex');
      if (expected && expected.sha256 !== sha256) throw new ChecksumDiffers(sha256);
    }
    const parts = sealed();
    try {
      await inner.put(key, parts);
    } catch (error) {
      if (!(error instanceof ObjectExists) || (await inner.size(key)) === null) throw error;
      // Another salt makes other bytes of the same content, which is no error.
      for await (const _ of parts);
      const there = createHash('sha256');
      for await (const part of read(key, owner)) there.update(part);
      if (there.digest('hex') !== sha256) throw error;
    }
    return { bytes, sha256 };
  }

  async function* read(
    key: string,
    owner: string,
    range?: { first: number; last: number },
  ): AsyncGenerator<Uint8Array> {
    if (range) {
      const { first, last } = range;
      const { head, size } = await headOf(key);
      if (!(isPlace(first) && isPlace(last) && first <= last && last < size))
        throw new RangeOutside(`bytes ${first}-${last} are not inside the ${size} bytes of ${key}`);
      const cipher = await decipher(key, owner, head, first);
      for await (const part of inner.read(key, { first: first + HEADER, last: last + HEADER }))
        yield cipher.update(part);
      return;
    }
    let head: Buffer = Buffer.alloc(0);
    let cipher: Cipher | null = null;
    for await (const part of inner.read(key)) {
      if (cipher) {
        yield cipher.update(part);
        continue;
      }
      const begun = Buffer.concat([head, part.subarray(0, HEADER - head.length)]);
      const rest = part.subarray(begun.length - head.length);
      head = begun;
      if (head.length < HEADER) continue;
      cipher = await decipher(key, owner, head, 0);
      if (rest.length > 0) yield cipher.update(rest);
    }
    if (!cipher) throw new Error(`${key} is not what was stored: it is too short`);
  }

  return {
    async put(key, body, expected) {
      const owner = ownerOf(key);
      return owner === null ? inner.put(key, body, expected) : put(key, owner, body, expected);
    },
    async size(key) {
      return ownerOf(key) === null ? inner.size(key) : sizeOf(key);
    },
    async *read(key, range) {
      const owner = ownerOf(key);
      yield* owner === null ? inner.read(key, range) : read(key, owner, range);
    },
    async localFile(key) {
      const owner = ownerOf(key);
      if (owner === null) return inner.localFile(key);
      await mkdir(workFolder, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(join(workFolder, WRITER));
      const release = () => rm(folder, { recursive: true, force: true });
      try {
        const path = join(folder, 'file');
        await pipeline(read(key, owner), createWriteStream(path, { mode: 0o600 }));
        return { path, release };
      } catch (error) {
        await release();
        throw error;
      }
    },
    async remove(key) {
      known.delete(key);
      await inner.remove(key);
    },
    list: (prefix) => inner.list(prefix),
  };
}

/** Whose key seals the object; null for one that is stored as it is. @throws InvalidKey for a sealed one that belongs to nobody */
function ownerOf(key: string): string | null {
  checkKey(key);
  if (!key.startsWith(SEALED)) return null;
  const [, scope, name, rest] = key.split('/');
  if (rest === undefined) throw new InvalidKey('a sealed object belongs to somebody');
  return `${scope}/${name}`;
}

/** Says which key it is without telling anything of it. */
const idOf = (sealing: Buffer): Buffer =>
  createHmac('sha256', sealing).update('which key').digest().subarray(0, FORM.length);

/** The keystream of an object from a byte on; what it enciphers it deciphers. */
function cipherAt(sealing: Buffer, salt: Buffer, key: string, first: number): Cipher {
  const own = createHmac('sha256', sealing).update(salt).update(key).digest();
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(Math.floor(first / 16)), 8);
  const cipher = createCipheriv('aes-256-ctr', own, counter);
  if (first % 16 > 0) cipher.update(Buffer.alloc(first % 16));
  return cipher;
}

const isPlace = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

async function joined(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}
