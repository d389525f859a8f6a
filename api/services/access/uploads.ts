import { createHash } from 'node:crypto';
import { type CertificateFileType, certificateFileType } from '../../../governance/certificate-file.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { readWhole } from '../../adapters/objects/object-store.ts';

/** What a file that was not cut off has near its end. */
const ENDINGS: Readonly<Record<CertificateFileType, string>> = {
  'application/pdf': '%%EOF',
  'image/png': 'IEND',
  'image/jpeg': '\xff\xd9',
};

/**
 * What a file is, from its first and last bytes; its name and the sender's word count for nothing.
 * @returns null for anything but PDF, PNG and JPEG, and for one that is cut off
 */
export function sniffUpload(bytes: Uint8Array): CertificateFileType | null {
  const type = certificateFileType(bytes);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-2048).toString('latin1');
  return type !== null && tail.includes(ENDINGS[type]) ? type : null;
}

export type UploadResult =
  | { ok: true; sha256: string; bytes: number; contentType: CertificateFileType }
  | { ok: false; code: 'TOO_LARGE' | 'EMPTY' | 'TYPE_NOT_ACCEPTED'; message: string };

export const uploadKey = (accountId: string, sha256: string): string => `uploads/${accountId}/${sha256}`;

/** Takes a person's file: at most so many bytes, of an accepted type, kept under its own hash. */
export function uploadService(deps: { objects: ObjectStore; ids: Ids; clock: Clock; maxBytes: number }) {
  const { objects } = deps;
  return {
    async receive(accountId: string, body: AsyncIterable<Uint8Array>): Promise<UploadResult> {
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of body) {
        bytes += part.length;
        if (bytes > deps.maxBytes)
          return { ok: false, code: 'TOO_LARGE', message: `A file has at most ${deps.maxBytes} bytes.` };
        parts.push(part);
      }
      if (bytes === 0) return { ok: false, code: 'EMPTY', message: 'The file is empty.' };
      const file = Buffer.concat(parts);
      const contentType = sniffUpload(file);
      if (!contentType)
        return { ok: false, code: 'TYPE_NOT_ACCEPTED', message: 'The file is no complete PDF, PNG or JPEG.' };
      const sha256 = createHash('sha256').update(file).digest('hex');
      await objects.put(uploadKey(accountId, sha256), file);
      return { ok: true, sha256, bytes, contentType };
    },

    /** A file that the person sent before, or null. */
    async find(
      accountId: string,
      sha256: string,
    ): Promise<{ key: string; bytes: number; contentType: CertificateFileType } | null> {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
      const key = uploadKey(accountId, sha256);
      const bytes = await objects.size(key);
      if (bytes === null) return null;
      return { key, bytes, contentType: sniffUpload(await readWhole(objects, key))! };
    },
  };
}

export type UploadService = ReturnType<typeof uploadService>;
