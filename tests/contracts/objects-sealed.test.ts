import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileKeys } from '../../api/adapters/keys/file-keys.ts';
import { KeyDamaged, KeyDestroyed, KeyMissing } from '../../api/adapters/keys/seal-keys.ts';
import { type ObjectStore, readWhole } from '../../api/adapters/objects/object-store.ts';
import { sealedObjects } from '../support/sealed-objects.ts';
import { objectStoreContract, type StoreUnderTest } from './objects-contract.ts';

const folders: string[] = [];
const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'iss-sealed-'));
  folders.push(made);
  return made;
};
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));

const leftoversOf = async (root: string): Promise<number> =>
  (
    await Promise.all(
      ['objects/.incoming', 'keys/.incoming', 'work'].map((place) => readdir(join(root, place)).catch(() => [])),
    )
  ).flat().length;

/** The store below one place of it. */
function below(store: ObjectStore, place: string): ObjectStore {
  return {
    put: (key, body, expected) => store.put(place + key, body, expected),
    size: (key) => store.size(place + key),
    read: (key, range) => store.read(place + key, range),
    localFile: (key) => store.localFile(place + key),
    remove: (key) => store.remove(place + key),
    async *list(prefix) {
      for await (const key of store.list(place + prefix)) yield key.slice(place.length);
    },
  };
}

async function start(place: string): Promise<StoreUnderTest> {
  const root = await folder();
  const { objects } = sealedObjects(root);
  return { store: below(objects, place), leftovers: () => leftoversOf(root), stop: async () => {} };
}
objectStoreContract('what is sealed under the key of a patient', () => start('sealed/iss/P001/'));
objectStoreContract('what belongs to nobody beside it', () => start(''));

const KEY = 'sealed/iss/P001/artifacts/one';
const stored = (root: string, key: string): Promise<Buffer> => readFile(join(root, 'objects', key));

describe('a sealed object', () => {
  it('lies nowhere in clear, nor does its key', async () => {
    const root = await folder();
    const { objects } = sealedObjects(root);
    const body = Buffer.from('somebody speaks of their pain '.repeat(50_000));
    expect(await objects.put(KEY, body)).toEqual({
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    const sealed = await stored(root, KEY);
    expect(sealed.includes('pain')).toBe(false);
    expect(await objects.size(KEY)).toBe(body.length);
    expect((await stat(join(root, 'keys', 'iss', 'P001.key'))).mode & 0o777).toBe(0o600);
    expect(await leftoversOf(root)).toBe(0);
  });

  it('has a keystream of its own: the same bytes twice, under one key or two, have nothing in common', async () => {
    const root = await folder();
    const { objects } = sealedObjects(root);
    const body = Buffer.alloc(4096);
    const keys = [KEY, 'sealed/iss/P001/artifacts/two', 'sealed/iss/P002/artifacts/one'];
    for (const key of keys) await objects.put(key, body);
    const first = await stored(root, KEY);
    await objects.remove(KEY);
    await objects.put(KEY, body);
    const all = [first, ...(await Promise.all(keys.map((key) => stored(root, key))))];
    // Of zeros the stored bytes are the keystream itself.
    const blocks = all.flatMap((bytes) =>
      Array.from({ length: 256 }, (_, i) => bytes.subarray(32 + i * 16, 48 + i * 16).toString('hex')),
    );
    expect(new Set(blocks).size).toBe(4 * 256);
  });

  it('is read by another process that knows the same keys, whole and by ranges', async () => {
    const root = await folder();
    const body = randomBytes(100_000);
    await sealedObjects(root).objects.put(KEY, body);
    const other = sealedObjects(root).objects;
    expect((await readWhole(other, KEY, { first: 77_777, last: 77_799 })).equals(body.subarray(77_777, 77_800))).toBe(
      true,
    );
    expect((await readWhole(other, KEY)).equals(body)).toBe(true);
    const { path, release } = await other.localFile(KEY);
    expect((await readFile(path)).equals(body)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await release();
    expect(await leftoversOf(root)).toBe(0);
  });

  it('belongs to somebody: a place without an owner takes nothing', async () => {
    const { objects } = sealedObjects(await folder());
    for (const key of ['sealed/iss', 'sealed/iss/P001'])
      await expect(objects.put(key, Buffer.from('x'))).rejects.toThrow('belongs to somebody');
  });
});

describe('a key that was destroyed', () => {
  it('is the end of what it sealed, also of a copy that is brought back, and is not made again', async () => {
    const root = await folder();
    const aside = await folder();
    const { objects, keys } = sealedObjects(root);
    await objects.put(KEY, Buffer.from('mine'));
    await objects.put('sealed/iss/P002/one', Buffer.from('theirs'));
    await cp(join(root, 'objects'), join(aside, 'objects'), { recursive: true });
    const before = await readFile(join(root, 'keys', 'iss', 'P001.key'));
    await keys.destroy('iss/P001');
    await objects.remove(KEY);
    await cp(join(aside, 'objects'), join(root, 'objects'), { recursive: true });
    for (const store of [objects, sealedObjects(root).objects]) {
      await expect(readWhole(store, KEY)).rejects.toThrow(KeyDestroyed);
      await expect(readWhole(store, KEY, { first: 0, last: 1 })).rejects.toThrow(KeyDestroyed);
      await expect(store.localFile(KEY)).rejects.toThrow(KeyDestroyed);
      await expect(store.put('sealed/iss/P001/more', Buffer.from('x'))).rejects.toThrow(
        'the key of patient P001 of study iss was destroyed',
      );
      expect((await readWhole(store, 'sealed/iss/P002/one')).toString()).toBe('theirs');
    }
    expect(await readdir(join(root, 'keys', 'iss'))).toEqual(['P001.destroyed', 'P002.key']);
    expect(await leftoversOf(root)).toBe(0);
    // A key that comes back, too, is not used, and is destroyed again.
    await writeFile(join(root, 'keys', 'iss', 'P001.key'), before);
    await expect(readWhole(sealedObjects(root).objects, KEY)).rejects.toThrow(KeyDestroyed);
    await keys.destroy('iss/P001');
    expect(await readdir(join(root, 'keys', 'iss'))).toEqual(['P001.destroyed', 'P002.key']);
  });

  it('is used by another process for a second at most', async () => {
    const root = await folder();
    const clock = { at: 0 };
    const reading = fileKeys(join(root, 'keys'), Buffer.alloc(32, 3), () => clock.at);
    const { keys } = sealedObjects(root);
    const made = await keys.make('iss/P001');
    expect((await reading.find('iss/P001'))?.equals(made)).toBe(true);
    await keys.destroy('iss/P001');
    clock.at = 1000;
    await expect(reading.find('iss/P001')).rejects.toThrow(KeyDestroyed);
  });

  it('can be one that was never made', async () => {
    const { keys } = sealedObjects(await folder());
    expect(await keys.find('iss/P009')).toBeNull();
    await keys.destroy('iss/P009');
    await expect(keys.find('iss/P009')).rejects.toThrow(KeyDestroyed);
    await expect(keys.make('iss/P009')).rejects.toThrow(KeyDestroyed);
  });
});

describe('a key that is lost or damaged', () => {
  const prepared = async () => {
    const root = await folder();
    await sealedObjects(root).objects.put(KEY, Buffer.from('mine'));
    return { root, file: join(root, 'keys', 'iss', 'P001.key') };
  };

  it('is named, nothing is read, and no new one is made in its place', async () => {
    const { root, file } = await prepared();
    const kept = await readFile(file);
    await rm(file);
    const { objects } = sealedObjects(root);
    await expect(readWhole(objects, KEY)).rejects.toThrow(KeyMissing);
    await expect(readWhole(objects, KEY)).rejects.toThrow('the key of patient P001 of study iss is missing');
    await expect(objects.put('sealed/iss/P001/more', Buffer.from('x'))).rejects.toThrow(KeyMissing);
    expect(await objects.size('sealed/iss/P001/more')).toBeNull();
    expect(await leftoversOf(root)).toBe(0);
    await writeFile(file, kept);
    expect((await readWhole(objects, KEY)).toString()).toBe('mine');
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 20)],
    ['empty', () => ''],
    ['changed', (text: string) => text.replace(/(.)\n$/, (_, last) => `${last === 'A' ? 'B' : 'A'}\n`)],
  ])('is refused where it is %s', async (_, damage) => {
    const { root, file } = await prepared();
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const { objects } = sealedObjects(root);
    await expect(readWhole(objects, KEY)).rejects.toThrow(KeyDamaged);
    await expect(readWhole(objects, KEY)).rejects.toThrow('patient P001 of study iss is damaged');
    await expect(objects.put('sealed/iss/P001/more', Buffer.from('x'))).rejects.toThrow(KeyDamaged);
    expect(await objects.size('sealed/iss/P001/more')).toBeNull();
  });

  it('is refused where it is another patient’s, another study’s, or wrapped under other secrets', async () => {
    const { root, file } = await prepared();
    const { objects } = sealedObjects(root);
    await objects.put('sealed/iss/P002/one', Buffer.from('theirs'));
    await expect(readWhole(sealedObjects(root, Buffer.alloc(32, 9)).objects, KEY)).rejects.toThrow(KeyDamaged);
    await cp(join(root, 'keys', 'iss', 'P002.key'), file);
    await expect(readWhole(sealedObjects(root).objects, KEY)).rejects.toThrow(KeyDamaged);
    // A key of theirs indeed, but not the one that it was: made anew while the other was away.
    await rm(file);
    await sealedObjects(root).keys.make('iss/P001');
    await expect(readWhole(sealedObjects(root).objects, KEY)).rejects.toThrow('is not the one that');
    await expect(readWhole(sealedObjects(root).objects, KEY, { first: 0, last: 1 })).rejects.toThrow(KeyDamaged);
  });

  it('is made once by two that need it at the same moment', async () => {
    const root = await folder();
    const stores = Array.from({ length: 8 }, () => sealedObjects(root).objects);
    await Promise.all(stores.map((store, i) => store.put(`sealed/iss/P001/${i}`, Buffer.from(`of ${i}`))));
    const { objects } = sealedObjects(root);
    for (let i = 0; i < 8; i++) expect((await readWhole(objects, `sealed/iss/P001/${i}`)).toString()).toBe(`of ${i}`);
    expect(await leftoversOf(root)).toBe(0);
  });
});
