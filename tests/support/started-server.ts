import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const CHECKOUT = resolve(import.meta.dirname, '../..');

export interface StartedServer {
  url: string;
  process: ChildProcess;
  dataDirectory: string;
  /** From the start of the process until it answers, and until everything is ready, in seconds. */
  answeredAfter: number;
  readyAfter: number;
  /** What it wrote to its terminal. */
  output(): string;
  /** SIGTERM, and its end. @returns the exit code */
  stop(): Promise<number | null>;
}

const POLL_MS = 50;

/**
 * The server as `npm start` starts it, on a folder of its own and a free port, ready for use.
 * @throws when it ends before it is ready, with what it wrote, or is not ready in time
 */
export async function startServerProcess(options: {
  dataDirectory: string;
  settings?: Record<string, string>;
  /** How long it may take until everything is ready, in seconds. */
  readyWithin?: number;
  /** Whether it is enough that it answers, while its study is still being made. */
  unprepared?: boolean;
}): Promise<StartedServer> {
  const { dataDirectory, readyWithin = 570, unprepared = false } = options;
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  const server = spawn(process.execPath, ['--import', 'tsx', 'api/main.ts'], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...withoutSettings(process.env),
      PORT: '0',
      ISS_DATA_DIR: dataDirectory,
      ISS_LOG_LEVEL: 'warn',
      ...options.settings,
    },
  });
  let written = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    written = (written + text).slice(-200_000);
  });
  const ended = once(server, 'exit');
  const stop = async (): Promise<number | null> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await ended;
    }
    return server.exitCode;
  };
  const alive = (): void => {
    if (server.exitCode !== null || server.signalCode !== null)
      throw new Error(
        `the server ended with ${server.exitCode ?? server.signalCode} after ${since().toFixed(1)} s:\n${written}`,
      );
    if (since() > readyWithin) throw new Error(`the server is not ready after ${readyWithin} s:\n${written}`);
  };
  try {
    const url = await until(alive, async () => noteOf(dataDirectory, server.pid!));
    await until(alive, async () => (await answer(`${url}/healthz`)) === 200 || undefined);
    const answeredAfter = since();
    if (!unprepared) await until(alive, async () => (await answer(`${url}/readyz`)) === 200 || undefined);
    return { url, process: server, dataDirectory, answeredAfter, readyAfter: since(), output: () => written, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asks again and again until there is an answer; `alive` throws when there will be none. */
async function until<T>(alive: () => void, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    alive();
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

const answer = (url: string): Promise<number> =>
  fetch(url).then(
    (response) => response.status,
    () => 0,
  );

/** The address that the server of this process id wrote down. */
async function noteOf(dataDirectory: string, pid: number): Promise<string | undefined> {
  const text = await readFile(join(dataDirectory, 'server.json'), 'utf8').catch(() => undefined);
  const note = text === undefined ? undefined : (JSON.parse(text) as { pid: number; url: string });
  return note?.pid === pid ? note.url : undefined;
}

/** The environment without settings of this machine's own server. */
export function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([key]) => !/^(ISS_|VITEST|NODE_ENV$|NODE_OPTIONS$|PORT$|HOST$|TEST$)/.test(key),
    ),
  );
}
