import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ServiceRefused } from '../../service-refused.ts';
import {
  ChecksumDiffers,
  checkKey,
  ObjectExists,
  ObjectMissing,
  type ObjectStore,
  RangeOutside,
  type StoredObject,
  StoreFull,
} from '../object-store.ts';
import { isOfDeadWriter, WRITER } from '../writer.ts';
import { type S3Settings, s3Client, saysFull, statusOf } from './s3-client.ts';
import { inParts, singlePut, upload } from './s3-upload.ts';

/** Uploads in parts that are this old belong to nobody any more: no stream of ours takes longer. */
const STALE_MS = 24 * 3600_000;
/** Without a byte in between, a broken stream is opened again so many times. */
const READ_AGAIN = 4;

/** Connections are few: readers that take nothing for so long would hold them all, and nobody else came to an object. */
const LET_GO_MS = 3000;

export interface S3Store extends ObjectStore {
  /** Removes what writers that are gone left: uploads in parts older than a day, local copies. @returns how many */
  sweep(): Promise<number>;
  /** @throws ServiceRefused where the bucket cannot be used */
  check(): Promise<void>;
  close(): void;
}

/**
 * Objects in a bucket of an S3 server. An object appears under its key only where none is (a conditional put, decided by the server), its bytes proved by
 * checksums on the way. In a bucket that keeps versions a removal removes all of them, so that what is erased is gone.
 * @param copies folder for local copies (`localFile`)
 */
export function s3Store(
  settings: S3Settings,
  copies: string,
  client: S3Client = s3Client(settings),
  now: () => number = Date.now,
): S3Store {
  const Bucket = settings.bucket;
  const place = (key: string): string => settings.prefix + checkKey(key);
  const taken = (key: string): ObjectExists =>
    new ObjectExists(`there is another object under ${key}, or above or below it`);

  async function sizeOf(Key: string): Promise<number | null> {
    try {
      return (await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength ?? 0;
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  /** Whether a key above or below this one has an object: a folder of files could not hold both, and all stores refuse the same. */
  async function obstructed(key: string): Promise<boolean> {
    const parts = key.split('/');
    const above = parts.slice(1).map((_, i) => sizeOf(settings.prefix + parts.slice(0, i + 1).join('/')));
    const below = client.send(new ListObjectsV2Command({ Bucket, Prefix: `${settings.prefix}${key}/`, MaxKeys: 1 }));
    const [sizes, list] = await Promise.all([Promise.all(above), below]);
    return sizes.some((size) => size !== null) || (list.Contents?.length ?? 0) > 0;
  }

  async function put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    expected?: { sha256: string },
  ): Promise<StoredObject> {
    const Key = place(key);
    if (await obstructed(key)) throw taken(key);
    const hash = createHash('sha256');
    let bytes = 0;
    async function* counted(): AsyncIterable<Uint8Array> {
      for await (const part of body instanceof Uint8Array ? [body] : body) {
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    }
    let stored: StoredObject | undefined;
    const finish = (): void => {
      stored = { bytes, sha256: hash.digest('hex') };
      if (expected && expected.sha256 !== stored.sha256) throw new ChecksumDiffers(stored.sha256);
    };
    try {
      const target = { client, Bucket, Key, encryption: settings.encryption };
      const parts = inParts(counted())[Symbol.asyncIterator]();
      const first = await parts.next();
      const second = await parts.next();
      if (second.done) {
        finish();
        await singlePut(target, first.done ? Buffer.alloc(0) : first.value);
      } else await upload(target, [first.value, second.value], parts, finish);
      return stored!;
    } catch (error) {
      if (saysFull(error)) throw new StoreFull('the object store has no space left', { cause: error });
      // 412: it is there. 409: another is being put there, or (some servers) a key above or below is taken. 404: the answer of an end was lost, and the
      // upload that is asked for again is no more.
      const status = statusOf(error);
      if (![404, 409, 412].includes(status) || !stored) throw error;
      const size = await sizeOf(Key);
      if (size === null && status === 404) throw error;
      if (size !== stored.bytes || (await hashOf(key)) !== stored.sha256) throw taken(key);
      return stored;
    }
  }

  async function hashOf(key: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const part of read(key)) hash.update(part);
    return hash.digest('hex');
  }

  async function get(key: string, range: { first: number; last?: number } | null, ifMatch: string | null) {
    try {
      return await client.send(
        new GetObjectCommand({
          Bucket,
          Key: place(key),
          ...(range && { Range: `bytes=${range.first}-${range.last ?? ''}` }),
          ...(ifMatch && { IfMatch: ifMatch }),
        }),
      );
    } catch (error) {
      if (statusOf(error) === 404) throw new ObjectMissing(`no object under ${key}`, { cause: error });
      if (statusOf(error) === 416)
        throw new RangeOutside(`bytes ${range?.first}-${range?.last} are not inside ${key}`, { cause: error });
      throw error;
    }
  }

  /** A stream that breaks goes on where it was, of the same object; one whose reader takes nothing is let go, and asked for again. */
  async function* read(key: string, range?: { first: number; last: number }): AsyncIterable<Uint8Array> {
    place(key);
    if (range && !(isPlace(range.first) && isPlace(range.last) && range.first <= range.last)) {
      if ((await sizeOf(place(key))) === null) throw new ObjectMissing(`no object under ${key}`);
      throw new RangeOutside(`bytes ${range.first}-${range.last} are no range`);
    }
    let answer = await get(key, range ?? null, null);
    const end = endOf(answer, range);
    if (end === null) {
      (answer.Body as Readable).destroy();
      throw new RangeOutside(`bytes ${range?.first}-${range?.last} are not inside ${key}`);
    }
    const etag = answer.ETag ?? null;
    let next = range?.first ?? 0;
    for (let failures = 0; ; ) {
      const stream = answer.Body as Readable;
      try {
        for await (const part of stream as AsyncIterable<Uint8Array>) {
          next += part.length;
          failures = 0;
          const slow = setTimeout(() => stream.destroy(), settings.letGoMs ?? LET_GO_MS);
          try {
            yield part;
          } finally {
            clearTimeout(slow);
          }
        }
        if (next === end) return;
        throw new Error(`the object store ended the stream of ${key} early`);
      } catch (error) {
        // All that was to come is here; what ended the connection after it is no matter.
        if (next === end) return;
        if (++failures > READ_AGAIN || next > end) throw error;
        answer = await get(key, { first: next, last: end - 1 }, etag);
      } finally {
        stream.destroy();
      }
    }
  }

  /** Every version of an object, and every mark of its deletion; those of keys that it begins come after its own. */
  async function* versionsOf(Key: string): AsyncIterable<string | undefined> {
    let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key, ...from }));
      for (const one of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
        if (one.Key === Key) yield one.VersionId;
      if (!page.IsTruncated || page.NextKeyMarker !== Key) return;
      from = { KeyMarker: Key, ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }) };
    }
  }

  async function* unfinished(): AsyncIterable<MultipartUpload> {
    let from: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: settings.prefix, ...from }));
      yield* page.Uploads ?? [];
      if (!page.IsTruncated || !page.NextKeyMarker) return;
      from = {
        KeyMarker: page.NextKeyMarker,
        ...(page.NextUploadIdMarker && { UploadIdMarker: page.NextUploadIdMarker }),
      };
    }
  }

  async function remove(key: string): Promise<void> {
    const Key = place(key);
    const versions: (string | undefined)[] = [];
    for await (const version of versionsOf(Key)) versions.push(version);
    for (const VersionId of versions)
      await client.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId && { VersionId }) }));
  }

  return {
    put,
    async size(key) {
      return sizeOf(place(key));
    },
    read,
    async localFile(key) {
      place(key);
      await mkdir(copies, { recursive: true, mode: 0o700 });
      const path = join(copies, `${WRITER}${randomUUID()}`);
      try {
        await pipeline(read(key), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      return { path, release: () => rm(path, { force: true }) };
    },
    remove,
    async *list(prefix) {
      const folder = prefix.replace(/\/$/, '');
      const Prefix = folder === '' ? settings.prefix : `${place(folder)}/`;
      // A server that keeps folders as objects shows them with a "/" at the end: none of ours.
      for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix }))
        for (const { Key } of page.Contents ?? [])
          if (Key && !Key.endsWith('/')) yield Key.slice(settings.prefix.length);
    },
    async sweep() {
      let swept = 0;
      for await (const { Key, UploadId, Initiated } of unfinished()) {
        if (now() - (Initiated?.getTime() ?? now()) < STALE_MS) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key: Key!, UploadId: UploadId! }));
        swept++;
      }
      for (const name of await readdir(copies).catch(() => [])) {
        if (!isOfDeadWriter(name)) continue;
        await rm(join(copies, name), { force: true });
        swept++;
      }
      return swept;
    },
    async check() {
      try {
        await client.send(new HeadBucketCommand({ Bucket }));
      } catch (error) {
        const status = statusOf(error);
        const why =
          status === 404
            ? 'there is no such bucket: make it, with versions or without'
            : status === 403 || status === 401
              ? 'the access key may not use it (ISS_S3_ACCESS_KEY, ISS_S3_SECRET_KEY)'
              : status === 0
                ? `the server does not answer: ${(error as Error).message}`
                : `the server answers ${status}`;
        throw new ServiceRefused(`ISS_S3_BUCKET: ${Bucket} at ${settings.endpoint} cannot be used: ${why}`, {
          cause: error,
        });
      }
    },
    close: () => client.destroy(),
  };
}

const isPlace = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Place after the last byte that the answer holds; null where the range asked for reaches beyond the object. */
function endOf(answer: GetObjectCommandOutput, range?: { first: number; last: number }): number | null {
  if (!range) return answer.ContentLength ?? 0;
  const total = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? Number.NaN);
  return range.last < total ? range.last + 1 : null;
}
