import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { postgresBinaries } from './binaries.ts';
import { commandFor, postgresUser } from './postgres-user.ts';

const exec = promisify(execFile);

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
  const flags = [
    ['listen_addresses', '127.0.0.1'],
    ['unix_socket_directories', ''],
    ['max_connections', '200'],
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
  const start = async (port: number): Promise<ChildProcess> => {
    const server = run(binaries.postgres, ['-D', directory, '-p', String(port), ...flags], user);
    await ready(server, options.log);
    return server;
  };
  const port = await freePort();
  const kept = keepRunning(await start(port), () => start(port), options.log);
  return {
    port,
    ownerUrl: (database) =>
      `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`,
    stop: kept.stop,
  };
}

const RESTART_MS = 300;
/** A full disk may last: it is tried until it comes up or we end. */
const LONGEST_RESTART_MS = 5000;

/** Starts the server anew on its port when it ends without having been told to: killed for memory, or by somebody's hand. */
function keepRunning(
  first: ChildProcess,
  start: () => Promise<ChildProcess>,
  log: ((line: string) => void) | undefined,
): { stop(): Promise<void> } {
  let server = first;
  let stopped = false;
  let starting: Promise<void> | undefined;
  const watch = (): void => {
    server.once('close', () => {
      if (!stopped) starting = again();
    });
  };
  const again = async (): Promise<void> => {
    log?.('PostgreSQL ended by itself; it is started again');
    // Its other processes may hold the shared memory for a moment longer.
    for (let tries = 1; !stopped; tries++) {
      await new Promise((wake) => setTimeout(wake, Math.min(LONGEST_RESTART_MS, RESTART_MS * tries)));
      try {
        server = await start();
        return watch();
      } catch (error) {
        log?.((error as Error).message);
      }
    }
  };
  watch();
  return {
    async stop() {
      stopped = true;
      await starting;
      await ended(server);
    },
  };
}

type User = Awaited<ReturnType<typeof postgresUser>>;

const alive = new Set<ChildProcess>();

/** However we end (a signal while starting, an error nobody caught), nothing of ours stays behind. */
function endAll(): void {
  for (const child of alive) {
    try {
      // SIGINT is PostgreSQL's fast shutdown; initdb ends by it, too.
      process.kill(child.pid!, 'SIGINT');
    } catch {
      // Gone already.
    }
  }
}

function run(program: string, args: string[], user: User): ChildProcess {
  const [command, ...rest] = commandFor(program, args, user);
  const child = spawn(command!, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    // A group of its own, so that Ctrl-C at the terminal reaches us first and we stop the database last.
    detached: true,
  });
  if (alive.size === 0) process.on('exit', endAll);
  alive.add(child);
  child.once('close', () => {
    alive.delete(child);
    if (alive.size === 0) process.off('exit', endAll);
  });
  return child;
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

const LEFTOVER_MS = 10_000;

/** A server that outlived its parent (killed without a chance to stop it) still holds the folder: end it, it is ours by its postmaster.pid. */
async function endLeftover(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  // Fast shutdown first; where that hangs, at once, and PostgreSQL recovers from its log.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await isPostgresOf(pid, directory))) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < LEFTOVER_MS && (await isPostgresOf(pid, directory)); waited += 50)
      await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** True only where the process is surely the server of this folder: the number may have been given to another program since. */
async function isPostgresOf(pid: number, directory: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  // Gone, but its parent has not asked after it yet.
  if (command === '') return false;
  if (command !== null) return command.split('\0').includes(directory);
  const { stdout } = await exec('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes(`-D ${directory} `);
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

const STOP_MS = 20_000;

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    // Immediate shutdown, where the fast one hangs: what was committed is in the log and comes back with the next start.
    const force = setTimeout(() => server.kill('SIGQUIT'), STOP_MS);
    server.once('close', () => {
      clearTimeout(force);
      done();
    });
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
