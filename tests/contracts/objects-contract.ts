import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChecksumDiffers,
  InvalidKey,
  ObjectExists,
  ObjectMissing,
  type ObjectStore,
  RangeOutside,
  readWhole,
} from '../../api/adapters/objects/object-store.ts';

/** What an implementation brings to be tested: itself, empty, and a way to see that it keeps nothing beside its objects. */
export interface StoreUnderTest {
  store: ObjectStore;
  /** How many half-written things it holds. */
  leftovers(): Promise<number>;
  stop(): Promise<void>;
}

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytes = (text: string) => Buffer.from(text);

async function* parts(...all: Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const part of all) yield part;
}
async function* brokenAfter(part: Uint8Array): AsyncIterable<Uint8Array> {
  yield part;
  throw new Error('the sender went away');
}
async function all(keys: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const key of keys) found.push(key);
  return found;
}

const HOSTILE = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  './a',
  'a/.hidden',
  '.incoming/x',
  'a\\b',
  'a b',
  'a\0b',
  'a\nb',
  'ä',
  'a/%2e%2e/b',
  'a?b',
  '~/a',
  'a:b',
  '-a',
  'x'.repeat(201),
  Array(200).fill('abc').join('/'),
];

/** What must hold of every ObjectStore. */
export function objectStoreContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an object store`, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    beforeAll(async () => {
      under = await start();
      store = under.store;
    });
    afterAll(() => under.stop());

    it('gives back what was put, with its size and SHA-256', async () => {
      const stored = await store.put('give/back', parts(bytes('one '), bytes('two')));
      expect(stored).toEqual({ bytes: 7, sha256: sha256(bytes('one two')) });
      expect(await store.size('give/back')).toBe(7);
      expect(await readWhole(store, 'give/back')).toEqual(bytes('one two'));
    });

    it('holds empty objects', async () => {
      expect(await store.put('empty/object', parts())).toEqual({ bytes: 0, sha256: sha256(bytes('')) });
      expect(await store.size('empty/object')).toBe(0);
      expect(await readWhole(store, 'empty/object')).toEqual(Buffer.alloc(0));
      await expect(readWhole(store, 'empty/object', { first: 0, last: 0 })).rejects.toThrow(RangeOutside);
    });

    it('never replaces an object by other bytes, and takes the same bytes again', async () => {
      await store.put('once/only', bytes('first'));
      await expect(store.put('once/only', bytes('other'))).rejects.toThrow(ObjectExists);
      await expect(store.put('once/only', bytes('firs'))).rejects.toThrow(ObjectExists);
      expect((await store.put('once/only', bytes('first'))).bytes).toBe(5);
      expect(await readWhole(store, 'once/only')).toEqual(bytes('first'));
      expect(await under.leftovers()).toBe(0);
    });

    it('lets one of several writers win, whole', async () => {
      const all = Array.from({ length: 8 }, (_, i) => Buffer.alloc(100_000, i));
      const ends = await Promise.allSettled(all.map((body) => store.put('race/one', parts(body))));
      expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(ObjectExists);
      const won = ends.findIndex((end) => end.status === 'fulfilled');
      expect((await readWhole(store, 'race/one')).equals(all[won]!)).toBe(true);
    });

    it('keeps nothing of a stream that breaks half-way', async () => {
      await expect(store.put('half/way', brokenAfter(Buffer.alloc(3 * MIB)))).rejects.toThrow('the sender went away');
      expect(await store.size('half/way')).toBeNull();
      expect(await all(store.list('half/'))).toEqual([]);
      expect(await under.leftovers()).toBe(0);
    });

    it('is not seen while it is being written', async () => {
      let seen: number | null | undefined;
      async function* looking() {
        yield bytes('one');
        seen = await store.size('unseen/yet');
        yield bytes('two');
      }
      await store.put('unseen/yet', looking());
      expect(seen).toBeNull();
      expect(await store.size('unseen/yet')).toBe(6);
    });

    it('keeps only the bytes that were expected', async () => {
      const wrong = store.put('expected/bytes', bytes('these'), { sha256: sha256(bytes('those')) });
      await expect(wrong).rejects.toThrow(ChecksumDiffers);
      await expect(wrong).rejects.toMatchObject({ found: sha256(bytes('these')) });
      expect(await store.size('expected/bytes')).toBeNull();
      await store.put('expected/bytes', bytes('those'), { sha256: sha256(bytes('those')) });
      expect(await store.size('expected/bytes')).toBe(5);
    });

    it('gives exactly the bytes of a range, and refuses one that is not inside', async () => {
      const body = randomBytes(3 * MIB + 17);
      await store.put('range/of', body);
      await fc.assert(
        fc.asyncProperty(fc.nat(body.length - 1), fc.nat(body.length - 1), async (a, b) => {
          const [first, last] = a < b ? [a, b] : [b, a];
          const got = await readWhole(store, 'range/of', { first, last });
          expect(got.equals(body.subarray(first, last + 1))).toBe(true);
        }),
        { numRuns: 25 },
      );
      const outside: [number, number][] = [
        [-1, 4],
        [5, 4],
        [0, body.length],
        [body.length, body.length],
        [Number.NaN, 4],
        [0, Number.NaN],
        [0.5, 4],
        [0, Number.POSITIVE_INFINITY],
      ];
      for (const [first, last] of outside)
        await expect(readWhole(store, 'range/of', { first, last }), `${first}-${last}`).rejects.toThrow(RangeOutside);
    });

    it('says that an object is missing', async () => {
      expect(await store.size('not/there')).toBeNull();
      await expect(readWhole(store, 'not/there')).rejects.toThrow(ObjectMissing);
      await expect(readWhole(store, 'not/there', { first: 0, last: 0 })).rejects.toThrow(ObjectMissing);
      await expect(store.localFile('not/there')).rejects.toThrow(ObjectMissing);
      await expect(store.remove('not/there')).resolves.toBeUndefined();
    });

    it('knows a key from the ones below it', async () => {
      await store.put('above/below/key', bytes('x'));
      expect(await store.size('above/below')).toBeNull();
      await expect(readWhole(store, 'above/below')).rejects.toThrow(ObjectMissing);
      await expect(store.localFile('above/below')).rejects.toThrow(ObjectMissing);
      await expect(store.put('above/below', bytes('y'))).rejects.toThrow(ObjectExists);
      await expect(store.put('above/below/key/deeper', bytes('z'))).rejects.toThrow(ObjectExists);
      await store.remove('above/below');
      expect(await readWhole(store, 'above/below/key')).toEqual(bytes('x'));
      expect(await under.leftovers()).toBe(0);
    });

    it('removes an object, whose key is free again', async () => {
      await store.put('to/remove', bytes('old'));
      await store.remove('to/remove');
      expect(await store.size('to/remove')).toBeNull();
      await store.put('to/remove', bytes('new'));
      expect(await readWhole(store, 'to/remove')).toEqual(bytes('new'));
    });

    it('gives a local file with the bytes', async () => {
      await store.put('local/file', bytes('as a file'));
      const { readFile } = await import('node:fs/promises');
      const local = await store.localFile('local/file');
      expect(await readFile(local.path, 'utf8')).toBe('as a file');
      await local.release();
    });

    it('lists the keys below a prefix in the order of their bytes, and no others', async () => {
      const keys = ['l/a1', 'l/a/c', 'l/a-b/c', 'l/a.b', 'l/ab/b', 'l/aa', 'l/B/x', 'l/a0/z', 'l/z=1', 'lx/a'];
      for (const key of keys) await store.put(key, bytes(key));
      const below = keys.filter((key) => key.startsWith('l/')).sort();
      expect(await all(store.list('l/'))).toEqual(below);
      expect(await all(store.list('l/a-b/'))).toEqual(['l/a-b/c']);
      expect(await all(store.list('nothing/'))).toEqual([]);
      const everything = await all(store.list(''));
      expect(everything).toEqual([...everything].sort());
      expect(everything).toEqual(expect.arrayContaining(keys));
    });

    it.each(HOSTILE)('refuses the key %j everywhere', async (key) => {
      await expect(store.put(key, bytes('x'))).rejects.toThrow(InvalidKey);
      await expect((async () => store.size(key))()).rejects.toThrow(InvalidKey);
      await expect(readWhole(store, key)).rejects.toThrow(InvalidKey);
      await expect(store.localFile(key)).rejects.toThrow(InvalidKey);
      await expect(store.remove(key)).rejects.toThrow(InvalidKey);
    });

    it('streams 50 MB in and out in bounded memory', async () => {
      const part = randomBytes(MIB);
      async function* large() {
        for (let i = 0; i < 50; i++) yield part;
      }
      const before = process.memoryUsage();
      let most = 0;
      // What is held, not what waits to be collected: newer versions of Node collect later.
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const held = () => {
        collect();
        return process.memoryUsage().external + process.memoryUsage().heapUsed;
      };
      const base = before.external + before.heapUsed;
      const stored = await store.put('large/one', large());
      expect(stored.bytes).toBe(50 * MIB);
      let read = 0;
      for await (const piece of store.read('large/one')) {
        if (Math.floor(read / (4 * MIB)) < Math.floor((read + piece.length) / (4 * MIB)))
          most = Math.max(most, held() - base);
        read += piece.length;
      }
      expect(read).toBe(50 * MIB);
      expect(most).toBeLessThan(40 * MIB);
    });

    it('ends its reading when the reader stops early', async () => {
      for await (const piece of store.read('large/one')) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      await store.remove('large/one');
      expect(await store.size('large/one')).toBeNull();
    });
  });
}
