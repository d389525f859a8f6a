import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DataDirectoryRefused,
  lockDataDirectory,
  makeSecrets,
  openDataDirectory,
  readSecrets,
  readServerNote,
  writeServerNote,
} from '../../../api/data-directory.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'iss-folder-'));
  folder = join(root, 'data');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const refused = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  expect(error).toBeInstanceOf(DataDirectoryRefused);
  expect(error!.message).not.toContain('\n');
  return error!.message;
};
const file = (name: string) => join(folder, name);

describe('a data folder', () => {
  it('is made, for its owner alone, and can be opened again', async () => {
    await openDataDirectory(folder);
    await openDataDirectory(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(JSON.parse(await readFile(file('version.json'), 'utf8'))).toEqual({ layout: 1 });
  });

  it('from a newer version is refused, and left as it is', async () => {
    await openDataDirectory(folder);
    await writeFile(file('version.json'), '{"layout":2}');
    expect(await refused(openDataDirectory(folder))).toBe(
      `the data folder ${folder} is from a newer version (layout 2, this one knows 1): start that version, or name another folder in ISS_DATA_DIR`,
    );
    expect(await readFile(file('version.json'), 'utf8')).toBe('{"layout":2}');
  });

  it.each(['', '{', '{"layout":"1"}', '{"layout":0.5}', '[]'])('whose version is %j is refused', async (text) => {
    await openDataDirectory(folder);
    await writeFile(file('version.json'), text);
    expect(await refused(openDataDirectory(folder))).toMatch(/version.json is damaged/);
  });

  it('where a file is, is refused', async () => {
    await writeFile(folder, 'x');
    expect(await refused(openDataDirectory(folder))).toBe(`the data folder ${folder} cannot be made: EEXIST`);
  });
});

describe('its secrets', () => {
  beforeEach(() => openDataDirectory(folder));

  it('are made once, different, and read by their owner alone', async () => {
    const made = await makeSecrets(folder);
    expect(await makeSecrets(folder)).toEqual(made);
    expect(await readSecrets(folder)).toEqual(made);
    expect(new Set(Object.values(made)).size).toBe(4);
    const keys = [made.databaseOwner, made.databaseApp, made.sealingKey, made.ticketKey];
    expect(keys.every((secret) => Buffer.from(secret, 'base64url').length === 32)).toBe(true);
    expect((await stat(file('secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('are not made by who only reads them', async () => {
    expect(await refused(readSecrets(folder))).toMatch(
      /no server has been started on the data folder .*: run npm start/,
    );
    expect(await readdir(folder)).toEqual(['version.json']);
  });

  it.each([
    '',
    'not json',
    '{}',
    '{"databaseOwner":""}',
  ])('damaged (%j) are refused and left as they are', async (text) => {
    await writeFile(file('secrets.json'), text);
    expect(await refused(makeSecrets(folder))).toMatch(/secrets.json is damaged: bring it back from a backup/);
    expect(await readFile(file('secrets.json'), 'utf8')).toBe(text);
  });
});

describe('its lock', () => {
  beforeEach(() => openDataDirectory(folder));
  const gone = () => String(spawnSync(process.execPath, ['-e', '']).pid);

  it('is held by one, and free again afterwards', async () => {
    await writeFile(file('server.lock'), String(process.ppid));
    expect(await refused(lockDataDirectory(folder))).toBe(
      `the data folder ${folder} is in use by the server with process id ${process.ppid}: stop it, or name another folder in ISS_DATA_DIR`,
    );
    await rm(file('server.lock'));
    const free = await lockDataDirectory(folder);
    expect(await readFile(file('server.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} [0-9a-f-]{36}$`));
    await free();
    expect(await readdir(folder)).toEqual(['version.json']);
  });

  it('of a server that is no more is taken over', async () => {
    for (const left of [gone(), '', 'nonsense', '999999999']) {
      await writeFile(file('server.lock'), left);
      await (await lockDataDirectory(folder))();
    }
    expect(await readdir(folder)).toEqual(['version.json']);
  });

  it('is taken over though others died while they took it over', async () => {
    const claimOf = (text: string) =>
      file(`server.lock.after-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`);
    const dead = gone();
    await writeFile(file('server.lock'), dead);
    const claims = [`${gone()} first`, `${gone()} second`];
    await writeFile(claimOf(dead), claims[0]!);
    await writeFile(claimOf(claims[0]!), claims[1]!);
    await (await lockDataDirectory(folder))();
    expect(await readdir(folder)).toEqual(['version.json']);

    await writeFile(file('server.lock'), dead);
    await writeFile(claimOf(dead), `${process.ppid} claim`);
    expect(await refused(lockDataDirectory(folder))).toMatch(`in use by the server with process id ${process.ppid}`);
    expect(await readFile(file('server.lock'), 'utf8')).toBe(dead);
  });

  it('is got by one of many that start at once over a dead one', async () => {
    const { fork } = await import('node:child_process');
    const { createRequire } = await import('node:module');
    const { pathToFileURL } = await import('node:url');
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    for (let round = 0; round < 2; round++) {
      await writeFile(file('server.lock'), gone());
      const children = Array.from({ length: 5 }, () =>
        fork(join(import.meta.dirname, 'lock-program.ts'), [folder], { execArgv: ['--import', loader], silent: true }),
      );
      const said = (child: (typeof children)[number]) =>
        new Promise<string>((done) => child.once('message', (text) => done(String(text))));
      await Promise.all(children.map(said));
      const answers = children.map(said);
      for (const child of children) child.send('now');
      const results = await Promise.all(answers);
      expect(results.filter((one) => one === 'got')).toHaveLength(1);
      expect(results.filter((one) => one !== 'got').every((one) => one.includes('is in use by the server'))).toBe(true);
      const ended = children.map((child) => new Promise((done) => child.once('exit', done)));
      for (const child of children) child.disconnect();
      await Promise.all(ended);
      await rm(file('server.lock'), { force: true });
    }
  });
});

describe('the note for workers', () => {
  it('is read back; a damaged or missing one is none', async () => {
    await openDataDirectory(folder);
    expect(await readServerNote(folder)).toBeNull();
    const note = { pid: 1, url: 'http://localhost:4000', databasePort: 5432 };
    await writeServerNote(folder, note);
    expect(await readServerNote(folder)).toEqual(note);
    for (const text of ['', '{', '{"pid":"x"}']) {
      await writeFile(file('server.json'), text);
      expect(await readServerNote(folder)).toBeNull();
    }
  });
});
