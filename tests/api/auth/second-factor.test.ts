import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionsOf } from '../../../api/auth/decisions.ts';
import { readConfig } from '../../../api/config.ts';
import { type AuthServer, startAuthServer } from './auth-server.ts';
import { Browser } from './browser.ts';

const MINUTE = 60_000;

describe('what decisions ask of a sign-in', () => {
  it('is nothing in the demo, a browser without it, and a second factor where the realm has one', () => {
    const without = { ISS_DEMO: '0' };
    expect(decisionsOf(readConfig({}))).toBeNull();
    expect(decisionsOf(readConfig(without))).toEqual({ secondFactor: null });
    const keycloak = { ...without, ISS_OIDC_ISSUER: 'https://login.example.org/realms/iss', ISS_SECOND_FACTOR: '2' };
    expect(decisionsOf(readConfig(keycloak))).toEqual({ secondFactor: { level: '2', forMs: 15 * MINUTE } });
    expect(() => readConfig({ ...without, ISS_SECOND_FACTOR: '2' })).toThrow(
      'ISS_SECOND_FACTOR: the embedded realm has no second factor',
    );
  });
});

describe('the door, where decisions ask for a second factor', () => {
  let server: AuthServer;
  const whoami = async (browser: Browser) => JSON.parse((await browser.send(`${server.url}/whoami`)).body);
  beforeAll(async () => {
    server = await startAuthServer({ decisions: { secondFactor: { level: '2', forMs: 15 * MINUTE } } });
  });
  afterAll(() => server.stop());

  it('knows a browser without one, and a program', async () => {
    const browser = await server.signIn('steward');
    expect(await whoami(browser)).toMatchObject({ via: 'session', signIn: { by: 'browser', secondFactorUntil: null } });
    const { access_token: token } = await server.passwordTokens('steward');
    const response = await fetch(`${server.url}/whoami`, { headers: { authorization: `Bearer ${token}` } });
    expect(await response.json()).toMatchObject({ via: 'token', signIn: { by: 'program' } });
  });

  it('asks for everything anew, for the level, and comes back', async () => {
    const browser = await server.signIn('steward');
    const hop = await browser.send(`${server.url}/auth/login?second=factor&return=/requests`);
    const asked = new URL(hop.headers.get('location')!).searchParams;
    expect(['acr_values', 'prompt', 'max_age'].map((name) => asked.get(name))).toEqual(['2', 'login', '0']);
    // The browser is signed in to the realm, and yet has to type the password again.
    const page = await browser.open(hop.headers.get('location')!);
    expect(page.body).toContain('name="password"');
  });

  it('takes no password for a second factor: a realm that reaches no level is refused', async () => {
    const browser = new Browser();
    const page = await browser.open(`${server.url}/auth/login?second=factor`);
    const refused = await browser.submit(page, { username: 'steward', password: 'demo' });
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('did not ask for your second factor');
    expect(await whoami(browser)).toMatchObject({ kind: 'anonymous' });
  });

  it('counts one for its minutes and no longer, whatever is renewed', async () => {
    const browser = await server.signIn('steward');
    const at = Date.now() - 10 * MINUTE;
    const setTo = (then: number) =>
      server.database.pool.query('UPDATE portal_session SET second_factor_at = $1', [new Date(then)]);
    await setTo(at);
    expect((await whoami(browser)).signIn).toEqual({
      by: 'browser',
      secondFactorUntil: new Date(at + 15 * MINUTE).toISOString(),
    });
    await server.database.pool.query(`UPDATE portal_session SET renewed_at = renewed_at - interval '2 minutes'`);
    expect((await whoami(browser)).signIn.secondFactorUntil).toBe(new Date(at + 15 * MINUTE).toISOString());
  });
});
