import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenSet } from '../../api/adapters/identity/identity.ts';
import {
  createKeycloakIdentity,
  type KeycloakIdentity,
} from '../../api/adapters/identity/keycloak/keycloak-identity.ts';
import type { AuthEvent } from '../../api/auth/auth-event.ts';
import { type Auth, createAuth } from '../../api/auth/create-auth.ts';
import { discoverLogin, pollDeviceLogin, refreshTokens, startDeviceLogin } from '../../api/auth/device-login.ts';
import { signInReason } from '../../governance/second-factor.ts';
import { Browser } from '../api/auth/browser.ts';
import { eventually } from '../contracts/eventually.ts';
import { identityContract } from '../contracts/identity-contract.ts';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { type KeycloakServer, startKeycloak } from './support/keycloak.ts';
import { typeInto } from './support/keycloak-browser.ts';
import { absent } from './support/service.ts';

const word = () => randomBytes(32).toString('base64url');

// One for the file: it takes most of a minute to start.
let keycloak: KeycloakServer;
let portal: Server;
let publicUrl: string;
let handler: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end();

async function signIn(url: string, username = 'researcher', browser = new Browser()): Promise<URL> {
  const page = await browser.open(url);
  return new URL((await typeInto(browser, page, `${publicUrl}/auth/callback`, username)).url);
}

describe.skipIf(absent('keycloak'))('Keycloak', () => {
  beforeAll(async () => {
    portal = createServer((request, response) => handler(request, response));
    await new Promise<void>((done) => portal.listen(0, '127.0.0.1', done));
    publicUrl = `http://localhost:${(portal.address() as AddressInfo).port}`;
    keycloak = await startKeycloak(publicUrl);
  });
  afterAll(async () => {
    await keycloak?.stop();
    portal.closeAllConnections();
    portal.close();
  });

  identityContract('Keycloak', async () => {
    let shift = 0;
    const { identity } = createKeycloakIdentity({
      issuer: keycloak.issuer,
      now: () => new Date(Date.now() + shift * 1000),
    });
    return {
      identity,
      shiftClock: (seconds) => {
        shift = seconds;
      },
      redirectUri: `${publicUrl}/auth/callback`,
      signIn: (url, browser) => signIn(url, 'researcher', browser),
      secondFactor: '2',
      serviceClient: keycloak.serviceClient,
      fetch,
      foreignToken: keycloak.foreignToken,
      stop: async () => {},
    };
  });

  describe('as an administrator changes it', () => {
    /** Keys believed for a moment, so that a test need not wait. */
    const open = (): KeycloakIdentity =>
      createKeycloakIdentity({ issuer: keycloak.issuer, now: () => new Date(), keysMs: 0, coolMs: 0 });

    async function tokensOf(username: string, { identity } = open()): Promise<TokenSet> {
      const [state, nonce, codeVerifier] = [word(), word(), word()];
      const redirectUri = `${publicUrl}/auth/callback`;
      const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
      const back = await signIn(
        await identity.authorizationUrl({ redirectUri, state, nonce, codeChallenge }),
        username,
      );
      const code = back.searchParams.get('code') ?? '';
      const tokens = await identity.exchangeCode({ code, redirectUri, codeVerifier, nonce });
      if (!tokens.ok) throw new Error(`${tokens.code}: ${tokens.reason}`);
      return tokens;
    }
    const userOf = async (username: string): Promise<{ id: string } & Record<string, unknown>> =>
      ((await keycloak.admin('GET', `/users?exact=true&username=${username}`)) as { id: string }[])[0]!;

    it('a role that was taken is not in the next token', async () => {
      const { identity } = open();
      const before = await tokensOf('curator');
      expect(before.token.roles).toContain('curator');
      const { id } = await userOf('curator');
      const role = await keycloak.admin('GET', '/roles/curator');
      await keycloak.admin('DELETE', `/users/${id}/role-mappings/realm`, [role]);
      const after = await identity.refresh(before.refreshToken);
      expect(after.ok && after.token.roles).not.toContain('curator');
    });

    it('a disabled user renews nothing and signs in no more', async () => {
      const { identity } = open();
      const { refreshToken } = await tokensOf('auditor');
      const user = await userOf('auditor');
      await keycloak.admin('PUT', `/users/${user.id}`, { ...user, enabled: false });
      expect(await identity.refresh(refreshToken)).toMatchObject({ ok: false, code: 'REFUSED' });
      const request = {
        redirectUri: `${publicUrl}/auth/callback`,
        state: word(),
        nonce: word(),
        codeChallenge: word(),
      };
      const browser = new Browser();
      const login = await browser.open(await identity.authorizationUrl(request));
      const back = await browser.submit(login, { username: 'auditor', password: 'demo' });
      expect(new URL(back.url).searchParams.get('code')).toBeNull();
    });

    it('a new key is known at once, and one that was removed signs nothing any more', async () => {
      const old = await tokensOf('researcher');
      const lasting = open();
      expect((await lasting.identity.verifyAccessToken(old.accessToken)).ok).toBe(true);
      const components = (await keycloak.admin('GET', '/components?type=org.keycloak.keys.KeyProvider')) as {
        id: string;
        providerId: string;
        parentId: string;
      }[];
      const first = components.find(({ providerId }) => providerId === 'rsa-generated')!;
      await keycloak.admin('POST', '/components', {
        ...{ name: 'newer', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' },
        ...{ parentId: first.parentId, config: { priority: ['200'], algorithm: ['RS256'], keySize: ['2048'] } },
      });
      const fresh = await tokensOf('researcher', lasting);
      expect((await lasting.identity.verifyAccessToken(fresh.accessToken)).ok).toBe(true);
      await keycloak.admin('DELETE', `/components/${first.id}`);
      const refused = await open().identity.verifyAccessToken(old.accessToken);
      expect(refused).toMatchObject({ ok: false, code: 'UNKNOWN_KEY' });
    });

    it('refuses what Keycloak itself signed for something else: another audience, party, realm or type of token', async () => {
      const { identity } = open();
      const codeOf = async (token: string) => {
        const verified = await identity.verifyAccessToken(token);
        return verified.ok ? 'OK' : verified.code;
      };
      // A client of the same realm without our audience.
      await keycloak.admin('POST', '/clients', {
        ...{ clientId: 'stranger', publicClient: true, directAccessGrantsEnabled: true, standardFlowEnabled: false },
      });
      const ask = async (form: Record<string, string>) => {
        const url = `${keycloak.issuer}/protocol/openid-connect/token`;
        // Somebody without an authenticator: Keycloak asks for its code here, too.
        const body = new URLSearchParams({
          grant_type: 'password',
          username: 'researcher-2',
          password: 'demo',
          ...form,
        });
        return (await (await fetch(url, { method: 'POST', body })).json()) as Record<string, string>;
      };
      // Without an audience at all, or with Keycloak's own.
      expect(['WRONG_AUDIENCE', 'MALFORMED']).toContain(
        await codeOf((await ask({ client_id: 'stranger' })).access_token!),
      );
      // The same with our audience: it is not one of our clients.
      await keycloak.serviceClient('a-stranger-with-our-audience', []);
      const secret = 'secret of a-stranger-with-our-audience';
      const other = await ask({ client_id: 'a-stranger-with-our-audience', client_secret: secret, scope: 'openid' });
      expect(await codeOf(other.access_token!)).toBe('WRONG_PARTY');
      expect(['WRONG_AUDIENCE', 'WRONG_TYPE']).toContain(await codeOf(other.id_token!));
      expect(['UNKNOWN_KEY', 'WRONG_ISSUER']).toContain(await codeOf(await keycloak.foreignToken()));
    });

    it('counts the clock of this server, with half a minute of grace behind and none ahead of the end', async () => {
      const { accessToken, token } = await tokensOf('researcher');
      const at = async (ms: number) => {
        const { identity } = createKeycloakIdentity({ issuer: keycloak.issuer, now: () => new Date(ms) });
        const verified = await identity.verifyAccessToken(accessToken);
        return verified.ok ? 'OK' : verified.code;
      };
      expect(await at(token.issuedAt.getTime() - 29_000)).toBe('OK');
      expect(await at(token.issuedAt.getTime() - 31_000)).toBe('NOT_YET_VALID');
      expect(await at(token.expiresAt.getTime() + 31_000)).toBe('EXPIRED');
    });

    it('takes no answer that says it comes from another realm', async () => {
      // A mix-up: the browser comes back with the address of another sign-in service in `iss` (RFC 9207).
      const { identity } = open();
      const state = word();
      const redirectUri = `${publicUrl}/auth/callback`;
      const back = await signIn(
        await identity.authorizationUrl({ redirectUri, state, nonce: word(), codeChallenge: word() }),
      );
      expect(back.searchParams.get('iss')).toBe(keycloak.issuer);
      const elsewhere = createKeycloakIdentity({
        issuer: keycloak.issuer.replace('/realms/iss', '/realms/master'),
        now: () => new Date(),
      });
      const { accessToken } = await tokensOf('researcher');
      expect((await elsewhere.identity.verifyAccessToken(accessToken)).ok).toBe(false);
      const code = back.searchParams.get('code')!;
      const given = { code, redirectUri, codeVerifier: word(), nonce: word() };
      expect(await elsewhere.identity.exchangeCode(given)).toMatchObject({ ok: false, code: 'REFUSED' });
    });

    it('takes a token only where jose and keycloak-connect both do', async () => {
      const { accessToken } = await tokensOf('researcher');
      // The same realm by another of its names: jose is told the name in the token, keycloak-connect finds no realm there.
      const other = createKeycloakIdentity({
        issuer: keycloak.issuer.replace('/realms/iss', '/realms/master'),
        now: () => new Date(),
      });
      expect((await other.identity.verifyAccessToken(accessToken)).ok).toBe(false);
      await expect(other.check()).resolves.toBeUndefined();
    });

    it('says that it does not answer, and that it is another', async () => {
      const nowhere = createKeycloakIdentity({ issuer: 'http://127.0.0.1:9/realms/iss', now: () => new Date() });
      await expect(nowhere.check()).rejects.toThrow('ISS_OIDC_ISSUER: http://127.0.0.1:9/realms/iss does not answer');
      const { accessToken } = await tokensOf('researcher');
      await expect(nowhere.identity.verifyAccessToken(accessToken)).rejects.toThrow(
        'the keys of the realm cannot be had',
      );
      const byAddress = keycloak.issuer.replace('localhost', '127.0.0.1');
      await expect(
        createKeycloakIdentity({ issuer: byAddress, now: () => new Date() }).check(),
      ).resolves.toBeUndefined();
    });
  });

  describe('as the portal’s sign-in', () => {
    let db: TestDatabase;
    let auth: Auth;
    const events: AuthEvent[] = [];
    beforeAll(async () => {
      db = await startTestDatabase();
      auth = await createAuth({
        database: db.database,
        clock: { now: () => new Date() },
        ids: { uuid: () => crypto.randomUUID(), random: randomBytes },
        publicUrl,
        dataDirectory: '/nonexistent',
        sealingKey: randomBytes(32),
        demo: false,
        log: { info() {}, warn() {}, error() {} },
        observe: (event) => events.push(event),
        keycloak: createKeycloakIdentity({ issuer: keycloak.issuer, now: () => new Date() }),
        decisions: { secondFactor: { level: '2', forMs: 15 * 60_000 } },
      });
      handler = express()
        .use(auth.router)
        .use((_request, response) => void response.end('portal'));
    });
    afterAll(() => db.stop());

    const signedIn = async (username: string): Promise<Browser> => {
      const browser = new Browser();
      const login = await browser.open(`${publicUrl}/auth/login`);
      const back = await browser.submit(login, { username, password: 'demo' });
      expect(back.status).toBe(200);
      return browser;
    };
    const sessionOf = async (browser: Browser): Promise<{ signedIn: boolean; roles?: string[] }> =>
      JSON.parse((await browser.send(`${publicUrl}/auth/session`)).body);

    it('makes an account for who was unknown, with the realm’s roles and nothing else', async () => {
      const browser = await signedIn('researcher-2');
      expect(await sessionOf(browser)).toMatchObject({ signedIn: true, roles: ['researcher'] });
      const { rows } = await db.pool.query(
        `SELECT a.issuer, (SELECT count(*)::int FROM data_grant) AS grants FROM account a WHERE username = 'researcher-2'`,
      );
      expect(rows).toEqual([{ issuer: keycloak.issuer, grants: 0 }]);
      expect(events.map(({ type }) => type)).toContain('ACCOUNT_CREATED');
    });

    it('ends the portal’s session when the realm says that the person is signed out, and takes nobody else’s word', async () => {
      const browser = await signedIn('researcher-3');
      expect((await sessionOf(browser)).signedIn).toBe(true);
      const claims = Buffer.from(JSON.stringify({ sub: 'x' })).toString('base64url');
      for (const logout_token of ['', 'garbage', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`]) {
        const body = new URLSearchParams({ logout_token });
        const response = await fetch(`${publicUrl}/auth/backchannel-logout`, { method: 'POST', body });
        expect(response.status).toBe(400);
      }
      expect((await sessionOf(browser)).signedIn).toBe(true);
      const [user] = (await keycloak.admin('GET', '/users?exact=true&username=researcher-3')) as { id: string }[];
      await keycloak.admin('POST', `/users/${user!.id}/logout`);
      await eventually('the session is gone', async () => !(await sessionOf(browser)).signedIn);
      expect(events.at(-1)).toMatchObject({ type: 'SESSION_ENDED', reason: 'signed out at the sign-in service' });
    });

    it('asks a steward for the second factor when a decision does, and knows for its minutes that it was given', async () => {
      const now = new Date();
      const steward = await signedIn('steward');
      const actor = async () => {
        const who = await auth.authenticate({ headers: { cookie: steward.cookieHeader(publicUrl) } });
        if (who.kind !== 'account') throw new Error(who.kind);
        return { kind: 'account', accountId: who.accountId, signIn: who.signIn! } as const;
      };
      expect(signInReason('publishRelease', await actor(), now)?.code).toBe('STEP_UP_REQUIRED');
      expect(signInReason('haltAccess', await actor(), now)).toBeNull();
      const page = await steward.open(`${publicUrl}/auth/login?second=factor&return=/requests/one`);
      // The password anew, and a code: the realm's session of a moment ago is not enough.
      expect(page.body).toContain('name="password"');
      const back = await typeInto(steward, page, `${publicUrl}/requests`, 'steward');
      expect(back.url).toBe(`${publicUrl}/requests/one`);
      expect(signInReason('publishRelease', await actor(), now)).toBeNull();
      const later = new Date(now.getTime() + 16 * 60_000);
      expect(signInReason('publishRelease', await actor(), later)?.code).toBe('STEP_UP_REQUIRED');
      expect(events.at(-1)).toMatchObject({ type: 'SIGNED_IN', secondFactor: true });
      // A plain sign-in in the same browser, where the realm remembers, is none.
      await steward.open(`${publicUrl}/auth/login`);
      expect(signInReason('publishRelease', await actor(), now)?.code).toBe('STEP_UP_REQUIRED');
    });

    it('takes no code back that says it comes from another sign-in service', async () => {
      const browser = new Browser();
      const hop = await browser.send(`${publicUrl}/auth/login`);
      const page = await browser.open(hop.headers.get('location')!);
      const inner = handler;
      const evil = encodeURIComponent('https://evil.example/realms/iss');
      handler = (request, response) => {
        request.url = (request.url ?? '').replace(encodeURIComponent(keycloak.issuer), evil);
        inner(request, response);
      };
      const back = await browser.submit(page, { username: 'researcher-2', password: 'demo' });
      handler = inner;
      expect(back.status).toBe(400);
      expect(back.body).toContain('The answer comes from another sign-in service');
    });

    it('takes no step-up back from a browser that left the level out of what it asked Keycloak', async () => {
      const steward = await signedIn('steward');
      const hop = await steward.send(`${publicUrl}/auth/login?second=factor`);
      const url = new URL(hop.headers.get('location')!);
      url.searchParams.delete('acr_values');
      url.searchParams.delete('max_age');
      url.searchParams.delete('prompt');
      const back = await steward.open(url.href);
      expect(back.status).toBe(403);
      expect(back.body).toContain('did not ask for your second factor');
    });

    it('makes an account with nothing for a program that signs in as itself, which decides and oversees nothing', async () => {
      const { id, secret } = await keycloak.serviceClient('iss-service-cluster', ['steward', 'auditor']);
      const url = `${keycloak.issuer}/protocol/openid-connect/token`;
      const ask = async (form: Record<string, string>) => {
        const body = new URLSearchParams({ client_id: id, client_secret: secret, ...form });
        return ((await (await fetch(url, { method: 'POST', body })).json()) as { access_token: string }).access_token;
      };
      const own = await ask({ grant_type: 'client_credentials' });
      const who = await auth.authenticate({ headers: { authorization: `Bearer ${own}` } });
      expect(who).toMatchObject({ kind: 'account', roles: [], via: 'token', signIn: { by: 'program' } });
      const { rows } = await db.pool.query(
        `SELECT username, (SELECT count(*)::int FROM data_grant) AS grants FROM account WHERE id = $1`,
        [(who as { accountId: string }).accountId],
      );
      expect(rows).toEqual([{ username: 'service-account-iss-service-cluster', grants: 0 }]);
      // A person who signs in through that client is not its service account.
      const persons = await ask({ grant_type: 'password', username: 'researcher-2', password: 'demo' });
      const other = await auth.authenticate({ headers: { authorization: `Bearer ${persons}` } });
      expect(other).toMatchObject({ kind: 'refused', code: 'WRONG_PARTY' });
    });

    it('signs a command line in by device, and its token is taken', async () => {
      const dependencies = { fetch, now: () => new Date(), sleep: async () => {} };
      const endpoints = await discoverLogin(publicUrl, dependencies);
      if (!endpoints.ok) throw new Error(endpoints.reason);
      expect(endpoints).toMatchObject({ issuer: keycloak.issuer, passwordGrant: false });
      const login = await startDeviceLogin(endpoints, dependencies);
      if (!login.ok) throw new Error(login.reason);
      const browser = new Browser();
      const page = await browser.open(login.verificationUrlComplete);
      const consent = await browser.submit(page, { username: 'researcher', password: 'demo' });
      await browser.submit(consent, { accept: 'Yes' });
      const tokens = await pollDeviceLogin(endpoints, login, dependencies);
      if (!tokens.ok) throw new Error(`${tokens.code}: ${tokens.reason}`);
      const who = await auth.authenticate({ headers: { authorization: `Bearer ${tokens.accessToken}` } });
      expect(who).toMatchObject({ kind: 'account', roles: ['researcher'], via: 'token', signIn: { by: 'program' } });
      expect(await refreshTokens(endpoints, tokens.refreshToken, dependencies)).toMatchObject({ ok: true });
    });
  });

  it('goes away: a known token is taken for a while, and whoever signs in is told to come back', async () => {
    const { identity } = createKeycloakIdentity({ issuer: keycloak.issuer, now: () => new Date(), timeoutMs: 1000 });
    await identity.discovery();
    await keycloak.process.end('SIGKILL');
    expect(await identity.refresh('any')).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
  });
});
