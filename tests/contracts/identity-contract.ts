import { createHash, createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { base64url, decodeJwt, decodeProtectedHeader, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../../api/adapters/identity/identity.ts';
import { Browser } from '../api/auth/browser.ts';

/** What an implementation brings to be tested: itself, and a person who can sign in. */
export interface IdentityUnderTest {
  identity: IdentityProvider;
  /** Moves the adapter's idea of now, in seconds; 0 is the present. The realm's own clock stays. */
  shiftClock(seconds: number): void;
  /** An address that the portal's client may come back to. */
  redirectUri: string;
  /**
   * Opens the sign-in address as a browser, types the demo researcher's name and password, the second factor too where it is asked for, and returns the
   * address it is sent back to. With a browser that is given, what is not asked for is not typed.
   */
  signIn(authorizationUrl: string, browser?: Browser): Promise<URL>;
  /** Makes a program with an account of its own (client credentials), and gives its id and secret; null where the realm has none. */
  serviceClient: ((name: string, roles: readonly string[]) => Promise<{ id: string; secret: string }>) | null;
  /** Level that the realm reaches with a second factor; null where it has none. */
  secondFactor: string | null;
  /** Public URL fetch of the realm's endpoints, from outside. */
  fetch: typeof fetch;
  /** A genuine token of another realm. */
  foreignToken(): Promise<string>;
  stop(): Promise<void>;
}

/** How often a password was typed in this browser. */
const typed = (browser: Browser): number => browser.sent.filter((fields) => 'password' in fields).length;

const word = () => randomBytes(32).toString('base64url');

/** What must hold of every IdentityProvider. */
export function identityContract(name: string, start: () => Promise<IdentityUnderTest>): void {
  describe(`${name} as an identity provider`, () => {
    let under: IdentityUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());

    const begin = async ({ browser, stepUpTo }: { browser?: Browser; stepUpTo?: string } = {}) => {
      const request = { state: word(), nonce: word(), codeVerifier: word() };
      const codeChallenge = createHash('sha256').update(request.codeVerifier).digest('base64url');
      const { redirectUri, identity } = under;
      const step = { ...request, redirectUri, codeChallenge, ...(stepUpTo !== undefined && { stepUpTo }) };
      const url = await identity.authorizationUrl(step);
      const back = await under.signIn(url, browser);
      return { ...request, url, back, code: back.searchParams.get('code') ?? '', redirectUri };
    };
    const signedIn = async (how: Parameters<typeof begin>[0] = {}) => {
      const tokens = await under.identity.exchangeCode(await begin(how));
      if (!tokens.ok) throw new Error(`${tokens.code}: ${tokens.reason}`);
      return tokens;
    };
    const codeOf = async (token: string) => {
      const verified = await under.identity.verifyAccessToken(token);
      return verified.ok ? 'OK' : verified.code;
    };

    it('describes itself under its issuer, at addresses that answer', async () => {
      const discovery = await under.identity.discovery();
      expect(discovery.issuer).toBe(under.identity.issuer);
      const response = await under.fetch(`${under.identity.issuer}/.well-known/openid-configuration`);
      expect(await response.json()).toMatchObject(discovery);
      expect(discovery).toMatchObject({
        authorization_endpoint: `${under.identity.issuer}/protocol/openid-connect/auth`,
        token_endpoint: `${under.identity.issuer}/protocol/openid-connect/token`,
        jwks_uri: `${under.identity.issuer}/protocol/openid-connect/certs`,
        end_session_endpoint: `${under.identity.issuer}/protocol/openid-connect/logout`,
        userinfo_endpoint: `${under.identity.issuer}/protocol/openid-connect/userinfo`,
        device_authorization_endpoint: `${under.identity.issuer}/protocol/openid-connect/auth/device`,
      });
    });

    it('publishes public keys only', async () => {
      const { jwks_uri: url } = await under.identity.discovery();
      const { keys } = (await (await under.fetch(url)).json()) as { keys: JWK[] };
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys)
        expect([key.d, key.p, key.q, key.dp, key.dq, key.qi, key.k]).toEqual(Array(7).fill(undefined));
    });

    it('sends a person back with the state, and their code becomes tokens that say who they are', async () => {
      const step = await begin();
      expect(step.back.href.startsWith(step.redirectUri)).toBe(true);
      expect(step.back.searchParams.get('state')).toBe(step.state);
      const tokens = await under.identity.exchangeCode(step);
      expect(tokens).toMatchObject({
        ok: true,
        token: {
          ok: true,
          issuer: under.identity.issuer,
          username: 'researcher',
          name: 'Researcher Demo',
          email: 'researcher@example.org',
          party: 'iss-portal',
        },
      });
      if (tokens.ok) expect(tokens.token.roles).toContain('researcher');
    });

    it('takes a code once, with its verifier, its redirect address and its nonce only', async () => {
      const step = await begin();
      const exchange = under.identity.exchangeCode;
      expect(await exchange({ ...step, codeVerifier: word() })).toMatchObject({ ok: false, code: 'REFUSED' });
      const second = await begin();
      expect(await exchange({ ...second, redirectUri: `${second.redirectUri}/x` })).toMatchObject({ code: 'REFUSED' });
      const third = await begin();
      expect(await exchange({ ...third, nonce: word() })).toMatchObject({ ok: false, code: 'BAD_TOKEN' });
      const fourth = await begin();
      expect(await exchange(fourth)).toMatchObject({ ok: true });
      expect(await exchange(fourth)).toMatchObject({ ok: false, code: 'REFUSED' });
      expect(await exchange({ ...fourth, code: 'made-up' })).toMatchObject({ ok: false, code: 'REFUSED' });
    });

    it('refuses a sign-in without PKCE or to an address that is not ours', async () => {
      const good = new URL((await begin()).url);
      for (const change of [
        (url: URL) => url.searchParams.delete('code_challenge'),
        (url: URL) => url.searchParams.set('code_challenge_method', 'plain'),
        (url: URL) => url.searchParams.set('redirect_uri', 'https://evil.example/auth/callback'),
      ]) {
        const url = new URL(good);
        change(url);
        const response = await under.fetch(url, { redirect: 'manual' });
        const location = response.headers.get('location') ?? '';
        expect(location).not.toContain('evil.example');
        expect(response.status >= 400 || location.includes('error=')).toBe(true);
      }
    });

    it('verifies its own token, until it expires, with 30 seconds of grace', async () => {
      const { accessToken, token } = await signedIn();
      expect(await codeOf(accessToken)).toBe('OK');
      const life = (token.expiresAt.getTime() - Date.now()) / 1000;
      under.shiftClock(life + 25);
      expect(await codeOf(accessToken)).toBe('OK');
      under.shiftClock(life + 35);
      expect(await codeOf(accessToken)).toBe('EXPIRED');
      under.shiftClock(-120);
      expect(await codeOf(accessToken)).toBe('NOT_YET_VALID');
      under.shiftClock(0);
    });

    it('refuses what is not an access token of this realm for this service', async () => {
      const { accessToken, idToken, refreshToken } = await signedIn();
      expect(['WRONG_AUDIENCE', 'WRONG_TYPE']).toContain(await codeOf(idToken!));
      expect(['MALFORMED', 'ALGORITHM_NOT_ALLOWED']).toContain(await codeOf(refreshToken));
      expect(['UNKNOWN_KEY', 'WRONG_ISSUER']).toContain(await codeOf(await under.foreignToken()));
      expect(await codeOf('')).toBe('MALFORMED');
      expect(await codeOf('garbage')).toBe('MALFORMED');
      expect(await codeOf(`${accessToken}${'x'.repeat(100_000)}`)).toBe('MALFORMED');
    });

    it('refuses forgeries of a genuine token', async () => {
      const { accessToken } = await signedIn();
      const header = decodeProtectedHeader(accessToken);
      const claims = { ...decodeJwt(accessToken), realm_access: { roles: ['admin'] } };
      const [head, , signature] = accessToken.split('.');
      const part = (value: object) => base64url.encode(JSON.stringify(value));
      expect(await codeOf(`${head}.${part(claims)}.${signature}`)).toBe('BAD_SIGNATURE');
      expect(await codeOf(`${part({ ...header, alg: 'none' })}.${part(claims)}.`)).toBe('ALGORITHM_NOT_ALLOWED');

      const { privateKey } = await generateKeyPair('RS256');
      const sign = (kid: string) =>
        new SignJWT(claims).setProtectedHeader({ ...header, alg: 'RS256', kid }).sign(privateKey);
      expect(await codeOf(await sign(header.kid!))).toBe('BAD_SIGNATURE');
      expect(await codeOf(await sign('another'))).toBe('UNKNOWN_KEY');

      const { jwks_uri: url } = await under.identity.discovery();
      const { keys } = (await (await under.fetch(url)).json()) as { keys: JWK[] };
      const jwk = keys.find(({ kid }) => kid === header.kid)!;
      const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const start = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
      const mac = createHmac('sha256', pem).update(start).digest('base64url');
      expect(await codeOf(`${start}.${mac}`)).toBe('ALGORITHM_NOT_ALLOWED');
    });

    it('renews tokens by rotation, and an old refresh token is worth nothing', async () => {
      const first = await signedIn();
      const second = await under.identity.refresh(first.refreshToken);
      if (!second.ok) throw new Error(second.reason);
      expect(second.token.subject).toBe(first.token.subject);
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(await under.identity.refresh(first.refreshToken)).toMatchObject({ ok: false, code: 'REFUSED' });
      expect(await under.identity.refresh('made-up')).toMatchObject({ ok: false, code: 'REFUSED' });
    });

    it('proves a person anew who steps up, with the second factor where the realm has one, and no level is reached without', async () => {
      const browser = new Browser();
      const first = await signedIn({ browser });
      expect(first.level).not.toBe('2');
      const again = await signedIn({ browser });
      expect(again.level).toBe(first.level);
      const begun = Math.floor(Date.now() / 1000) * 1000;
      const up = await signedIn({ browser, stepUpTo: '2' });
      expect(up.token.subject).toBe(first.token.subject);
      expect(up.level === '2').toBe(under.secondFactor === '2');
      expect(up.authenticatedAt!.getTime()).toBeGreaterThanOrEqual(begun);
      // What was proved once is not proved for the next sign-in that asks for it.
      const later = await signedIn({ browser, stepUpTo: '2' });
      expect(later.authenticatedAt!.getTime()).toBeGreaterThanOrEqual(up.authenticatedAt!.getTime());
      expect(typed(browser)).toBe(3);
    });

    it('gives no token to a program that says it is one of our clients', async () => {
      const { token_endpoint: url } = await under.identity.discovery();
      for (const client_id of ['iss-portal', 'iss-cli', 'iss-api', 'iss-service-nobody']) {
        const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret: 'guess' });
        const response = await under.fetch(url, { method: 'POST', body });
        expect(response.status, client_id).toBeGreaterThanOrEqual(400);
        expect(await response.json()).not.toHaveProperty('access_token');
      }
    });

    it('has service accounts or none: a program by itself, that says so, and only under a name that is meant for it', async () => {
      const { token_endpoint: url } = await under.identity.discovery();
      const tokenOf = async (name: string): Promise<string> => {
        const { id, secret } = await under.serviceClient!(name, ['researcher']);
        const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
        return ((await (await under.fetch(url, { method: 'POST', body })).json()) as { access_token: string })
          .access_token;
      };
      if (under.serviceClient === null) return;
      const verified = await under.identity.verifyAccessToken(await tokenOf('iss-service-robot'));
      expect(verified).toMatchObject({
        ok: true,
        service: true,
        party: 'iss-service-robot',
        roles: expect.arrayContaining(['researcher']),
      });
      expect(await codeOf(await tokenOf('another-program'))).toBe('WRONG_PARTY');
      const { token } = await signedIn();
      expect(token.service).toBe(false);
    });

    it('ends a session: nothing is renewed afterwards', async () => {
      const { refreshToken } = await signedIn();
      expect(await under.identity.endSession(refreshToken)).toEqual({ ok: true });
      expect(await under.identity.refresh(refreshToken)).toMatchObject({ ok: false, code: 'REFUSED' });
    });
  });
}
