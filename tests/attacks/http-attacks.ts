import { describe, expect, it } from 'vitest';
import { INSIDES, secrets, type Target } from './target.ts';

/** What comes in below HTTP's usual shape. */
export const httpAttacks = (of: () => Target): void => {
  const host = (): string => `localhost:${of().port}`;
  const query = JSON.stringify({ query: '{ __typename }' });

  describe('a name that is not ours', () => {
    it('is misdirected, on every path but the one that says that the server lives', async () => {
      for (const name of [
        'evil.example',
        `evil.example:${of().port}`,
        'localhost',
        `localhost.evil.example:${of().port}`,
        `localhost:${of().port}@evil.example`,
        `127.0.0.1.nip.io:${of().port}`,
        '',
        `localhost:${of().port}, evil.example`,
      ])
        for (const path of [
          '/',
          '/graphql',
          '/realms/iss/.well-known/openid-configuration',
          '/auth/login',
          '/metrics',
          '/files/x',
        ]) {
          const answer = await of().raw(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
          expect(`${name} ${path} ${answer.slice(9, 12)}`).toMatch(/ (421|400)$/);
        }
    });

    it('beside the right one changes no address that the server gives', async () => {
      const answer = await of().raw(
        `GET /realms/iss/.well-known/openid-configuration HTTP/1.1\r\nHost: ${host()}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\nX-Original-URL: /metrics\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).not.toContain('evil.example');
      const login = await of().fetch('/auth/login?return=//evil.example/', {
        headers: { 'x-forwarded-host': 'evil.example' },
      });
      expect(login.headers.get('location') ?? '').not.toMatch(/^(https?:)?\/\/evil/);
      expect(
        await of().raw(`GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
      ).toMatch(/^HTTP\/1\.1 421 /);
      expect(
        await of().raw(`GET / HTTP/1.1\r\nHost: ${host()}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
      ).toMatch(/^HTTP\/1\.1 (400|421) /);
      expect(await of().raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 (400|421) /);
    });
  });

  describe('a request in a request', () => {
    const smuggled = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
    it.each([
      [
        'a length and chunks',
        (h: string) =>
          `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      ],
      [
        'two lengths',
        (h: string) =>
          `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n${smuggled}`,
      ],
      [
        'chunks by another name',
        (h: string) => `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      ],
      [
        'chunks twice',
        (h: string) =>
          `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
      ],
      ['a length with a sign', (h: string) => `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nContent-Length: +4\r\n\r\nabcd`],
      [
        'a space before the colon',
        (h: string) => `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nContent-Length : 4\r\n\r\nabcd`,
      ],
      [
        'a bare line feed',
        (h: string) => `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      [
        'a header that is folded',
        (h: string) => `GET / HTTP/1.1\r\nHost: ${h}\r\nX: a\r\n b\r\nTransfer-Encoding:\r\n chunked\r\n\r\n`,
      ],
      [
        'a chunk of a length that is none',
        (h: string) => `POST /graphql HTTP/1.1\r\nHost: ${h}\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n`,
      ],
      ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
      ['a null in a header', (h: string) => `GET / HTTP/1.1\r\nHost: ${h}\r\nX: a\x00b\r\n\r\n`],
    ])('%s is one bad request, and the connection ends', async (_, request) => {
      const answer = await of().raw(request(host()), 1500);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      // What stood behind it was not answered as a request of its own.
      expect(answer).not.toContain('iss_http_request_seconds');
      await of().alive();
    });
  });

  describe('much of it', () => {
    it('headers: too long and too many are refused', async () => {
      const long = await of().raw(`GET /healthz HTTP/1.1\r\nHost: ${host()}\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`);
      expect(long).toMatch(/^(HTTP\/1\.1 431 |$)/);
      const many = await of().raw(
        `GET /healthz HTTP/1.1\r\nHost: ${host()}\r\n${Array.from({ length: 5000 }, (_, i) => `X${i}: a\r\n`).join('')}\r\n`,
      );
      expect(many).toMatch(/^(HTTP\/1\.1 (431|200) |$)/);
      const cookies = await of().fetch('/graphql', {
        method: 'POST',
        headers: { cookie: 'iss_session=a; '.repeat(500), 'content-type': 'application/json' },
        body: query,
      });
      expect(cookies.status).toBeLessThan(500);
      const token = await of().post({ query: '{ __typename }' }, { authorization: `Bearer ${'a.'.repeat(4000)}` });
      expect(token.status).toBe(401);
      expect(token.text).not.toMatch(INSIDES);
    });

    it('bodies: what is too large is refused before it is read, and memory stays bounded', async () => {
      const before = await of().memory();
      const announced = await of().raw(
        `POST /graphql HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{`,
        2000,
      );
      expect(announced).toMatch(/^HTTP\/1\.1 413 /);
      const piece = `${(1 << 16).toString(16)}\r\n${' '.repeat(1 << 16)}\r\n`;
      const flood = await Promise.all(
        Array.from({ length: 20 }, () =>
          of().raw(
            `POST /graphql HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${piece.repeat(64)}`,
            4000,
          ),
        ),
      );
      for (const answer of flood) expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/);
      expect(await of().memory()).toBeLessThan(before + 300);
      await of().alive();
    });

    it('bodies that do not end keep nobody else waiting', async () => {
      const open = await Promise.all(Array.from({ length: 100 }, () => of().socket()));
      for (const socket of open)
        socket.write(
          `POST /graphql HTTP/1.1\r\nHost: ${host()}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
        );
      const began = performance.now();
      await of().alive();
      expect((await of().post({ query: '{ __typename }' })).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(5000);
      for (const socket of open) socket.destroy();
    });
  });

  describe('what leaves', () => {
    it('carries no version of what it is made with, and is not to be kept, framed or sniffed', async () => {
      for (const path of ['/', '/graphql?query={__typename}', '/healthz', '/files/x', '/nothing-here', '/auth/login']) {
        const { headers } = await of().fetch(path);
        expect(headers.get('x-powered-by')).toBeNull();
        expect(headers.get('server')).toBeNull();
        if (path !== '/healthz') expect(headers.get('x-content-type-options')).toBe('nosniff');
        if (path.startsWith('/graphql') || path.startsWith('/files'))
          expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    });

    it('never tells the log a token, a cookie or a ticket', async () => {
      const token = await of().token('researcher');
      await of().ask(token, 'query ($x: String!) { release(version: $x) { version } nonsense }', { x: token });
      await of().fetch(`/files/${secrets.at(-1)}`, { headers: { authorization: `Bearer ${token}` } });
      await of().fetch(`/${token}?access_token=${token}`);
      const log = of().log();
      expect(secrets.length).toBeGreaterThan(10);
      expect(log.length).toBeGreaterThan(1000);
      for (const secret of secrets)
        if (log.includes(secret))
          throw new Error(
            `the log has ${secret.slice(0, 12)}…: ${log
              .split('\n')
              .find((line) => line.includes(secret))
              ?.slice(0, 300)}`,
          );
      expect(log).not.toMatch(/Bearer ey|"password":"demo"|iss_session=/);
    });
  });
};
