import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a backup begins with: form (16 bytes), salt (32), which key it was (16). */
const FORM = Buffer.from('ISS-BACKUP 1\n\0\0\0');
const SALT_BYTES = 32;
const ID_BYTES = 16;
const HEADER = FORM.length + SALT_BYTES + ID_BYTES;
const CHUNK = 1 << 20;
const TAG = 16;
export const BACKUP_KEY_BYTES = 32;

/** The backup cannot be used; the message says why, and what of it is known. */
export class BackupRefused extends Error {
  override name = 'BackupRefused';
}

const idOf = (key: Buffer, salt: Buffer): Buffer =>
  createHmac('sha256', key).update('iss: which key a backup has').update(salt).digest().subarray(0, ID_BYTES);
const sealingKey = (key: Buffer, salt: Buffer): Buffer => Buffer.from(hkdfSync('sha256', key, salt, 'iss: backup', 32));

/** Of a chunk: its number, and whether it is the last, so that none can be left out, moved or cut off. */
function nonce(number: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(number), 3);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

/**
 * Encrypts a stream with AES-256-GCM in chunks of a MiB (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), under a key made anew
 * for each backup. Holds two chunks in memory.
 * @param key 32 bytes
 */
export async function* encrypted(plain: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const header = Buffer.concat([FORM, salt, idOf(key, salt)]);
  const sealing = sealingKey(key, salt);
  let number = 0;
  const sealed = (chunk: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', sealing, nonce(number, last)).setAAD(header);
    number += 1;
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  };
  yield header;
  const waiting = new Chunks();
  for await (const part of plain) {
    waiting.add(part);
    // One byte is kept back: whether a chunk is the last is known only when something follows.
    while (waiting.length > CHUNK) yield sealed(waiting.take(CHUNK), false);
  }
  yield sealed(waiting.take(waiting.length), true);
}

/**
 * The clear bytes of what `encrypted` made, each chunk proved before it is given out.
 * @throws BackupRefused where it is none, has another key, is damaged or cut off
 */
export async function* decrypted(source: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Buffer> {
  const waiting = new Chunks();
  let opened: { header: Buffer; sealing: Buffer } | undefined;
  let number = 0;
  const open = (chunk: Buffer, last: boolean): Buffer | null => {
    const decipher = createDecipheriv('aes-256-gcm', opened!.sealing, nonce(number, last))
      .setAAD(opened!.header)
      .setAuthTag(chunk.subarray(chunk.length - TAG));
    try {
      const clear = Buffer.concat([decipher.update(chunk.subarray(0, chunk.length - TAG)), decipher.final()]);
      number += 1;
      return clear;
    } catch {
      return null;
    }
  };
  for await (const part of source) {
    waiting.add(part);
    if (opened === undefined && waiting.length >= HEADER) opened = openHeader(waiting.take(HEADER), key);
    while (opened && waiting.length > CHUNK + TAG) {
      const clear = open(waiting.take(CHUNK + TAG), false);
      if (clear === null)
        throw new BackupRefused(`the backup is damaged: its part ${number + 1} (a MiB each) is not what was written`);
      yield clear;
    }
  }
  if (opened === undefined) {
    const begin = waiting.take(waiting.length);
    if (begin.length === 0 || !FORM.subarray(0, begin.length).equals(begin.subarray(0, FORM.length)))
      throw new BackupRefused('this is no backup of this portal');
    throw new BackupRefused('the backup is cut off: not even its beginning is whole');
  }
  const rest = waiting.take(waiting.length);
  const clear = rest.length < TAG ? null : open(rest, true);
  if (clear === null)
    throw new BackupRefused(`the backup is cut off after ${number} MiB, or its last part is damaged: it has no end`);
  yield clear;
}

function openHeader(header: Buffer, key: Buffer): { header: Buffer; sealing: Buffer } {
  if (!header.subarray(0, FORM.length - 5).equals(FORM.subarray(0, FORM.length - 5)))
    throw new BackupRefused('this is no backup of this portal');
  if (!header.subarray(0, FORM.length).equals(FORM))
    throw new BackupRefused('the backup has a newer form: restore it with the version that made it');
  const salt = header.subarray(FORM.length, FORM.length + SALT_BYTES);
  if (!timingSafeEqual(header.subarray(FORM.length + SALT_BYTES), idOf(key, salt)))
    throw new BackupRefused('the backup was made with another key');
  return { header, sealing: sealingKey(key, salt) };
}

/** Bytes that wait, taken out in other portions than they came in. */
class Chunks {
  length = 0;
  #parts: Buffer[] = [];

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(Buffer.from(part.buffer, part.byteOffset, part.length));
    this.length += part.length;
  }

  take(bytes: number): Buffer {
    const taken: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      const first = this.#parts[0]!;
      if (first.length <= missing) {
        taken.push(first);
        this.#parts.shift();
        missing -= first.length;
      } else {
        taken.push(first.subarray(0, missing));
        this.#parts[0] = first.subarray(missing);
        missing = 0;
      }
    }
    this.length -= bytes;
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken, bytes);
  }
}
