import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readRealm } from '../../../api/adapters/identity/realm.ts';
import { type Auth, createAuth } from '../../../api/auth/create-auth.ts';
import { type AuthServer, startAuthServer } from './auth-server.ts';
import { Browser } from './browser.ts';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuthServer();
});
afterAll(() => server.stop());
afterEach(() => {
  vi.useRealTimers();
  server.events.length = 0;
});

/** Moves the clock, timers untouched. */
const later = (milliseconds: number): void => {
  const at = Date.now() + milliseconds;
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(at);
};

const json = (page: { body: string }) => JSON.parse(page.body);

describe('signing in with a browser', () => {
  it('asks for the password once, without a consent page, and comes back to the page that was wanted', async () => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login?return=${encodeURIComponent('/requests?tab=mine#top')}`);
    expect(login.status).toBe(200);
    expect(login.url).toContain('/realms/iss/login/');
    const hop = await browser.submit(login, { username: 'researcher', password: 'demo' });
    expect(hop.url).toBe(`${server.url}/requests?tab=mine#top`);
    expect(await server.session(browser)).toEqual({
      signedIn: true,
      account: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        username: 'researcher',
        name: 'Researcher Demo',
        email: 'researcher@example.org',
      },
      roles: ['researcher'],
      expiresAt: expect.any(String),
      csrfHeader: { name: 'X-ISS-CSRF', value: '1' },
    });
    expect(server.events.map(({ type }) => type)).toEqual(['ACCOUNT_CREATED', 'ROLES_CHANGED', 'SIGNED_IN']);
  });

  it('gives the browser one cookie of 32 random bytes, kept from script and stored only as its hash', async () => {
    const browser = await server.signIn('researcher');
    const cookie = browser.cookie('iss_session')!;
    expect(Buffer.from(cookie.value, 'base64url')).toHaveLength(32);
    expect(cookie.attributes).toBe('Path=/; HttpOnly; SameSite=Lax');
    const dump = await server.database.pool.query('SELECT row_to_json(p)::text AS row FROM portal_session p');
    const rows = dump.rows.map(({ row }) => row).join();
    expect(rows).not.toContain(cookie.value);
    expect(rows).not.toContain('eyJ');
  });

  it('serves a login page without script that tells screen readers what went wrong', async () => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login`);
    expect(login.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(login.body).not.toContain('<script');
    // With no-referrer a browser sends the form with Origin: null, and it is refused.
    expect(login.headers.get('referrer-policy')).toBe('same-origin');
    expect(login.body).toContain('<label for="password">');
    const again = await browser.submit(login, { username: 'researcher"><script>', password: 'wrong' });
    expect(again.status).toBe(401);
    expect(again.body).toContain('<p role="alert" id="problem">User name or password is wrong.</p>');
    expect(again.body).not.toContain('<script');
    expect((await browser.submit(again, { username: '', password: '' })).status).toBe(400);
    const done = await browser.submit(again, { username: 'researcher', password: 'demo' });
    expect(done.body).toBe('start page');
  });

  it('says the same of a wrong password and of an account that is not there', async () => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login`);
    const wrong = await browser.submit(login, { username: 'auditor', password: 'nope' });
    const nobody = await browser.submit(login, { username: 'nobody1', password: 'nope' });
    expect(nobody.body.replaceAll('nobody1', 'auditor')).toBe(wrong.body);
    expect(server.events.map(({ type }) => type)).toEqual(['SIGN_IN_FAILED', 'SIGN_IN_FAILED']);
  });

  it('slows down guessing for one account, longer each time, and lets others in', async () => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login`);
    const guess = () => browser.submit(login, { username: 'curator', password: 'guess' });
    for (let count = 0; count < 5; count += 1) expect((await guess()).status).toBe(401);
    const slowed = await browser.submit(login, { username: 'curator', password: 'demo' });
    expect(slowed.status).toBe(429);
    expect(slowed.headers.get('retry-after')).toBe('30');
    later(31_000);
    expect((await guess()).status).toBe(401);
    expect((await guess()).headers.get('retry-after')).toBe('60');
    expect((await server.signIn('auditor')).cookie('iss_session')).toBeDefined();
    later(61_000);
    expect((await browser.submit(login, { username: 'curator', password: 'demo' })).body).toBe('start page');
  });

  it('refuses a login form that another site sends', async () => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login`);
    const fields = { username: 'researcher', password: 'demo' };
    expect((await browser.submit(login, fields, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.submit(login, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const stranger = new Browser();
    expect((await stranger.submit(login, fields)).status).toBe(400);
  });

  it('does not sign in twice with one answer, nor with the answer of another browser', async () => {
    const victim = new Browser();
    const attacker = new Browser();
    const login = await attacker.open(`${server.url}/auth/login`);
    const form = /action="([^"]+)"/.exec(login.body)![1]!;
    const body = new URLSearchParams({ username: 'researcher', password: 'demo' });
    let page = await attacker.send(new URL(form, server.url).href, { method: 'POST', body });
    page = await attacker.send(page.headers.get('location')!);
    const callback = page.headers.get('location')!;
    expect(callback).toContain('/auth/callback?code=');
    // The victim is made to open the attacker's callback, with and without a sign-in of their own under way.
    expect((await victim.open(callback)).status).toBe(400);
    await victim.open(`${server.url}/auth/login`);
    expect((await victim.open(callback)).status).toBe(400);
    expect(victim.cookie('iss_session')).toBeUndefined();
    const other = new URL(callback);
    other.searchParams.set('iss', 'https://evil.example/realms/iss');
    const copy = new Browser();
    copy.cookies.push(...attacker.cookies);
    expect((await copy.open(other.href)).status).toBe(400);

    const planted = attacker.cookies.slice();
    expect((await attacker.open(callback)).body).toBe('start page');
    attacker.cookies.splice(0, attacker.cookies.length, ...planted);
    expect((await attacker.open(callback)).status).toBe(400);
    expect((await attacker.open(`${server.url}/auth/callback?state=x`)).status).toBe(400);
    expect((await attacker.open(`${server.url}/auth/callback`)).status).toBe(400);
  });

  it('changes the cookie at each sign-in, so that a planted one is worth nothing', async () => {
    const attacker = await server.signIn('researcher');
    const planted = attacker.cookie('iss_session')!;
    const victim = new Browser();
    victim.cookies.push(planted);
    await server.signIn('steward', victim);
    expect(victim.cookie('iss_session')!.value).not.toBe(planted.value);
    expect(await server.session(attacker)).toMatchObject({ signedIn: false });
    expect(await server.session(victim)).toMatchObject({ signedIn: true, roles: ['steward'] });
    const invented = new Browser();
    invented.cookies.push({ ...planted, value: 'A'.repeat(43) });
    await server.signIn('auditor', invented);
    expect(invented.cookie('iss_session')!.value).not.toBe('A'.repeat(43));
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'https:evil.example',
    '/\t/evil.example',
    '/.//evil.example/..//evil.example',
    'javascript:alert(1)',
    '/auth/login?return=/',
    '',
  ])('never leads elsewhere after signing in: %j', async (wish) => {
    const browser = new Browser();
    const login = await browser.open(`${server.url}/auth/login?return=${encodeURIComponent(wish)}`);
    const page = await browser.submit(login, { username: 'researcher', password: 'demo' });
    expect(new URL(page.url).origin).toBe(server.url);
    expect(page.url).not.toContain('/auth/');
  });

  it('begins a sign-in where the realm will send the browser back to', async () => {
    const port = new URL(server.url).port;
    const page = await new Browser().send(`http://127.0.0.1:${port}/auth/login?return=/a`);
    expect(page.headers.get('location')).toBe(`${server.url}/auth/login?return=%2Fa`);
  });
});

describe('a portal session', () => {
  it('changes nothing without the header and from another site', async () => {
    const browser = await server.signIn('researcher');
    const post = (headers: Record<string, string>) => browser.send(`${server.url}/change`, { method: 'POST', headers });
    expect(json(await post({}))).toEqual({
      error: { code: 'CSRF_HEADER_MISSING', message: 'Send the header X-ISS-CSRF: 1 with the request.' },
    });
    for (const headers of [
      { 'x-iss-csrf': '1', origin: 'https://evil.example' },
      { 'x-iss-csrf': '1', origin: 'null' },
      { 'x-iss-csrf': '1', 'sec-fetch-site': 'same-site' },
    ])
      expect(json(await post(headers)).error.code).toBe('CSRF_OTHER_SITE');
    expect(json(await post({ 'x-iss-csrf': '1', origin: server.url, 'sec-fetch-site': 'same-origin' }))).toEqual({
      kind: 'account',
      accountId: expect.any(String),
      roles: ['researcher'],
      via: 'session',
      sessionId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('ends at logout, in the realm too, and only by a request of our own', async () => {
    const browser = await server.signIn('researcher');
    const kept = browser.cookie('iss_session')!;
    expect((await browser.send(`${server.url}/auth/logout`, { method: 'POST' })).status).toBe(403);
    expect((await browser.send(`${server.url}/auth/logout`)).status).toBe(404);
    const headers = { 'x-iss-csrf': '1' };
    expect((await browser.send(`${server.url}/auth/logout`, { method: 'POST', headers })).status).toBe(204);
    expect(browser.cookie('iss_session')).toBeUndefined();
    browser.cookies.push(kept);
    expect(json(await browser.send(`${server.url}/whoami`))).toEqual({ kind: 'anonymous' });
    const login = await browser.open(`${server.url}/auth/login`);
    expect(login.url).toContain('/realms/iss/login/');
    expect(server.events.at(-1)).toMatchObject({ type: 'SIGNED_OUT' });
  });

  it('ends in the realm when the person asks the realm, after a question without script', async () => {
    const browser = await server.signIn('researcher');
    const question = await browser.open(`${server.url}/realms/iss/protocol/openid-connect/logout`);
    expect(question.body).toContain('Sign out?');
    expect(question.body).not.toContain('<script');
    expect((await browser.submit(question, { logout: 'yes' })).body).toContain('You are signed out.');
    later(61_000);
    expect(await server.session(browser)).toMatchObject({ signedIn: false });
  });

  it('signs in again without a password while the realm session lives', async () => {
    const browser = await server.signIn('researcher');
    expect((await browser.open(`${server.url}/auth/login`)).body).toBe('start page');
  });

  it('renews its tokens once for many requests at a time', async () => {
    const browser = await server.signIn('researcher');
    later(61_000);
    const answers = await Promise.all(Array.from({ length: 12 }, () => browser.send(`${server.url}/whoami`)));
    expect(answers.map((page) => json(page).kind)).toEqual(Array(12).fill('account'));
    later(61_000);
    expect(json(await browser.send(`${server.url}/whoami`)).kind).toBe('account');
  });

  it('renews its tokens once for two servers on one database too', async () => {
    const browser = await server.signIn('researcher-2');
    const one = server.auth;
    await server.restart();
    later(61_000);
    const headers = { cookie: browser.cookieHeader(server.url) };
    const ask = (auth: Auth) => auth.authenticate({ headers });
    const answers = await Promise.all([one, server.auth, one, server.auth].map(ask));
    expect(answers.map(({ kind }) => kind)).toEqual(Array(4).fill('account'));
    later(61_000);
    expect(await ask(one)).toMatchObject({ kind: 'account' });
  });

  it('ends after two hours without use and after twelve hours in any case', async () => {
    const idle = await server.signIn('researcher');
    const busy = await server.signIn('researcher-2');
    const start = Date.now();
    later(2 * 3_600_000 + 1000);
    expect(json(await idle.send(`${server.url}/whoami`))).toEqual({ kind: 'anonymous' });
    vi.useRealTimers();
    const kinds: string[] = [];
    for (let hours = 1; hours <= 12; hours += 1) {
      vi.useFakeTimers({ toFake: ['Date'] });
      vi.setSystemTime(start + hours * 3_600_000);
      kinds.push(json(await busy.send(`${server.url}/whoami`)).kind);
    }
    expect(kinds).toEqual([...Array(11).fill('account'), 'anonymous']);
  });

  it('survives a restart, and so does the CLI login', async () => {
    const browser = await server.signIn('researcher');
    const { refresh_token: refreshToken, access_token: accessToken } = await server.passwordTokens('researcher');
    await server.restart();
    const headers = { authorization: `Bearer ${accessToken}` };
    expect(json(await new Browser().send(`${server.url}/whoami`, { headers })).via).toBe('token');
    later(61_000);
    expect(json(await browser.send(`${server.url}/whoami`)).kind).toBe('account');
    const form = { grant_type: 'refresh_token', client_id: 'iss-cli', refresh_token: refreshToken };
    expect((await server.token(form)).status).toBe(200);
    expect((await browser.open(`${server.url}/auth/login`)).body).toBe('start page');
  });

  it('sees a role that was removed in the realm within a minute, and ends with a disabled account', async () => {
    const realm = await readRealm({ demo: true, publicUrl: server.url });
    const browser = await server.signIn('steward-2');
    realm.users.find(({ username }) => username === 'steward-2')!.realmRoles = ['researcher'];
    await server.restart({ realm });
    expect((await server.session(browser)).roles).toEqual(['steward']);
    later(60_500);
    expect((await server.session(browser)).roles).toEqual(['researcher']);
    expect(server.events.at(-1)).toMatchObject({ type: 'ROLES_CHANGED', before: ['steward'], after: ['researcher'] });
    realm.users.find(({ username }) => username === 'steward-2')!.enabled = false;
    await server.restart({ realm });
    later(60_500);
    expect(await server.session(browser)).toMatchObject({ signedIn: false });
    expect(server.events.at(-1)).toMatchObject({ type: 'SESSION_ENDED' });
    vi.useRealTimers();
    await server.restart();
  });

  it('gives neither of two roles that exclude each other', async () => {
    const realm = await readRealm({ demo: true, publicUrl: server.url });
    realm.users.find(({ username }) => username === 'researcher-4')!.realmRoles = ['admin', 'steward', 'researcher'];
    await server.restart({ realm });
    expect((await server.session(await server.signIn('researcher-4'))).roles).toEqual(['researcher']);
    expect(server.events).toContainEqual(
      expect.objectContaining({ type: 'ROLES_REFUSED', pairs: [['admin', 'steward']] }),
    );
    await server.restart();
  });
});

describe('behind a public URL with https', () => {
  it('answers with that URL and with cookies for it alone, whatever the client says it is called', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'iss-auth-https-'));
    const { router } = await createAuth({
      database: server.database.database,
      clock: { now: () => new Date() },
      ids: { uuid: randomUUID, random: randomBytes },
      publicUrl: 'https://portal.example.org/',
      dataDirectory: folder,
      sealingKey: randomBytes(32),
      demo: false,
      log: { info() {}, warn() {}, error() {} },
    });
    const app = express().use(router).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const { port } = app.address() as AddressInfo;
    const ask = async (path: string) => {
      const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' };
      return fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' });
    };
    try {
      const first = await ask('/auth/login');
      expect(first.headers.getSetCookie().join()).toMatch(
        /^__Host-iss_sign_in_[\w-]{16}=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=1800$/,
      );
      const next = new URL(first.headers.get('location')!);
      expect(next.origin + next.pathname).toBe('https://portal.example.org/realms/iss/protocol/openid-connect/auth');
      const second = await ask(next.pathname + next.search);
      expect(second.headers.get('location')).toMatch(/^https:\/\/portal\.example\.org\/realms\/iss\/login\//);
      for (const line of second.headers.getSetCookie()) expect(line).toMatch(/; secure; httponly$/i);
      const discovery = await (await ask('/realms/iss/.well-known/openid-configuration')).text();
      expect(discovery).not.toMatch(/evil|gopher|127\.0\.0\.1/);
    } finally {
      app.closeAllConnections();
      app.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe("the embedded realm's tokens", () => {
  it("have Keycloak's shape", async () => {
    const { access_token: token } = await server.passwordTokens('researcher');
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(decodeJwt(token)).toEqual({
      iss: `${server.url}/realms/iss`,
      aud: 'iss-api',
      azp: 'iss-cli',
      sub: 'd0000000-0000-4000-8000-000000000001',
      typ: 'Bearer',
      exp: expect.any(Number),
      iat: expect.any(Number),
      jti: expect.any(String),
      sid: expect.any(String),
      scope: 'openid profile email',
      preferred_username: 'researcher',
      name: 'Researcher Demo',
      given_name: 'Researcher',
      family_name: 'Demo',
      email: 'researcher@example.org',
      email_verified: true,
      realm_access: { roles: ['researcher'] },
    });
    const { exp, iat } = decodeJwt(token);
    expect(exp! - iat!).toBe(300);
  });

  it('renew by rotation; an old refresh token used again ends the whole login', async () => {
    const first = (await server.passwordTokens('researcher')).refresh_token;
    const renew = (refreshToken: string) =>
      server.token({ grant_type: 'refresh_token', client_id: 'iss-cli', refresh_token: refreshToken });
    const second = (await renew(first)).json.refresh_token as string;
    expect(second).not.toBe(first);
    expect((await renew(first)).json.error).toBe('invalid_grant');
    expect((await renew(second)).json.error).toBe('invalid_grant');
  });

  it('are renewed for one of two who come with the same refresh token', async () => {
    const { refresh_token: token } = await server.passwordTokens('researcher');
    const form = { grant_type: 'refresh_token', client_id: 'iss-cli', refresh_token: token };
    const statuses = (await Promise.all([1, 2, 3, 4].map(() => server.token(form)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(statuses.every((status) => status === 200 || status === 400)).toBe(true);
  });

  it('are not found in the database', async () => {
    const { refresh_token: token } = await server.passwordTokens('researcher');
    const { rows } = await server.database.pool.query("SELECT string_agg(r::text, ' ') AS dump FROM oidc_record r");
    expect(rows[0].dump).not.toContain(token);
  });

  it('are given for a password in the demo realm alone, to the command line alone', async () => {
    const form = { grant_type: 'password', username: 'researcher', password: 'demo' };
    expect((await server.token({ ...form, client_id: 'iss-portal' })).status).toBe(400);
    expect((await server.token({ ...form, client_id: 'iss-api' })).status).toBe(401);
    expect((await server.token({ ...form, client_id: 'iss-cli', password: 'x' })).json.error).toBe('invalid_grant');
    await server.restart({ demo: false });
    expect((await server.token({ ...form, client_id: 'iss-cli' })).json.error).toBe('unsupported_grant_type');
    await server.restart();
  });

  it('open the userinfo page, and other tokens do not', async () => {
    const { access_token: token } = await server.passwordTokens('researcher');
    const url = `${server.url}/realms/iss/protocol/openid-connect/userinfo`;
    const ask = (authorization: string) => fetch(url, { headers: { authorization } });
    expect(await (await ask(`Bearer ${token}`)).json()).toMatchObject({ preferred_username: 'researcher' });
    expect((await ask('Bearer x')).status).toBe(401);
  });
});
