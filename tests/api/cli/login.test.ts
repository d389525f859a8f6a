import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../../api/cli/file-lock.ts';
import { openSession } from '../../../api/cli/session.ts';
import { type StoredLogin, tokenStore } from '../../../api/cli/token-store.ts';
import { type AuthServer, startAuthServer } from '../auth/auth-server.ts';
import { aFolder, anIo, iss, type TestIo } from './an-io.ts';

const COMMAND = resolve(import.meta.dirname, '../../../api/cli/iss.mjs');
const run = promisify(execFile);

let server: AuthServer;
let folder: string;
beforeAll(async () => {
  server = await startAuthServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = join(await aFolder(), 'config');
});

const io = (environment: Record<string, string> = {}): TestIo =>
  anIo({ ISS_URL: server.url, ISS_CONFIG_DIR: folder, ...environment });
const store = () => tokenStore(folder, io());
const file = async (): Promise<string> => join(folder, (await readdir(folder))[0]!);

/** Signs in through the real realm and keeps the login as `iss login` does. */
async function signIn(): Promise<StoredLogin> {
  const tokens = await server.passwordTokens('researcher');
  const login = {
    server: server.url,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
  };
  await store().write(login);
  return login;
}

const expire = async (login: StoredLogin): Promise<void> =>
  store().write({ ...login, expiresAt: new Date(0).toISOString() });

describe('iss login', () => {
  const login = (password: string, ...words: string[]) => {
    const env = { ...process.env, ISS_URL: server.url, ISS_CONFIG_DIR: folder, ISS_TOKEN: '' };
    const child = run(process.execPath, [COMMAND, 'login', '--username', 'researcher', '--password-stdin', ...words], {
      env,
    });
    child.child.stdin!.end(`${password}\n`);
    return child;
  };

  test('with a password keeps the tokens for its owner alone, and prints none', async () => {
    const { stdout, stderr } = await login('demo');
    expect(stdout).toBe(`Signed in at ${server.url}.\n`);
    const kept = JSON.parse(await readFile(await file(), 'utf8')) as StoredLogin;
    expect(stdout + stderr).not.toContain(kept.accessToken);
    expect((await stat(await file())).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const answer = await fetch(`${server.url}/whoami`, { headers: { Authorization: `Bearer ${kept.accessToken}` } });
    expect(JSON.stringify(await answer.json())).toContain('accountId');
  });

  test('with a wrong password keeps nothing', async () => {
    const failed = await login('wrong').catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({
      code: 1,
      stderr: 'iss: User name or password is wrong, or there were too many attempts.\n',
    });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  test('by device shows where to confirm, and is given up with Ctrl-C', async () => {
    const terminal = io();
    const sleep = terminal.sleep;
    terminal.sleep = async (milliseconds) => {
      terminal.abort();
      await sleep(milliseconds);
    };
    expect(await iss(terminal, 'login')).toBe(130);
    expect(terminal.notes[0]).toMatch(new RegExp(`^Open ${server.url}/`));
    expect(terminal.notes[1]).toMatch(/^and confirm the code [A-Z]{4}-[A-Z]{4}\. Waiting …$/);
  });

  test('at no server says so', async () => {
    const terminal = io({ ISS_URL: 'http://127.0.0.1:4' });
    expect(await iss(terminal, 'login')).toBe(1);
    expect(terminal.notes.join()).toContain('No server answers at http://127.0.0.1:4');
  });
});

test('logout ends the login at the realm and forgets it here', async () => {
  const { refreshToken } = await signIn();
  const terminal = io();
  expect(await iss(terminal, 'logout')).toBe(0);
  expect(terminal.lines).toEqual([`Signed out of ${server.url}.`]);
  expect(await readdir(folder)).toEqual([]);
  const { status } = await server.token({
    grant_type: 'refresh_token',
    client_id: 'iss-cli',
    refresh_token: refreshToken,
  });
  expect(status).toBe(400);
  const again = io();
  expect(await iss(again, 'logout')).toBe(0);
  expect(again.lines).toEqual([`Nobody was signed in at ${server.url}.`]);
});

describe('a kept login', () => {
  test('is used as it is while it is good', async () => {
    const { accessToken } = await signIn();
    expect(await openSession(server.url, store(), io()).token()).toBe(accessToken);
  });

  test('gives way to ISS_TOKEN', async () => {
    await signIn();
    expect(await openSession(server.url, store(), io({ ISS_TOKEN: 'mine' })).token()).toBe('mine');
  });

  test('is another one at another server', async () => {
    await signIn();
    expect(await store().read('http://other.example')).toBeNull();
  });

  test('is renewed once by eight at a time, with a refresh token that works once', async () => {
    const old = await signIn();
    await expire(old);
    const sessions = Array.from({ length: 8 }, () => openSession(server.url, store(), io()));
    const tokens = new Set(await Promise.all(sessions.map((session) => session.token())));
    expect(tokens.size).toBe(1);
    const kept = await store().read(server.url);
    expect(tokens).toEqual(new Set([kept!.accessToken]));
    expect(kept!.refreshToken).not.toBe(old.refreshToken);
    // The realm ends a login whose refresh token comes twice; this one still lives.
    await expire(kept!);
    expect(await openSession(server.url, store(), io()).token()).not.toBe(kept!.accessToken);
  });

  test('is renewed once by three processes at a time', async () => {
    await expire(await signIn());
    const env = { ...process.env, ISS_URL: server.url, ISS_CONFIG_DIR: folder, ISS_TOKEN: '' };
    const once = () => run(process.execPath, [COMMAND, 'whoami'], { env }).catch((error: { stderr: string }) => error);
    // This server speaks no GraphQL; that it is asked for some shows that each had a token.
    for (const { stderr } of await Promise.all([once(), once(), once()]))
      expect(stderr).toContain('answered 404 and no GraphQL');
    const kept = await store().read(server.url);
    await expire(kept!);
    expect(await openSession(server.url, store(), io()).token()).toBeTruthy();
  });

  test('is renewed when the server refuses it before its time', async () => {
    const { accessToken } = await signIn();
    const session = openSession(server.url, store(), io());
    const fresh = await session.renew(accessToken);
    expect(fresh).not.toBe(accessToken);
    expect(await session.renew(accessToken)).toBe(fresh);
  });

  test('that has ended at the realm is forgotten, with what to do', async () => {
    const login = await signIn();
    await expire({ ...login, refreshToken: 'made-up' });
    await expect(openSession(server.url, store(), io()).token()).rejects.toThrow(
      `The login at ${server.url} has ended: run iss login.`,
    );
    expect(await store().read(server.url)).toBeNull();
  });

  test('that others could read is closed to them', async () => {
    await signIn();
    await chmod(await file(), 0o644);
    await store().read(server.url);
    expect((await stat(await file())).mode & 0o777).toBe(0o600);
  });

  test('that is damaged says how to mend it', async () => {
    await signIn();
    await writeFile(await file(), '{"server"');
    await expect(store().read(server.url)).rejects.toThrow('is damaged: run iss logout, then iss login.');
    expect(await iss(io(), 'logout')).toBe(0);
    expect(await store().read(server.url)).toBeNull();
  });
});

describe('a lock', () => {
  const options = { waitMs: 10_000, busy: 'Somebody else is at it.' };
  const path = async (): Promise<string> => {
    await mkdir(folder, { recursive: true });
    return join(folder, 'a.lock');
  };

  test('lets one in at a time', async () => {
    const lock = await path();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await readdir(folder);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => withLock(lock, io(), options, work)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a process that was killed is taken over, by one of many', async () => {
    const lock = await path();
    const { child } = run(process.execPath, ['-e', '']);
    await new Promise((ended) => child.once('exit', ended));
    await writeFile(lock, String(child.pid));
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await readdir(folder);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLock(lock, io(), options, work)));
    expect(most).toBe(1);
  });

  test('of a living process is waited for, and then told of', async () => {
    const lock = await path();
    await writeFile(lock, String(process.ppid));
    await expect(withLock(lock, io(), { ...options, waitMs: 0 }, async () => 1)).rejects.toThrow(
      'Somebody else is at it.',
    );
    expect(await readdir(folder)).toEqual(['a.lock']);
  });

  test('is given back when the work fails', async () => {
    const lock = await path();
    const failing = withLock(lock, io(), options, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual([]);
  });
});
