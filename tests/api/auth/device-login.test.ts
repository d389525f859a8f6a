import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DeviceLogin,
  discoverLogin,
  type LoginDependencies,
  type LoginEndpoints,
  passwordLogin,
  pollDeviceLogin,
  refreshTokens,
  revokeLogin,
  startDeviceLogin,
} from '../../../api/auth/device-login.ts';
import { type AuthServer, startAuthServer } from './auth-server.ts';
import { Browser } from './browser.ts';

let server: AuthServer;
let endpoints: LoginEndpoints;
const world = (sleep: LoginDependencies['sleep'] = async () => {}): LoginDependencies => ({
  fetch,
  now: () => new Date(),
  sleep,
});
beforeAll(async () => {
  server = await startAuthServer();
  const found = await discoverLogin(server.url, world());
  if (!found.ok) throw new Error(found.reason);
  endpoints = found;
});
afterAll(() => server.stop());

const begin = async (): Promise<DeviceLogin> => {
  const login = await startDeviceLogin(endpoints, world());
  if (!login.ok) throw new Error(login.reason);
  return login;
};
const whoami = (token: string) => server.auth.authenticate({ headers: { authorization: `Bearer ${token}` } });

describe('a device login', () => {
  it('waits while the person types the code, signs in and agrees, then acts for them', async () => {
    const login = await begin();
    expect(login.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(login.verificationUrl).toBe(`${server.url}/realms/iss/device`);
    const browser = new Browser();
    const slept: number[] = [];
    // What the person does happens in between two polls.
    const tokens = await pollDeviceLogin(
      endpoints,
      login,
      world(async (milliseconds) => {
        slept.push(milliseconds);
        if (slept.length !== 2) return;
        const entry = await browser.open(login.verificationUrl);
        const wrong = await browser.submit(entry, { user_code: 'XXXX-XXXX' });
        expect(wrong.body).toContain('role="alert"');
        const confirm = await browser.submit(wrong, { user_code: login.userCode.toLowerCase() });
        expect(confirm.body).toContain(login.userCode);
        expect(confirm.body).toContain('ISS command line');
        const password = await browser.submit(confirm, {});
        const done = await browser.submit(password, { username: 'researcher', password: 'demo' });
        expect(done.body).toContain('Device connected');
        expect(done.headers.get('content-security-policy')).toContain("default-src 'none'");
      }),
    );
    expect(slept).toEqual([5000, 5000]);
    if (!tokens.ok) throw new Error(tokens.reason);
    expect(await whoami(tokens.accessToken)).toMatchObject({ kind: 'account', roles: ['researcher'], via: 'token' });

    const renewed = await refreshTokens(endpoints, tokens.refreshToken, world());
    if (!renewed.ok) throw new Error(renewed.reason);
    expect(await whoami(renewed.accessToken)).toMatchObject({ kind: 'account' });
    await revokeLogin(endpoints, renewed.refreshToken, world());
    expect(await refreshTokens(endpoints, renewed.refreshToken, world())).toMatchObject({ code: 'SIGNED_OUT' });
  });

  it('fills in the code of a complete link without script, and asks before it connects', async () => {
    const login = await begin();
    const page = await new Browser().open(login.verificationUrlComplete);
    expect(page.body).toContain(`value="${login.userCode}"`);
    expect(page.body).not.toContain('<script');
  });

  it('ends when the person refuses', async () => {
    const login = await begin();
    const browser = new Browser();
    const confirm = await browser.submit(await browser.open(login.verificationUrl), { user_code: login.userCode });
    expect((await browser.submit(confirm, { abort: 'yes' })).body).toContain('The device was refused');
    expect(await pollDeviceLogin(endpoints, login, world())).toMatchObject({ code: 'REFUSED' });
  });

  it('cannot be confirmed by a form of another site', async () => {
    const login = await begin();
    const body = new URLSearchParams({ user_code: login.userCode, confirm: 'yes', xsrf: 'guess' });
    const browser = new Browser();
    await browser.open(login.verificationUrl);
    const page = await browser.send(login.verificationUrl, { method: 'POST', body });
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.body).not.toContain('login');
  });

  it('is told to slow down when it polls before its interval is over', async () => {
    const at = new Date();
    const own = await startAuthServer({ now: () => at });
    const its = await discoverLogin(own.url, world());
    const login = its.ok && (await startDeviceLogin(its, world()));
    if (!login || !login.ok) throw new Error('no device login');
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: endpoints.clientId,
      device_code: login.deviceCode,
    };
    const poll = async () => {
      const response = await fetch(its.token, { method: 'POST', body: new URLSearchParams(form) });
      return [response.status, ((await response.json()) as { error: string }).error];
    };
    expect(await poll()).toEqual([400, 'authorization_pending']);
    expect(await poll()).toEqual([400, 'slow_down']);
    at.setTime(at.getTime() + 9_999);
    expect(await poll()).toEqual([400, 'slow_down']);
    at.setTime(at.getTime() + 15_000);
    expect(await poll()).toEqual([400, 'authorization_pending']);
    await own.stop();
  });

  it('cannot be guessed at: after some wrong codes the next wait, with a right one too and in another browser', async () => {
    const at = new Date();
    const own = await startAuthServer({ now: () => at });
    try {
      const url = `${own.url}/realms/iss/device`;
      const browser = new Browser();
      let page = await browser.open(url);
      for (let guess = 0; guess < 5; guess += 1) {
        page = await browser.submit(page, { user_code: 'XXXX-XXXX' });
        expect(page.body).toContain('role="alert"');
      }
      const held = await browser.submit(page, { user_code: 'XXXX-XXXX' });
      expect(held.status).toBe(429);
      expect(held.headers.get('retry-after')).toBe('30');
      expect(held.body).toContain('Too many wrong codes');
      const other = new Browser();
      expect((await other.submit(await other.open(url), { user_code: 'XXXX-XXXX' })).status).toBe(429);
    } finally {
      await own.stop();
    }
  });

  it('cannot be guessed at from address after address in one session, nor in session after session from one address', async () => {
    const at = new Date();
    const own = await startAuthServer({ now: () => at, behindProxy: true });
    try {
      const url = `${own.url}/realms/iss/device`;
      const wrong = { user_code: 'XXXX-XXXX' };
      const from = (address: string) => ({ 'x-forwarded-for': address });
      const browser = new Browser();
      const page = await browser.open(url);
      for (let guess = 1; guess <= 5; guess += 1)
        expect((await browser.submit(page, wrong, from(`192.0.2.${guess}`))).body).toContain('role="alert"');
      const held = await browser.submit(page, wrong, from('192.0.2.6'));
      expect([held.status, held.headers.get('retry-after')]).toEqual([429, '30']);
      // Another session at an address of its own is not held; five of them at one address are.
      for (let guess = 1; guess <= 5; guess += 1) {
        const other = new Browser();
        const answer = await other.submit(await other.open(url), wrong, from('198.51.100.1'));
        expect([answer.status, answer.body.includes('role="alert"')]).toEqual([200, true]);
      }
      const last = new Browser();
      expect((await last.submit(await last.open(url), wrong, from('198.51.100.1'))).status).toBe(429);
    } finally {
      await own.stop();
    }
  });

  it('is slowed down by itself: another device polls as it was told to', async () => {
    const at = new Date();
    const own = await startAuthServer({ now: () => at });
    try {
      const its = await discoverLogin(own.url, world());
      if (!its.ok) throw new Error('no realm');
      const poll = async (code: string) => {
        const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
        const body = new URLSearchParams({ grant_type, client_id: its.clientId, device_code: code });
        return ((await (await fetch(its.token, { method: 'POST', body })).json()) as { error: string }).error;
      };
      const codes: string[] = [];
      for (let device = 0; device < 2; device += 1) {
        const login = await startDeviceLogin(its, world());
        if (!login.ok) throw new Error('no device login');
        codes.push(login.deviceCode);
        expect(await poll(login.deviceCode)).toBe('authorization_pending');
      }
      expect(await poll(codes[0]!)).toBe('slow_down');
      at.setTime(at.getTime() + 5_000);
      expect(await poll(codes[1]!)).toBe('authorization_pending');
      // Ten seconds now, for the first.
      expect(await poll(codes[0]!)).toBe('slow_down');
      at.setTime(at.getTime() + 15_000);
      expect(await poll(codes[0]!)).toBe('authorization_pending');
    } finally {
      await own.stop();
    }
  });

  it('expires by the clock', async () => {
    const login = await begin();
    let now = Date.now();
    const sleep = async (milliseconds: number) => {
      now += milliseconds * 30;
    };
    const clock = { fetch, now: () => new Date(now), sleep };
    expect(await pollDeviceLogin(endpoints, login, clock)).toMatchObject({ ok: false, code: 'EXPIRED' });
  });

  it('slows down for good when asked to, and more when the realm does not answer', async () => {
    const answers = [
      [400, { error: 'authorization_pending' }],
      [400, { error: 'slow_down' }],
      [400, { error: 'authorization_pending' }],
      [503, {}],
      [200, { access_token: 'a', refresh_token: 'r', expires_in: 60 }],
    ] as const;
    let asked = 0;
    const realm = createServer((_request, response) => {
      const [status, body] = answers[asked++]!;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((ready) => realm.listen(0, '127.0.0.1', ready));
    const token = `http://127.0.0.1:${(realm.address() as AddressInfo).port}/token`;
    const slept: number[] = [];
    const login = { ...(await begin()), intervalSeconds: 1 };
    const tokens = await pollDeviceLogin(
      { ...endpoints, token },
      login,
      world(async (ms) => void slept.push(ms)),
    );
    realm.closeAllConnections();
    await new Promise((done) => realm.close(done));
    expect(tokens).toMatchObject({ ok: true, accessToken: 'a', refreshToken: 'r' });
    expect(slept).toEqual([1000, 1000, 6000, 6000, 12000]);
  });
});

describe('the password of the demo realm', () => {
  it('signs a script in, a wrong one does not', async () => {
    const tokens = await passwordLogin(endpoints, { username: 'steward', password: 'demo' }, world());
    if (!tokens.ok) throw new Error(tokens.reason);
    expect(await whoami(tokens.accessToken)).toMatchObject({ roles: ['steward'] });
    expect(await passwordLogin(endpoints, { username: 'steward', password: 'x' }, world())).toMatchObject({
      code: 'REFUSED',
    });
    const closed = { ...endpoints, passwordGrant: false };
    expect(await passwordLogin(closed, { username: 'steward', password: 'demo' }, world())).toMatchObject({
      code: 'NOT_OFFERED',
    });
  });
});

describe('a server that is not there', () => {
  it('is a value with a sentence, not an exception', async () => {
    expect(await discoverLogin('http://127.0.0.1:9', world())).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    const page = { ...world(), fetch: (async () => new Response('<html>')) as typeof fetch };
    expect(await discoverLogin('http://127.0.0.1:9', page)).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    const other = { ...world(), fetch: (async () => Response.json({ hello: 1 })) as typeof fetch };
    expect(await discoverLogin('http://127.0.0.1:9', other)).toMatchObject({
      reason: 'http://127.0.0.1:9 is not an ISS server',
    });
  });
});
