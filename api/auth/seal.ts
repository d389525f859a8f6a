import { createCipheriv, createDecipheriv } from 'node:crypto';

export interface Sealer {
  /** @param context what the text belongs to; it opens in no other context */
  seal(text: string, context: string): string;
  /** undefined for anything that was not sealed with this key in this context */
  open(sealed: string, context: string): string | undefined;
}

/**
 * Texts sealed with AES-256-GCM (NIST SP 800-38D), a random 96-bit IV each: `v1.iv.tag.ciphertext` in base64url.
 * @param key 32 bytes
 * @throws RangeError when the key has another length
 */
export function createSealer(key: Buffer, random: (bytes: number) => Buffer): Sealer {
  if (key.length !== 32) throw new RangeError(`a sealing key has 32 bytes, not ${key.length}`);
  return {
    seal(text, context) {
      const iv = random(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return ['v1', ...[iv, cipher.getAuthTag(), data].map((part) => part.toString('base64url'))].join('.');
    },
    open(sealed, context) {
      const [version, ...parts] = sealed.split('.');
      const [iv, tag, data] = parts.map((part) => Buffer.from(part, 'base64url'));
      if (version !== 'v1' || parts.length !== 3 || iv?.length !== 12 || tag?.length !== 16 || !data) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context)).setAuthTag(tag);
        return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
