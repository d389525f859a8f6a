import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { EDITOR_PATH } from '../../api/http/persisted-operations.ts';
import { Browser } from '../api/auth/browser.ts';

const CHECKOUT = resolve(import.meta.dirname, '../..');

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  body: any;
}

/** The attacked server and what an attacker has: HTTP, raw sockets, the demo's passwords. */
export interface Target {
  url: string;
  port: number;
  /** All that the server wrote to its log, at the finest level. */
  log(): string;
  /** Resident memory of the server's process, in MiB. */
  memory(): Promise<number>;
  token(username: string): Promise<string>;
  /** A browser with somebody's session. */
  browser(username: string): Promise<Browser>;
  post(body: unknown, headers?: Record<string, string>): Promise<Answered>;
  ask(token: string | null, query: string, variables?: unknown, headers?: Record<string, string>): Promise<Answered>;
  fetch(path: string, init?: RequestInit): Promise<Answered>;
  /** Sends bytes as they are and gives what comes back until the server closes, or for so long. */
  raw(bytes: string | Uint8Array, waitMs?: number): Promise<string>;
  socket(): Promise<Socket>;
  alive(): Promise<void>;
  stop(): Promise<void>;
}

/** Secrets that were handed out, to look for in the log. */
export const secrets: string[] = [];

export async function startTarget(settings: Record<string, string> = {}): Promise<Target> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'iss-attacked-'));
  const { ISS_SLOW_TESTS: _, ...environment } = process.env;
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'tests/attacks/attacked-server.ts'], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      PORT: '0',
      ISS_DATA_DIR: dataDirectory,
      ISS_LOG_LEVEL: 'debug',
      ISS_WORKERS: '0',
      ISS_REQUESTS_PER_MINUTE: '1000000',
      ...settings,
    },
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  if (child.stdout === null) throw new Error('no output');
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    once(child, 'exit').then(() => Promise.reject(new Error(`the server ended before it answered:\n${log}`))),
  ]);
  const { url, port, pid } = JSON.parse(line) as { url: string; port: number; pid: number };

  const fetched = async (path: string, init: RequestInit = {}): Promise<Answered> => {
    const response = await fetch(path.startsWith('http') ? path : `${url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    let body: unknown = null;
    try {
      body = JSON.parse(text);
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, headers: response.headers, text, body };
  };
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answered> =>
    // With a session only the query editor may send documents of its own.
    fetched('cookie' in headers ? EDITOR_PATH : '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const socket = async (): Promise<Socket> => {
    const open = connect(port, '127.0.0.1');
    open.on('error', () => {});
    await once(open, 'connect');
    return open;
  };

  return {
    ...{ url, port, post, fetch: fetched, socket },
    log: () => log,
    async memory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    },
    async token(username) {
      const answer = await fetched('/realms/iss/protocol/openid-connect/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'password', client_id: 'iss-cli', username, password: 'demo' }),
      });
      if (answer.status !== 200) throw new Error(`no token for ${username}: ${answer.text}`);
      secrets.push(answer.body.access_token, answer.body.refresh_token);
      return answer.body.access_token;
    },
    async browser(username) {
      const browser = new Browser();
      const login = await browser.open(`${url}/auth/login`);
      await browser.submit(login, { username, password: 'demo' });
      const cookie = browser.cookie('iss_session');
      if (cookie === undefined) throw new Error(`${username} was not signed in`);
      secrets.push(cookie.value);
      return browser;
    },
    ask: (token, query, variables, headers = {}) =>
      post(
        { query, ...(variables === undefined ? {} : { variables }) },
        { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ),
    async raw(bytes, waitMs = 3000) {
      const open = await socket();
      let received = '';
      open.setEncoding('latin1').on('data', (text: string) => {
        received += text;
      });
      // A server that cuts the connection while bytes are on their way is an answer too.
      open.on('error', () => {});
      open.write(bytes);
      await Promise.race([
        new Promise((done) => open.once('close', done)),
        new Promise((done) => setTimeout(done, waitMs)),
      ]);
      open.destroy();
      return received;
    },
    async alive() {
      const { status } = await fetched('/healthz');
      if (status !== 200) throw new Error(`the server answers ${status}`);
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** What no answer may ever hold: how the server is made inside. */
export const INSIDES = new RegExp(
  [
    /\bat (?:async )?[\w.<>]+ \(|node_modules|\.ts:\d+|SELECT |INSERT |syntax error at|invalid input syntax|relation "/
      .source,
    /ENOENT|ECONN|pg_|postgres/.source,
    ...[CHECKOUT, tmpdir()].map((folder) => folder.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')),
  ].join('|'),
);
