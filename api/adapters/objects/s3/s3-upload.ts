import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type S3Settings, statusOf } from './s3-client.ts';

/** Servers take 10,000 parts of at least 5 MiB: parts grow with their number, so that 5 TiB fit and small objects need one request. */
const SMALLEST = 8 * 2 ** 20;
const LARGEST = 512 * 2 ** 20;
const GROW_EVERY = 500;

export interface UploadTarget {
  client: S3Client;
  Bucket: string;
  Key: string;
  encryption: S3Settings['encryption'];
}

/** Bytes of part `number` (from 0). 500 parts of 8 MiB, 500 of 16, and so on. */
export const partBytes = (number: number): number => Math.min(LARGEST, SMALLEST * 2 ** Math.floor(number / GROW_EVERY));

/**
 * Cuts a stream into the parts of an upload; the last may be shorter. Two buffers take turns, so that a part is good until the one after the next is
 * asked for: what is large leaves no garbage of its size.
 */
export async function* inParts(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const buffers = [Buffer.alloc(0), Buffer.alloc(0)];
  let number = 0;
  let size = 0;
  for await (const piece of body)
    for (let taken = 0; taken < piece.length; ) {
      const count = Math.min(piece.length - taken, partBytes(number) - size);
      const buffer = roomFor(buffers[number % 2]!, size, size + count, partBytes(number));
      buffers[number % 2] = buffer;
      buffer.set(piece.subarray(taken, taken + count), size);
      size += count;
      taken += count;
      if (size < partBytes(number)) continue;
      yield buffer.subarray(0, size);
      number++;
      size = 0;
    }
  if (size > 0) yield buffers[number % 2]!.subarray(0, size);
}

/** The buffer itself, or a larger one with its first `used` bytes: doubled, so that small objects take little. */
function roomFor(buffer: Buffer<ArrayBuffer>, used: number, needed: number, most: number): Buffer<ArrayBuffer> {
  if (buffer.length >= needed) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(needed, buffer.length * 2, 65_536)));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

/** 409: another put to the same key is under way. It may fail yet, so that the server asks to try again a little later. */
const CONFLICTS = 6;
async function undisputed<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (let conflicts = 0; ; ) {
    try {
      return await send();
    } catch (error) {
      if (statusOf(error) !== 409 || ++conflicts > CONFLICTS) throw error;
      await new Promise((wake) => setTimeout(wake, 50 * 2 ** conflicts));
    }
  }
}

const checksum = (part: Uint8Array): string => createHash('sha256').update(part).digest('base64');

const encrypted = (encryption: UploadTarget['encryption']) =>
  encryption && {
    ServerSideEncryption: encryption.kind,
    ...(encryption.kind === 'aws:kms' && encryption.key && { SSEKMSKeyId: encryption.key }),
  };

/** One request: for what fits into a part. @throws the server's 412 where the key is taken */
export async function singlePut({ client, Bucket, Key, encryption }: UploadTarget, body: Uint8Array): Promise<void> {
  const input = {
    ...{ Bucket, Key, IfNoneMatch: '*', ChecksumSHA256: checksum(body) },
    ...{ Body: body, ContentLength: body.length },
    ...encrypted(encryption),
  };
  await undisputed(() => client.send(new PutObjectCommand(input)));
}

/**
 * In parts, each with its checksum; nothing is to be seen until the last request, which the server takes only where the key is free.
 * The SDK's own upload helper is not used: the whole's hash has to be known, and may say no, before the upload is completed. What fails is aborted.
 * @param finish called when all bytes have passed; what it throws ends the upload
 */
export async function upload(
  { client, Bucket, Key, encryption }: UploadTarget,
  begun: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  finish: () => void,
): Promise<void> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256', ...encrypted(encryption) }),
  );
  const Parts: CompletedPart[] = [];
  const send = async (Body: Uint8Array): Promise<void> => {
    const PartNumber = Parts.length + 1;
    const ChecksumSHA256 = checksum(Body);
    const sent = await client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ContentLength: Body.length, ChecksumSHA256 }),
    );
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256 });
  };
  try {
    for (const part of begun) await send(part);
    for (let next = await rest.next(); !next.done; next = await rest.next()) await send(next.value);
    finish();
    const input = { Bucket, Key, UploadId, IfNoneMatch: '*', MultipartUpload: { Parts } };
    await undisputed(() => client.send(new CompleteMultipartUploadCommand(input)));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {});
    throw error;
  }
}
