import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where .ci/services keeps what it fetches. */
const CACHE =
  process.env.ISS_SERVICES_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'iss-portal');

/** Path of something in the cache folder, or null. */
const cached = (...parts: string[]): string | null => {
  const path = join(CACHE, ...parts);
  return existsSync(path) ? path : null;
};
const onPath = (program: string): string | null => {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
};

/** Debian keeps the server's programs beside each other by version, on nobody's path. */
function newestPostgres(): string | null {
  const found = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1'], {
    encoding: 'utf8',
  });
  return found.stdout.trim() || null;
}

/** What the suites run against; null where it is not on this machine. Versions as in .ci/services. */
export const SERVICES = {
  redis: onPath('redis-server'),
  versitygw: cached('bin', 'versitygw-v1.8.0'),
  keycloak: cached('keycloak-26.7.3', 'built') && onPath('java') ? cached('keycloak-26.7.3') : null,
  openssl: onPath('openssl'),
  postgres: onPath('postgres') ?? newestPostgres(),
};

/**
 * Whether a suite has to be skipped, because its server is not on this machine; said on the terminal. With CI set it never is: there its absence is a failure.
 */
export function absent(service: keyof typeof SERVICES): boolean {
  if (SERVICES[service]) return false;
  if (process.env.CI) throw new Error(`${service} is not on this machine: run .ci/services`);
  process.stderr.write(`SKIPPED: ${service} is not on this machine; .ci/services fetches it.\n`);
  return true;
}

/** The server's path. @throws where it is absent */
export function pathOf(service: keyof typeof SERVICES): string {
  const path = SERVICES[service];
  if (!path) throw new Error(`${service} is not on this machine: run .ci/services`);
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

export const temporaryFolder = (name: string): Promise<string> => mkdtemp(join(tmpdir(), `iss-${name}-`));

export interface RunningService {
  pid: number;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** The last that it said. */
  said(): string;
}

/** Starts a program and waits until it answers. @throws with what it said, if it ends first or does not answer in time */
export async function startService(
  program: string,
  args: string[],
  answers: () => Promise<boolean>,
  { environment = {}, within = 30_000 }: { environment?: NodeJS.ProcessEnv; within?: number } = {},
): Promise<RunningService> {
  const child: ChildProcess = spawn(program, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, CI_RUN_MARK: process.env.CI_RUN_MARK, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a start script's server ends with it.
    detached: true,
  });
  let said = '';
  const hear = (text: Buffer): void => {
    said = (said + text.toString()).slice(-20_000);
  };
  child.stdout!.on('data', hear);
  child.stderr!.on('data', hear);
  let over = false;
  const gone = new Promise<void>((done) => {
    child.once('error', (error) => hear(Buffer.from(String(error))));
    child.once('close', () => {
      over = true;
      done();
    });
  });
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const kill = (): void => signalAll('SIGKILL');
  process.once('exit', kill);
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!over) signalAll(signal);
    const force = setTimeout(kill, 20_000);
    await gone;
    clearTimeout(force);
    process.off('exit', kill);
  };
  for (const until = Date.now() + within; !(await answers().catch(() => false)); ) {
    if (over || Date.now() > until) {
      await end('SIGKILL');
      throw new Error(`${program} ${over ? 'ended' : `did not answer within ${within / 1000} s`}:\n${said}`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return { pid: child.pid!, end, said: () => said };
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
