import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aFolder, anIo, iss } from './an-io.ts';
import { aFile, type HostedFile, type Portal, plainly, type Serve, startPortal } from './portal.ts';

const COMMAND = resolve(import.meta.dirname, '../../../api/cli/iss.mjs');

let portal: Portal;
let folder: string;
beforeEach(async () => {
  portal = await startPortal();
  folder = join(await aFolder(), 'out');
});
afterEach(() => portal.stop());

const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

async function contents(): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== '.iss-export.json');
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), await readFile(path)] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const expected = (files: readonly HostedFile[]): Record<string, Buffer> =>
  Object.fromEntries([
    ...files.map(({ path, bytes }) => [path, bytes] as const),
    ['manifest.json', Buffer.from(JSON.stringify({ export: 'one' }))] as const,
  ]);

describe('an export that is pulled', () => {
  test('arrives in its folders, page by page, the manifest last', async () => {
    const files = Array.from({ length: 23 }, (_, at) => aFile(`frames/000${at % 3}/${at}.jpg`, 500 + at));
    portal.host('one', files, { pageSize: 5 });
    const terminal = io();
    expect(await iss(terminal, 'pull', 'one', '-o', folder)).toBe(0);
    expect(await contents()).toEqual(expected(files));
    expect(portal.asked.at(-1)?.path).toBe('manifest.json');
    expect(terminal.lines.join()).toMatch(/24 files, 11.8 kB; every SHA-256 is the listed one\./);
  });

  test('says so as JSON', async () => {
    portal.host('one', [aFile('a.csv', 'x')]);
    const terminal = io();
    expect(await iss(terminal, 'pull', 'one', '-o', folder, '--json')).toBe(0);
    expect(terminal.lines.map((line) => JSON.parse(line))).toEqual([
      { export: 'one', directory: folder, files: 2, bytes: 17, kept: 0 },
    ]);
  });

  test('is not brought twice', async () => {
    portal.host('one', [aFile('a.csv', 'x'), aFile('b.csv', 'y')]);
    await iss(io(), 'pull', 'one', '-o', folder);
    const before = portal.asked.length;
    const terminal = io();
    expect(await iss(terminal, 'pull', 'one', '-o', folder)).toBe(0);
    expect(portal.asked).toHaveLength(before);
    expect(terminal.lines.join()).toContain('3 of them there already');
  });

  test('gets fresh tickets where those of a page expire before their turn', async () => {
    const expire: Serve = (request, response, bytes) => {
      portal.expireTickets();
      return plainly(request, response, bytes);
    };
    const files = Array.from({ length: 12 }, (_, at) => aFile(`${at}.csv`, 100, ...(at % 4 === 0 ? [expire] : [])));
    portal.host('one', files);
    expect(await iss(io(), 'pull', 'one', '-o', folder)).toBe(0);
    expect(await contents()).toEqual(expected(files));
  });

  test('is refused where it is another one than the folder is for', async () => {
    portal.host('one', [aFile('a.csv', 'x')]);
    await iss(io(), 'pull', 'one', '-o', folder);
    const terminal = io();
    expect(await iss(terminal, 'pull', 'two', '-o', folder)).toBe(1);
    expect(terminal.notes.join()).toContain('is being filled from another export (one)');
  });

  test('that does not exist leaves no folder', async () => {
    portal.host('one', []);
    const terminal = io();
    expect(await iss(terminal, 'pull', 'two\x1b[31m', '-o', folder)).toBe(1);
    expect(terminal.notes).toEqual(['iss: There is no export two\\x1b[31m of yours.']);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('a hostile listing', () => {
  test.each([
    '../up.txt',
    '/etc/up.txt',
    'a/../../up.txt',
    'a\\..\\up.txt',
    '.iss-export.json',
    'x.part',
  ])('%s is not written', async (path) => {
    portal.host('one', [aFile('good.csv', 'x'), aFile(path, 'evil')]);
    const terminal = io();
    expect(await iss(terminal, 'pull', 'one', '-o', folder)).toBe(1);
    expect(terminal.notes.join()).toContain('lists a path that is not taken');
    expect(await contents()).toEqual({});
  });

  test('does not get through a link that lies in the folder', async () => {
    const outside = await aFolder();
    await mkdir(folder);
    await symlink(outside, join(folder, 'frames'));
    portal.host('one', [aFile('frames/1.jpg', 'x')]);
    expect(await iss(io(), 'pull', 'one', '-o', folder)).toBe(1);
    expect(await readdir(outside)).toEqual([]);
  });

  test('of another manifest than the export was closed with is refused', async () => {
    portal.host('one', [aFile('a.csv', 'x')]);
    const head = portal.operations.Export!;
    portal.operations.Export = async (variables, request) => {
      const answer = (await head(variables, request)) as { data: { export: Record<string, unknown> } };
      return { data: { export: { ...answer.data.export, manifestSha256: '0'.repeat(64) } } };
    };
    expect(await iss(io(), 'pull', 'one', '-o', folder)).toBe(1);
    expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
  });
});

test('a file that is there and differs is not overwritten, and the manifest does not come', async () => {
  await mkdir(folder);
  await writeFile(join(folder, 'a.csv'), 'mine');
  portal.host('one', [aFile('a.csv', 'theirs')]);
  expect(await iss(io(), 'pull', 'one', '-o', folder)).toBe(1);
  expect((await contents())['a.csv']).toEqual(Buffer.from('mine'));
  expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
});

describe('a pull that is killed', () => {
  const start = (): ChildProcess =>
    spawn(process.execPath, [COMMAND, 'pull', 'one', '-o', folder], {
      env: { ...process.env, ISS_URL: portal.url, ISS_TOKEN: 'a-token' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });

  test('with kill -9 goes on, four times, until it is whole', async () => {
    const files = Array.from({ length: 12 }, (_, at) => aFile(`part-${at}.bin`, 200_000));
    portal.host('one', files);
    for (let round = 0; round < 4; round += 1) {
      let child: ChildProcess | undefined;
      // Half of what is asked arrives, and then the process dies by the hand of the test.
      const kill: Serve = (request, response, bytes) => {
        const first = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
        response.writeHead(first > 0 ? 206 : 200, {
          'Content-Length': bytes.length - first,
          ...(first > 0 && { 'Content-Range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` }),
        });
        response.write(bytes.subarray(first, first + 40_000), () => child?.kill('SIGKILL'));
      };
      files[round * 3]!.serve.push(kill);
      child = start();
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
    }
    const child = start();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await contents()).toEqual(expected(files));
  });

  test('with Ctrl-C ends with 130 and says how to go on', async () => {
    const never: Serve = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.flushHeaders();
      child.kill('SIGINT');
    };
    portal.host('one', [aFile('a.bin', 100, never)]);
    const child = start();
    let said = '';
    child.stderr!.on('data', (part) => {
      said += part;
    });
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(said).toContain('iss: Interrupted: run it again to resume.');
  });

  test('and one that still runs keep out of each other’s way', async () => {
    let second: Promise<number> | undefined;
    const other = io();
    const meanwhile: Serve = async (request, response, bytes) => {
      second = iss(other, 'pull', 'one', '-o', folder);
      await second;
      return plainly(request, response, bytes);
    };
    portal.host('one', [aFile('a.bin', 100, meanwhile)]);
    expect(await iss(io(), 'pull', 'one', '-o', folder)).toBe(0);
    expect(await second).toBe(1);
    expect(other.notes.join()).toContain('Another iss is pulling into');
  });
});
