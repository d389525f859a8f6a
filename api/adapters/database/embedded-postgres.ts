import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { postgresBinaries } from './binaries.ts';
import { commandFor, postgresUser } from './postgres-user.ts';

export interface EmbeddedPostgresOptions {
  /** The cluster's folder; made, with mode 0700, when absent. */
  directory: string;
  /** Password of the superuser `postgres`; the server listens on loopback, but other people may share the machine. */
  password: string;
  /** False only for tests: a crash of the machine would lose data. */
  durable?: boolean;
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  port: number;
  /** URL of the owner for a database of the cluster. */
  ownerUrl(database: string): string;
  /** Ends the server: running statements are cut off, what was committed stays. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL from npm's binaries on a free port of 127.0.0.1.
 * @throws with the server's own words if it does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const binaries = await postgresBinaries();
  const user = await postgresUser();
  if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(directory, options.password, binaries.initdb, user);
  await endLeftover(directory);
  const port = await freePort();
  const flags = [
    ['listen_addresses', '127.0.0.1'],
    ['unix_socket_directories', ''],
    ['max_connections', '120'],
    ['shared_buffers', '256MB'],
    ['jit', 'off'],
    ['log_min_messages', 'warning'],
    // The statement that fails may hold personal data: it belongs in no log.
    ['log_min_error_statement', 'panic'],
    ...(options.durable === false
      ? [
          ['fsync', 'off'],
          ['synchronous_commit', 'off'],
          ['full_page_writes', 'off'],
        ]
      : []),
  ].flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const server = run(binaries.postgres, ['-D', directory, '-p', String(port), ...flags], user);
  await ready(server, options.log);
  return {
    port,
    ownerUrl: (database) =>
      `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`,
    stop: () => ended(server),
  };
}

type User = Awaited<ReturnType<typeof postgresUser>>;

function run(program: string, args: string[], user: User): ChildProcess {
  const [command, ...rest] = commandFor(program, args, user);
  return spawn(command!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    // A group of its own, so that Ctrl-C at the terminal reaches us first and we stop the database last.
    detached: true,
  });
}

async function initialise(directory: string, password: string, initdb: string, user: User): Promise<void> {
  // Made under another name first: a start that was cut off leaves nothing that looks like a cluster.
  const fresh = `${directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = `${fresh}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) {
    await chown(fresh, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  try {
    const child = run(
      initdb,
      [
        '-D',
        fresh,
        '-U',
        'postgres',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--no-sync',
        '--data-checksums',
      ],
      user,
    );
    let said = '';
    child.stdout?.resume();
    child.stderr?.on('data', (data: Buffer) => {
      said += data;
    });
    const code = await new Promise<number | null>((done, failed) => {
      child.once('error', failed);
      child.once('close', done);
    });
    if (code !== 0)
      throw new Error(`initdb could not make the database in ${directory} (exit ${code}): ${said.trim()}`);
    await rename(fresh, directory);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** A server that outlived its parent (killed without a chance to stop it) still holds the folder: end it, it is ours by its postmaster.pid. */
async function endLeftover(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await isPostgresOf(pid, directory))) return;
  process.kill(pid, 'SIGINT');
  for (let i = 0; i < 200 && (await isPostgresOf(pid, directory)); i++)
    await new Promise((wake) => setTimeout(wake, 50));
}

async function isPostgresOf(pid: number, directory: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Where /proc tells, make sure that the number was not given to another program since.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return command === undefined || command.split('\0').includes(directory);
}

function ready(server: ChildProcess, log: ((line: string) => void) | undefined): Promise<void> {
  return new Promise((done, failed) => {
    let said = '';
    let up = false;
    server.stdout?.resume();
    server.stderr?.on('data', (data: Buffer) => {
      const text = data.toString('utf8');
      for (const line of text.split('\n').filter(Boolean)) log?.(line);
      if (up) return;
      said += text;
      if (said.includes('database system is ready to accept connections')) {
        up = true;
        done();
      }
    });
    server.once('error', failed);
    server.once('close', (code) => failed(new Error(`PostgreSQL did not start (exit ${code}): ${said.trim()}`)));
  });
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    server.once('close', () => done());
    server.kill('SIGINT');
  });
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? done(address.port) : failed(new Error('no free port')),
      );
    });
  });
}
