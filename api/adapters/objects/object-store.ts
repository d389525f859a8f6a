/** Where bytes live. Keys are normalised paths; an object, once written, is never replaced by another. */
export interface ObjectStore {
  /**
   * Stores a stream under a key: it appears whole or not at all.
   * @param expected what the bytes have to be; nothing is kept of others
   * @returns its size and SHA-256 (hex), computed while writing
   * @throws ObjectExists if the key is taken by other bytes (the same bytes again are no error), or lies below or above another object's key;
   * ChecksumDiffers; StoreFull; InvalidKey; and what the stream throws
   */
  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, expected?: { sha256: string }): Promise<StoredObject>;
  /** Size in bytes, or null where there is no such object. */
  size(key: string): Promise<number | null>;
  /** Bytes first..last (inclusive, from 0), the whole without a range. @throws ObjectMissing, RangeOutside */
  read(key: string, range?: { first: number; last: number }): AsyncIterable<Uint8Array>;
  /** A local file with the object's bytes for programs that need one; call release when done. */
  localFile(key: string): Promise<{ path: string; release(): Promise<void> }>;
  /** Removes the object; no error if there is none. */
  remove(key: string): Promise<void>;
  /** Keys that begin with a prefix ending in "/" (all without one), in the order of their bytes. */
  list(prefix: string): AsyncIterable<string>;
}

export interface StoredObject {
  bytes: number;
  sha256: string;
}

export class ObjectMissing extends Error {
  override name = 'ObjectMissing';
}
export class ObjectExists extends Error {
  override name = 'ObjectExists';
}
export class RangeOutside extends Error {
  override name = 'RangeOutside';
}
export class InvalidKey extends Error {
  override name = 'InvalidKey';
}
/** No space left where objects are stored; nothing was kept of the object that did not fit. */
export class StoreFull extends Error {
  override name = 'StoreFull';
}
/** The bytes are not those that were expected; nothing was kept of them. */
export class ChecksumDiffers extends Error {
  override name = 'ChecksumDiffers';
  /** SHA-256 (hex) of what came. */
  readonly found: string;
  constructor(found: string) {
    super(`what came has SHA-256 ${found}`);
    this.found = found;
  }
}

const PART = /^[A-Za-z0-9][A-Za-z0-9._=-]*$/;

/** Keys are made by us, so a strange one is a bug or an attack: `..`, empty parts, leading dots and other alphabets are refused. @throws InvalidKey */
export function checkKey(key: string): string {
  if (key.length > 512 || !key.split('/').every((part) => PART.test(part) && part.length <= 200))
    throw new InvalidKey('not a valid object key');
  return key;
}

/** Whether an error of the file system says that there is no room: a full disk, a quota, a limit on the size of files. */
export const meansFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');

/** The whole object in memory; for small ones. */
export async function readWhole(
  store: ObjectStore,
  key: string,
  range?: { first: number; last: number },
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key, range)) parts.push(part);
  return Buffer.concat(parts);
}
