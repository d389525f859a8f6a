import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../contracts/eventually.ts';

const MAIN = resolve(import.meta.dirname, '../../../api/main.ts');
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const TIME = { timeout: 120_000 };

let root: string;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'iss-start-'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(async () => {
  for (const pid of await processesOf(root)) process.kill(pid, 'SIGKILL');
  await rm(root, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
  /** Resolves with the server's address; rejects if it ends first. */
  answers: Promise<string>;
}

function start(folder: string, environment: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['--import', LOADER, MAIN], {
    // Started from elsewhere, so that nothing depends on the folder one stands in.
    cwd: tmpdir(),
    env: {
      ...{ PATH: process.env.PATH, PORT: '0', ISS_DATA_DIR: folder, ISS_DEMO: '0', ISS_LOG_LEVEL: 'error' },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (data: Buffer) => {
      // The sign-in library's word on Node 20 comes with the import.
      said += data.toString().replace(/^oidc-provider WARNING: Unsupported runtime.*\n/m, '');
    });
  const ended = new Promise<number | null>((done) =>
    child.once('close', (code) => {
      running.delete(child);
      done(code);
    }),
  );
  const answers = Promise.race([
    eventually('the server answers', () => /answers at (\S+)/.exec(said)?.[1], 100_000),
    ended.then((code) => Promise.reject(new Error(`it ended with ${code}: ${said}`))),
  ]);
  answers.catch(() => {});
  return { child, said: () => said, ended, answers };
}

/** Processes of this machine whose command or environment names the folder: servers, databases, workers. */
async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids
      .filter((pid) => pid !== process.pid)
      .map(async (pid) => {
        const texts = await Promise.all(
          ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
        );
        return texts.some((text) => text.includes(folder)) ? pid : null;
      }),
  );
  return found.filter((pid): pid is number => pid !== null);
}
const nothingLeft = (folder: string) =>
  eventually('nothing is left running', async () => (await processesOf(folder)).length === 0);

async function stop(started: Started): Promise<void> {
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(0);
}

describe.skipIf(process.platform !== 'linux')('a server (needs /proc to see what is left running)', () => {
  it(
    'starts, answers, refuses a second one on its folder and another on its port, and stops without a trace',
    TIME,
    async () => {
      const folder = join(root, 'plain');
      const server = start(folder);
      const url = await server.answers;
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await eventually('ready', async () => (await fetch(`${url}/readyz`)).status === 200);

      const second = start(folder);
      expect(await second.ended).toBe(1);
      expect(second.said()).toBe(
        `the data folder ${folder} is in use by the server with process id ${server.child.pid}: stop it, or name another folder in ISS_DATA_DIR\n`,
      );
      expect((await fetch(`${url}/readyz`)).status).toBe(200);

      const port = new URL(url).port;
      const elsewhere = join(root, 'port');
      const third = start(elsewhere, { PORT: port });
      expect(await third.ended).toBe(1);
      expect(third.said()).toBe(
        `port ${port} is in use by another program: end it, or set PORT to another (0 takes a free one)\n`,
      );
      await nothingLeft(elsewhere);

      await stop(server);
      await nothingLeft(folder);
      expect(await readdir(folder)).not.toContain('server.lock');
    },
  );

  it(
    'killed in the act is started again: its database is ended first, and nothing that was committed is lost',
    TIME,
    async () => {
      const folder = join(root, 'killed');
      const server = start(folder);
      await server.answers;
      const note = JSON.parse(await readFile(join(folder, 'server.json'), 'utf8'));
      const { databaseOwner } = JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8'));
      const urlOf = (port: number) => `postgresql://postgres:${databaseOwner}@127.0.0.1:${port}/postgres`;
      const client = new pg.Client({ connectionString: urlOf(note.databasePort) });
      client.on('error', () => {});
      await client.connect();
      await client.query('CREATE TABLE kept (n int)');
      await client.query('INSERT INTO kept VALUES (42)');
      server.child.kill('SIGKILL');
      await server.ended;
      // Workers go with their server; its database waits for the next.
      const [left] = await eventually('only the database is left', async () => {
        const pids = await processesOf(folder);
        const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
        return pids.length > 0 && commands.every((command) => /^[^\0]*postgres\0/.test(command)) ? pids : null;
      });
      const again = start(folder);
      await again.answers;
      expect(await processesOf(folder)).not.toContain(left);
      const next = JSON.parse(await readFile(join(folder, 'server.json'), 'utf8'));
      const reader = new pg.Client({ connectionString: urlOf(next.databasePort) });
      await reader.connect();
      expect((await reader.query('SELECT n FROM kept')).rows).toEqual([{ n: 42 }]);
      await reader.end();
      client.end().catch(() => {});
      await stop(again);
      await nothingLeft(folder);
    },
  );

  it.each([50, 300, 700, 1200, 2000, 3500])(
    'told to stop %i ms into its first start leaves nothing running, and the next start goes on',
    TIME,
    async (milliseconds) => {
      const folder = join(root, `early-${milliseconds}`);
      const server = start(folder);
      // The one place where time itself is what is tried.
      await Promise.race([server.ended, new Promise((wake) => setTimeout(wake, milliseconds))]);
      server.child.kill('SIGTERM');
      await server.ended;
      await nothingLeft(folder);
      const again = start(folder);
      await again.answers;
      await stop(again);
      await nothingLeft(folder);
    },
  );

  it('says in one line why it cannot start, ends with 1, and leaves nothing running', TIME, async () => {
    const made = join(root, 'made');
    const first = start(made);
    await first.answers;
    await stop(first);
    const cases: [string, (folder: string) => Promise<unknown>, RegExp][] = [
      [
        'a newer layout',
        (folder) => writeFile(join(folder, 'version.json'), '{"layout":99}'),
        /is from a newer version \(layout 99/,
      ],
      ['damaged secrets', (folder) => writeFile(join(folder, 'secrets.json'), '{'), /secrets.json is damaged/],
      [
        'secrets of another folder',
        async (folder) => {
          const secrets = JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8'));
          await writeFile(join(folder, 'secrets.json'), JSON.stringify({ ...secrets, databaseOwner: 'x'.repeat(43) }));
        },
        /secrets.json does not fit the database in/,
      ],
      [
        'a database of a newer PostgreSQL',
        (folder) => writeFile(join(folder, 'postgres', 'PG_VERSION'), '99\n'),
        /the database in .* does not start: .*FATAL/,
      ],
    ];
    for (const [name, damage, message] of cases) {
      const folder = join(root, name.replaceAll(' ', '-'));
      await cp(made, folder, { recursive: true, preserveTimestamps: true });
      await ownedByPostgres(join(made, 'postgres'), join(folder, 'postgres'));
      await damage(folder);
      const server = start(folder);
      expect(await server.ended, name).toBe(1);
      expect(server.said(), name).toMatch(message);
      expect(server.said().trimEnd().split('\n'), name).toHaveLength(1);
      await nothingLeft(folder);
    }
  });

  it('names a database that cannot be reached, without its password', TIME, async () => {
    const free = createServer();
    const port = await new Promise<number>((done) =>
      free.listen(0, '127.0.0.1', () => done((free.address() as { port: number }).port)),
    );
    await new Promise((done) => free.close(done));
    const server = start(join(root, 'unreachable'), {
      ISS_DATABASE_URL: `postgresql://owner:hunter2@127.0.0.1:${port}/iss`,
    });
    expect(await server.ended).toBe(1);
    expect(server.said()).toMatch(
      new RegExp(`^ISS_DATABASE_URL: the database at 127.0.0.1:${port}/iss cannot be used: .*ECONNREFUSED.*\\n$`),
    );
  });

  it('lists every bad setting before it touches anything', TIME, async () => {
    const folder = join(root, 'untouched');
    const server = start(folder, { PORT: 'x', ISS_WORKERS: '1000', ISS_NONSENSE: '1' });
    expect(await server.ended).toBe(1);
    expect(server.said().trimEnd().split('\n')).toEqual([
      'the configuration is not valid:',
      '  PORT: must be a whole number from 0 to 65535',
      '  ISS_WORKERS: must be a whole number from 0 to 64',
      '  ISS_NONSENSE: no such setting',
    ]);
    expect(await readdir(root)).not.toContain('untouched');
  });
});

/** A copy made by root belongs to root; the database's account has to own its files. */
async function ownedByPostgres(from: string, to: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { chown, stat } = await import('node:fs/promises');
  const { uid, gid } = await stat(from);
  await chown(to, uid, gid);
  for (const name of await readdir(to, { recursive: true })) await chown(join(to, name), uid, gid);
}
