import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fileStore } from '../../api/adapters/objects/file-store.ts';
import { objectStoreContract } from './objects-contract.ts';

const folders: string[] = [];
const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'iss-objects-'));
  folders.push(made);
  return made;
};
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));

objectStoreContract('the folder of files', async () => {
  const root = await folder();
  return {
    store: fileStore(root),
    leftovers: async () => (await readdir(join(root, 'objects', '.incoming')).catch(() => [])).length,
    stop: async () => {},
  };
});

const WRITER = `
  const { fileStore } = await import(process.env.STORE);
  const store = fileStore(process.env.ROOT);
  async function* large() { for (let i = 0; i < 40; i++) yield Buffer.alloc(256 * 1024, i); }
  await store.put('small/one', Buffer.from('fits'));
  try { await store.put('large/one', large()); console.log('stored'); }
  catch (error) { console.log(error.name, '|', error.message); }
  const seen = []; for await (const key of store.list('')) seen.push(key);
  console.log(JSON.stringify(seen));
  await store.put('small/two', Buffer.from('still fits'));
  const fs = await import('node:fs/promises');
  console.log((await fs.readdir(process.env.ROOT + '/objects/.incoming')).length);
`;

/** Runs the writer above under a shell that has first made its surroundings narrow. */
function writeUnder(prepare: string, root: string, wrapper: string[] = []): string[] {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const store = pathToFileURL(resolve(import.meta.dirname, '../../api/adapters/objects/file-store.ts')).href;
  const [program, ...args] = [...wrapper, 'sh', '-c', `${prepare} exec "$@"`, 'sh', process.execPath];
  const out = execFileSync(program!, [...args, '--import', loader, '--input-type=module', '-e', WRITER], {
    env: { PATH: process.env.PATH, STORE: store, ROOT: root },
    encoding: 'utf8',
  });
  return out.trim().split('\n');
}

const FULL = ['StoreFull | the object store has no space left', '["small/one"]', '0'];
const ownMounts = ['unshare', '--user', '--map-root-user', '--mount'];
const canMount = spawnSync(ownMounts[0]!, [...ownMounts.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe('the folder of files without room', () => {
  it('keeps nothing of a file that may not grow so large, and goes on', async () => {
    expect(writeUnder('ulimit -f 2048;', await folder())).toEqual(FULL);
  });

  it.skipIf(!canMount)('keeps nothing of a file that the disk has no room for (needs leave to mount)', async () => {
    const root = await folder();
    expect(writeUnder(`mount -t tmpfs -o size=2m none ${root};`, root, ownMounts)).toEqual(FULL);
  });
});

describe('what a killed writer left', () => {
  it('is swept; what is being written, or is written elsewhere, stays', async () => {
    const root = await folder();
    const incoming = join(root, 'objects', '.incoming');
    await mkdir(incoming, { recursive: true });
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const host = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-');
    const names = {
      dead: `${host}.${gone}.a`,
      own: `${host}.${process.pid}.b`,
      living: `${host}.${process.ppid}.c`,
      elsewhere: `another-machine.${gone}.d`,
      forgotten: 'another-machine.1.e',
    };
    for (const name of Object.values(names)) await writeFile(join(incoming, name), 'half');
    const longAgo = new Date(Date.now() - 3 * 24 * 3600_000);
    await utimes(join(incoming, names.forgotten), longAgo, longAgo);
    expect(await fileStore(root).sweep()).toBe(2);
    expect((await readdir(incoming)).sort()).toEqual([names.elsewhere, names.living, names.own].sort());
  });

  it('is read by its owner alone, as every object is', async () => {
    const root = await folder();
    await fileStore(root).put('own/alone', Buffer.from('x'));
    expect((await stat(join(root, 'objects', 'own', 'alone'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'objects', 'own'))).mode & 0o777).toBe(0o700);
  });
});
