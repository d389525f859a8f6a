import { request } from 'node:http';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from './support/global-server.ts';
import { type Person, person, personWith, wholeServer } from './support/person.ts';

let server: ServerFacts;
let researcher: Person;
beforeAll(async () => {
  server = await wholeServer();
  researcher = await person(server, 'researcher');
});

const WHO = '{ viewer { account { username } } }';

describe('who is let in', () => {
  it('a request for another host is misdirected: 421', async () => {
    const status = await new Promise<number | undefined>((done, failed) => {
      const { hostname, port } = new URL(server.url);
      request(
        { hostname, port, path: '/graphql?query=%7B__typename%7D', headers: { host: 'evil.example' } },
        (response) => {
          response.resume();
          done(response.statusCode);
        },
      )
        .on('error', failed)
        .end();
    });
    expect(status).toBe(421);
  });

  it('a token of another realm is refused: 401', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = decodeJwt(researcher.token!);
    const { kid, typ } = decodeProtectedHeader(researcher.token!);
    const sign = (changed: JWTPayload) =>
      new SignJWT({ ...claims, ...changed })
        .setProtectedHeader({ alg: 'RS256', ...(kid && { kid }), ...(typ && { typ }) })
        .sign(privateKey);
    for (const token of [await sign({}), await sign({ iss: `${server.url}/realms/other` })]) {
      const { status, errors } = await personWith(server, token).ask(WHO);
      expect([status, errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    const unsigned = `${researcher.token!.split('.').slice(0, 2).join('.')}.`;
    expect((await personWith(server, unsigned).ask(WHO)).status).toBe(401);
  });

  it('a cookie alone changes nothing, as it could be sent by another site', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'iss_session=x', origin: 'http://evil.example' },
      body: JSON.stringify({ query: WHO }),
    });
    expect(response.status).toBe(403);
  });

  it('the query editor sends strangers to the login page', async () => {
    const response = await fetch(`${server.url}/graphiql`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/auth/login?return=/graphiql']);
  });
});

describe('what is too much', () => {
  it('a query of 10,000 aliases is refused before it is run, and says how much is allowed', async () => {
    const aliases = Array.from({ length: 10_000 }, (_, i) => `a${i}:__typename`).join(' ');
    const { status, data, errors } = await researcher.ask(`{${aliases}}`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain('4000 tokens');
  });

  it('a query with more aliases than are allowed says how many it has and how many are allowed', async () => {
    const aliases = Array.from({ length: 200 }, (_, i) => `a${i}:__typename`).join(' ');
    const { status, errors } = await researcher.ask(`{${aliases}}`);
    expect(status).toBe(400);
    expect(errors[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE', limit: 'aliases', aliases: 200 });
    expect(Number(errors[0]?.extensions.allowed)).toBeLessThan(200);
  });

  it('a query that would read too many rows says what it costs and what is allowed', async () => {
    const { status, errors } = await researcher.ask(
      '{ release { patients(first: 500) { nodes { submissions(first: 500) { nodes { frames(first: 500) { nodes { number face { landmarks { points } } } } } } } } } }',
    );
    expect(status).toBe(400);
    expect(errors[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_LARGE', limit: 'cost' });
    expect(Number(errors[0]?.extensions.cost)).toBeGreaterThan(Number(errors[0]?.extensions.allowed));
  });

  it('many at once in one request are not taken', async () => {
    const response = await researcher.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: WHO }, { query: WHO }]),
    });
    expect(response.status).toBe(400);
  });
});
