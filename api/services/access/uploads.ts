import { createHash } from 'node:crypto';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { readWhole } from '../../adapters/objects/object-store.ts';

export const UPLOAD_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export type UploadType = (typeof UPLOAD_TYPES)[number];

/**
 * What a file is, from its first and last bytes; its name and the sender's word count for nothing.
 * @returns null for anything but PDF, PNG and JPEG, and for one that is cut off
 */
export function sniffUpload(bytes: Uint8Array): UploadType | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = file.subarray(0, 1024).toString('latin1');
  const tail = file.subarray(-2048).toString('latin1');
  if (head.startsWith('%PDF-1.') || head.startsWith('%PDF-2.'))
    return tail.includes('%%EOF') ? 'application/pdf' : null;
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return tail.includes('IEND\xaeB`\x82') ? 'image/png' : null;
  if (head.startsWith('\xff\xd8\xff')) return tail.includes('\xff\xd9') ? 'image/jpeg' : null;
  return null;
}

export type UploadResult =
  | { ok: true; sha256: string; bytes: number; contentType: UploadType }
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
    ): Promise<{ key: string; bytes: number; contentType: UploadType } | null> {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
      const key = uploadKey(accountId, sha256);
      const bytes = await objects.size(key);
      if (bytes === null) return null;
      return { key, bytes, contentType: sniffUpload(await readWhole(objects, key))! };
    },
  };
}

export type UploadService = ReturnType<typeof uploadService>;
