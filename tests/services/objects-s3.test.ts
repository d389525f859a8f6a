import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole, StoreFull } from '../../api/adapters/objects/object-store.ts';
import { s3Client } from '../../api/adapters/objects/s3/s3-client.ts';
import { type S3Store, s3Store } from '../../api/adapters/objects/s3/s3-store.ts';
import { objectStoreContract, type StoreUnderTest } from '../contracts/objects-contract.ts';
import { absent, removeFolder, temporaryFolder } from './support/service.ts';
import { type S3Server, startS3 } from './support/versitygw.ts';

async function underTest(versioned: boolean, prefix: string): Promise<StoreUnderTest> {
  const server = await startS3({ versioned });
  const copies = await temporaryFolder('copies');
  const client = s3Client(server.settings);
  const store = s3Store({ ...server.settings, prefix }, copies, client);
  return {
    store,
    async leftovers() {
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: server.settings.bucket }));
      return Uploads?.length ?? 0;
    },
    async stop() {
      store.close();
      await server.stop();
      await removeFolder(copies);
    },
  };
}

describe.skipIf(absent('versitygw'))('an S3 server', () => {
  objectStoreContract('a bucket', () => underTest(false, ''));
  objectStoreContract('a bucket with versions, below a prefix,', () => underTest(true, 'portal/'));

  describe('a bucket with versions', () => {
    let server: S3Server;
    let copies: string;
    let store: S3Store;
    beforeAll(async () => {
      server = await startS3({ versioned: true });
      copies = await temporaryFolder('copies');
      store = s3Store(server.settings, copies);
    });
    afterAll(async () => {
      store.close();
      await server.stop();
      await removeFolder(copies);
    });

    it('keeps no version of what was removed, nor the mark of its end, and leaves the neighbours', async () => {
      const client = s3Client(server.settings);
      const Bucket = server.settings.bucket;
      await store.put('erased/one', Buffer.from('patient'));
      await store.put('erased/one-more', Buffer.from('another'));
      for (const text of ['second', 'third'])
        await client.send(new PutObjectCommand({ Bucket, Key: 'erased/one', Body: text }));
      const versions = async () => {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'erased/' }));
        return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map((one) => one.Key);
      };
      expect((await versions()).filter((key) => key === 'erased/one')).toHaveLength(3);
      await store.remove('erased/one');
      expect(await versions()).toEqual(['erased/one-more']);
      client.destroy();
    });
  });

  describe('a bucket whose server fails', () => {
    let server: S3Server;
    let copies: string;
    let store: S3Store;
    beforeAll(async () => {
      server = await startS3();
      copies = await temporaryFolder('copies');
      store = s3Store({ ...server.settings, attempts: 3, silentMs: 2000 }, copies);
    });
    afterAll(async () => {
      store.close();
      await server.stop();
      await removeFolder(copies);
    });

    it('goes on reading where it was after the server was killed and came back', async () => {
      const body = randomBytes(24 * 2 ** 20);
      await store.put('read/on', body);
      const got: Uint8Array[] = [];
      let bytes = 0;
      let killed = false;
      for await (const part of store.read('read/on', { first: 5, last: body.length - 2 })) {
        got.push(part);
        bytes += part.length;
        if (killed || bytes < 2 ** 20) continue;
        killed = true;
        await server.restart();
      }
      expect(Buffer.concat(got).equals(body.subarray(5, -1))).toBe(true);
    });

    it('shows nothing of an upload during which the server was killed, and takes it the next time', async () => {
      const part = randomBytes(2 ** 20);
      async function* body(kill: boolean) {
        for (let i = 0; i < 20; i++) {
          if (kill && i === 18) await server.kill();
          yield part;
        }
      }
      await expect(store.put('killed/put', body(true))).rejects.toThrow();
      await server.restart();
      expect(await store.size('killed/put')).toBeNull();
      expect((await store.put('killed/put', body(false))).bytes).toBe(20 * 2 ** 20);
    });

    it('says soon that it is away, and is there again when it is', async () => {
      await server.kill();
      const began = performance.now();
      await expect(store.size('any/key')).rejects.toThrow();
      await expect(store.check()).rejects.toThrow(
        /ISS_S3_BUCKET: iss at .* cannot be used: the server does not answer/,
      );
      expect(performance.now() - began).toBeLessThan(10_000);
      await server.restart();
      expect(await store.size('any/key')).toBeNull();
      await store.check();
    });

    it('keeps no connection for readers that take nothing, and loses nothing to them', async () => {
      const of = s3Store({ ...server.settings, letGoMs: 50 }, copies);
      const body = randomBytes(2 ** 23);
      await of.put('slow/readers', body);
      // More than there are connections.
      const readers = Array.from({ length: 80 }, () => of.read('slow/readers')[Symbol.asyncIterator]());
      const begun = await Promise.all(readers.map((reader) => reader.next()));
      expect(await of.size('slow/readers')).toBe(body.length);
      for (const [i, reader] of readers.slice(0, 3).entries()) {
        const parts = [begun[i]!.value as Uint8Array];
        for (let part = await reader.next(); !part.done; part = await reader.next()) parts.push(part.value);
        expect(Buffer.concat(parts).equals(body)).toBe(true);
      }
      for (const reader of readers) await reader.return?.();
      of.close();
    });

    it('gives up on a server that takes the request and says nothing', async () => {
      const silent = createServer(() => {});
      await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
      const { port } = silent.address() as AddressInfo;
      const of = s3Store(
        { ...server.settings, endpoint: `http://127.0.0.1:${port}`, attempts: 2, silentMs: 300 },
        copies,
      );
      await expect(of.size('any/key')).rejects.toThrow();
      of.close();
      silent.closeAllConnections();
      silent.close();
    });

    it('tells a wrong key, a bucket that is not there, and a full one', async () => {
      const wrong = s3Store({ ...server.settings, secretKey: 'other' }, copies);
      await expect(wrong.check()).rejects.toThrow('the access key may not use it');
      const none = s3Store({ ...server.settings, bucket: 'none' }, copies);
      await expect(none.check()).rejects.toThrow('there is no such bucket');
      const full = createServer((request, response) => {
        request.resume();
        const code = request.method === 'PUT' ? 507 : request.url?.includes('list-type') ? 200 : 404;
        response.writeHead(code, { 'content-type': 'application/xml' });
        response.end(code === 200 ? '<ListBucketResult></ListBucketResult>' : '');
      });
      await new Promise<void>((done) => full.listen(0, '127.0.0.1', done));
      const { port } = full.address() as AddressInfo;
      const of = s3Store({ ...server.settings, endpoint: `http://127.0.0.1:${port}`, attempts: 1 }, copies);
      await expect(of.put('any/key', Buffer.from('x'))).rejects.toThrow(StoreFull);
      for (const one of [wrong, none, of]) one.close();
      full.closeAllConnections();
      full.close();
    });

    it('lists more than a page', async () => {
      const keys = Array.from({ length: 1203 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
      const client = s3Client(server.settings);
      const { bucket: Bucket } = server.settings;
      for (let i = 0; i < keys.length; i += 40)
        await Promise.all(
          keys.slice(i, i + 40).map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))),
        );
      client.destroy();
      const listed: string[] = [];
      for await (const key of store.list('many/')) listed.push(key);
      expect(listed).toEqual(keys);
    });

    it('aborts uploads that nobody ends, once they are a day old, and no others; and copies of the dead', async () => {
      const client = s3Client(server.settings);
      const { bucket: Bucket } = server.settings;
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'left/over' }));
      const before = (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
      expect(before).toBeGreaterThan(0);
      expect(await store.sweep()).toBe(0);
      const tomorrow = s3Store(server.settings, copies, client, () => Date.now() + 25 * 3600_000);
      expect(await tomorrow.sweep()).toBe(before);
      expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
      client.destroy();
    });

    it('gives local copies that are gone when released', async () => {
      await store.put('local/copy', Buffer.from('bytes'));
      const local = await store.localFile('local/copy');
      expect((await stat(local.path)).mode & 0o777).toBe(0o600);
      expect((await readWhole(store, 'local/copy')).toString()).toBe(await readFile(local.path, 'utf8'));
      await local.release();
      expect(await readdir(copies)).toEqual([]);
    });
  });
});
