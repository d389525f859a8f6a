import { createHmac, createPublicKey } from 'node:crypto';
import {
  base64url,
  createLocalJWKSet,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { rememberVerified } from '../../../api/adapters/identity/recent-tokens.ts';
import { verifyAccessToken } from '../../../api/adapters/identity/verify-access-token.ts';

const issuer = 'http://localhost:4000/realms/iss';
const now = new Date('2027-03-01T12:00:00Z');
const at = (seconds: number) => now.getTime() / 1000 + seconds;

let realm: GenerateKeyPairResult;
let stranger: GenerateKeyPairResult;
let keys: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  realm = await generateKeyPair('RS256', { extractable: true });
  stranger = await generateKeyPair('RS256', { extractable: true });
  keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(realm.publicKey)), kid: 'realm-1', alg: 'RS256', use: 'sig' }],
  });
});

const good: JWTPayload = {
  iss: issuer,
  aud: ['iss-api', 'account'],
  sub: 'f4f0c3b2-0000-4000-8000-000000000001',
  azp: 'iss-cli',
  typ: 'Bearer',
  iat: at(-10),
  exp: at(50),
  sid: 'session-1',
  preferred_username: 'researcher',
  name: 'Researcher Demo',
  email: 'researcher@example.org',
  realm_access: { roles: ['researcher', 'offline_access'] },
};

const sign = (claims: JWTPayload, header: object = {}, key = realm.privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'realm-1', ...header }).sign(key);

const verify = (token: string, when = now) =>
  verifyAccessToken(token, { issuer, keys, parties: ['iss-portal', 'iss-cli'], now: () => when });

const without = (claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(good).filter(([key]) => key !== claim));

const raw = (header: object, claims: object, signature: string) =>
  [JSON.stringify(header), JSON.stringify(claims)].map((part) => base64url.encode(part)).join('.') + signature;

describe('an access token', () => {
  it('that is right says who is there', async () => {
    expect(await verify(await sign(good))).toEqual({
      ok: true,
      issuer,
      subject: 'f4f0c3b2-0000-4000-8000-000000000001',
      username: 'researcher',
      name: 'Researcher Demo',
      email: 'researcher@example.org',
      roles: ['researcher', 'offline_access'],
      party: 'iss-cli',
      service: false,
      issuedAt: new Date(at(-10) * 1000),
      expiresAt: new Date(at(50) * 1000),
      sessionId: 'session-1',
    });
  });

  it.each<[string, JWTPayload, string]>([
    ['of another realm', { ...good, iss: 'http://localhost:4000/realms/other' }, 'WRONG_ISSUER'],
    ['of no realm', without('iss'), 'MALFORMED'],
    ['for another client', { ...good, aud: 'iss-portal' }, 'WRONG_AUDIENCE'],
    ['for nobody', without('aud'), 'MALFORMED'],
    ['that has expired', { ...good, exp: at(-31) }, 'EXPIRED'],
    ['that never expires', without('exp'), 'MALFORMED'],
    ['whose end is no number', { ...good, exp: '9999999999' as never }, 'MALFORMED'],
    ['whose end is beyond all dates', { ...good, exp: 1e300 }, 'MALFORMED'],
    ['that begins later', { ...good, nbf: at(31) }, 'NOT_YET_VALID'],
    ['whose beginning is no number', { ...good, nbf: 'now' as never }, 'MALFORMED'],
    ['made in the future', { ...good, iat: at(31) }, 'NOT_YET_VALID'],
    ['made at no time', without('iat'), 'MALFORMED'],
    ['of nobody', without('sub'), 'MALFORMED'],
    ['of an empty subject', { ...good, sub: '' }, 'MALFORMED'],
    ['that is an ID token', { ...good, aud: 'iss-portal', typ: 'ID' }, 'WRONG_AUDIENCE'],
    ['that is an ID token with our audience', { ...good, typ: 'ID' }, 'WRONG_TYPE'],
    ['that is a refresh token', { ...good, typ: 'Refresh' }, 'WRONG_TYPE'],
    ['that has no type', without('typ'), 'WRONG_TYPE'],
    ['made for an unknown program', { ...good, azp: 'other-client' }, 'WRONG_PARTY'],
    ['made for no program', without('azp'), 'WRONG_PARTY'],
    ['whose roles are no list', { ...good, realm_access: { roles: 'steward' } }, 'MALFORMED'],
  ])('%s is refused', async (_name, claims, code) => {
    expect(await verify(await sign(claims))).toEqual({ ok: false, code, reason: expect.any(String) });
  });

  it('is taken 30 seconds early and 30 seconds late, and not a second more', async () => {
    const codes: (string | true)[] = [];
    for (const [claims, seconds] of [
      [{ ...good, exp: at(0) }, 29],
      [{ ...good, exp: at(0) }, 30],
      [{ ...good, nbf: at(30) }, 0],
      [{ ...good, nbf: at(31) }, 0],
    ] as const) {
      const verified = await verify(await sign(claims), new Date(at(seconds) * 1000));
      codes.push(verified.ok || verified.code);
    }
    expect(codes).toEqual([true, 'EXPIRED', true, 'NOT_YET_VALID']);
  });

  it('signed by somebody else under a name of ours is refused', async () => {
    expect(await verify(await sign(good, {}, stranger.privateKey))).toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  it('whose claims were changed is refused', async () => {
    const [header, , signature] = (await sign(good)).split('.');
    const claims = base64url.encode(JSON.stringify({ ...good, realm_access: { roles: ['admin'] } }));
    expect(await verify(`${header}.${claims}.${signature}`)).toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  it('signed with a key that the realm does not have is refused, also when it brings the key along', async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const token = await sign(good, { kid: 'stranger', jwk, jku: 'https://evil.example/keys' }, stranger.privateKey);
    expect(await verify(token)).toMatchObject({ code: 'UNKNOWN_KEY' });
    expect(await verify(await sign(good, { jwk }, stranger.privateKey))).toMatchObject({ code: 'BAD_SIGNATURE' });
    expect(await verify(await sign(good, { kid: undefined }))).toMatchObject({ code: 'MALFORMED' });
  });

  it('without a signature is refused, however "none" is written', async () => {
    for (const alg of ['none', 'None', 'NONE'])
      expect(await verify(raw({ alg, typ: 'JWT', kid: 'realm-1' }, good, '.'))).toMatchObject({
        code: 'ALGORITHM_NOT_ALLOWED',
      });
  });

  it('signed by HMAC with the public key is refused', async () => {
    const pem = createPublicKey({ key: (await exportJWK(realm.publicKey)) as never, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
    const head = raw({ alg: 'HS256', typ: 'JWT', kid: 'realm-1' }, good, '');
    const mac = createHmac('sha256', pem).update(head).digest('base64url');
    expect(await verify(`${head}.${mac}`)).toMatchObject({ code: 'ALGORITHM_NOT_ALLOWED' });
  });

  it('with another header type, or a critical extension, is refused', async () => {
    expect(await verify(await sign(good, { typ: 'at+jwt' }))).toMatchObject({ code: 'WRONG_TYPE' });
    expect(await verify(await sign(good, { typ: undefined }))).toMatchObject({ code: 'WRONG_TYPE' });
    const head = raw({ alg: 'RS256', typ: 'JWT', kid: 'realm-1', crit: ['odd'], odd: true }, good, '.AAAA');
    expect(await verify(head)).toMatchObject({ code: 'MALFORMED' });
  });

  it.each([
    ['nothing', ''],
    ['garbage', 'not a token at all'],
    ['dots', '..'],
    ['five parts', 'a.b.c.d.e'],
    ['a header that is no JSON', 'bm90.anNvbg.c2ln'],
    ['other letters', '\u0000\uffff.é.ü'],
  ])('that is %s is refused as malformed', async (_name, token) => {
    expect(await verify(token)).toMatchObject({ ok: false, code: 'MALFORMED' });
  });

  it('of enormous length is refused unread, and a refusal never repeats the token', async () => {
    const token = await sign({ ...good, padding: 'x'.repeat(5_000_000) });
    expect(await verify(token)).toEqual({ ok: false, code: 'MALFORMED', reason: 'The token is too long.' });
  });
});

describe('a token that was right a moment ago', () => {
  it('is believed for half a minute, never past its end, and a refused one not at all', async () => {
    const token = await sign(good);
    const asked: number[] = [];
    let seconds = 0;
    const check = rememberVerified(
      async (text) => {
        asked.push(seconds);
        return verify(text, new Date(at(seconds) * 1000));
      },
      () => new Date(at(seconds) * 1000),
    );
    for (seconds of [0, 0, 29, 30, 49, 50, 79, 81, 81, 0]) await check(token);
    // Anew at 30 s, at its end (50 s; still within the skew), from then on each time, and after the clock went back.
    expect(asked).toEqual([0, 30, 50, 79, 81, 81, 0]);
    asked.length = 0;
    expect((await check(`${token}x`)).ok).toBe(false);
    expect((await check(`${token}x`)).ok).toBe(false);
    expect(asked).toEqual([0, 0]);
  });
});
