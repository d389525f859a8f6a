import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { INSIDES, secrets, type Target } from './target.ts';

const AUDIO =
  '{ release { patients(first: 2) { nodes { submissions(first: 1) { nodes { landmarks { url bytes } } } } } } }';

/** Tickets, paths and uploads. */
export const fileAttacks = (of: () => Target): void => {
  const ticket = async (token: string): Promise<{ path: string; bytes: number }> => {
    const { body } = await of().ask(token, AUDIO);
    const { url, bytes } = body.data.release.patients.nodes[1].submissions.nodes[0].landmarks;
    const path = new URL(url, of().url).pathname;
    secrets.push(path.slice('/files/'.length));
    return { path, bytes };
  };
  const with_ = (token: string, headers: Record<string, string> = {}): RequestInit => ({
    headers: { authorization: `Bearer ${token}`, ...headers },
  });

  describe('a ticket', () => {
    it('works for its person alone, in its own spelling alone', async () => {
      const mine = await of().token('researcher');
      const theirs = await of().token('researcher-3');
      const { path, bytes } = await ticket(mine);
      expect((await of().fetch(path, with_(mine))).status).toBe(200);
      const sealed = path.slice('/files/'.length);
      const middle = Math.floor(sealed.length / 2);
      const spelled = [
        sealed.slice(0, -1),
        sealed.slice(1),
        sealed.slice(0, 20),
        `${sealed}A`,
        `${sealed}=`,
        `${sealed}.`,
        `A${sealed}`,
        `${sealed.slice(0, middle)}${sealed[middle] === 'A' ? 'B' : 'A'}${sealed.slice(middle + 1)}`,
        Buffer.from(sealed, 'base64url').toString('base64').replaceAll('/', '%2F'),
        Buffer.from(sealed, 'base64url').toString('hex'),
        sealed.toLowerCase(),
        `${sealed}%00`,
        `${sealed}%0d%0a`,
        `%20${sealed}`,
        'x'.repeat(3000),
        '',
        '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      ];
      for (const one of spelled) {
        const answer = await of().fetch(`/files/${one}`, with_(mine));
        expect(`${one.slice(0, 60)} ${answer.status}`).toMatch(/ (400|404)$/);
        expect(answer.text).not.toMatch(INSIDES);
      }
      for (const headers of [
        {},
        { authorization: `Bearer ${theirs}` },
        { authorization: 'Bearer x' },
        { cookie: 'iss_session=x' },
      ]) {
        const answer = await of().fetch(path, { headers: headers as Record<string, string> });
        expect([401, 404]).toContain(answer.status);
        expect(answer.text.length).toBeLessThan(500);
      }
      // The other grant that is named changes nothing: the ticket has its own.
      expect((await of().fetch(path, with_(mine, { 'iss-grant': 'x' }))).text.length).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(100_000);
    });

    it('is over with the session that it was made in', async () => {
      const browser = await of().browser('researcher');
      const cookie = browser.cookieHeader(of().url);
      const answer = await of().post({ query: AUDIO }, { cookie, 'x-iss-csrf': '1' });
      const { url } = answer.body.data.release.patients.nodes[1].submissions.nodes[0].landmarks;
      const path = new URL(url, of().url).pathname;
      expect((await of().fetch(path, { headers: { cookie } })).status).toBe(200);
      const out = await of().fetch('/auth/logout', {
        method: 'POST',
        headers: { cookie, 'x-iss-csrf': '1', origin: of().url },
      });
      expect(out.status).toBeLessThan(400);
      expect([401, 404]).toContain((await of().fetch(path, { headers: { cookie } })).status);
    });

    it('takes ranges for what they are', async () => {
      const token = await of().token('researcher');
      const { path, bytes } = await ticket(token);
      const ranged = async (range: string, method = 'GET') => {
        const response = await fetch(`${of().url}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, range },
        });
        const body = Buffer.from(await response.arrayBuffer());
        return { status: response.status, length: body.length, range: response.headers.get('content-range') };
      };
      expect(await ranged('bytes=0-9')).toEqual({ status: 206, length: 10, range: `bytes 0-9/${bytes}` });
      expect(await ranged(`bytes=${bytes - 5}-99999999999999999999`)).toMatchObject({ status: 206, length: 5 });
      expect(await ranged(`bytes=0-${2 ** 52}`)).toMatchObject({ status: 206, length: bytes });
      for (const wrong of [`bytes=${bytes}-`, 'bytes=-0', `bytes=${'9'.repeat(400)}-`])
        expect((await ranged(wrong)).status).toBe(416);
      // Several ranges and what is none are ignored: the whole, once, never many copies of it.
      for (const many of [
        `bytes=${Array.from({ length: 200 }, () => '0-').join(',')}`,
        'bytes=0-1,2-3',
        'bytes=9-2',
        'bytes=--5',
        'items=0-5',
        'bytes=0x1-0x5',
        'bytes=1e1-2e1',
      ])
        expect(await ranged(many)).toMatchObject({ status: 200, length: bytes });
      expect(await ranged('bytes=0-9', 'HEAD')).toMatchObject({ length: 0 });
      for (const method of ['POST', 'PUT', 'DELETE'])
        expect((await ranged('bytes=0-9', method)).status).toBeGreaterThanOrEqual(400);
    });
  });

  describe('a path', () => {
    it.each([
      '/files/../../../etc/passwd',
      '/files/..%2f..%2f..%2fetc%2fpasswd',
      '/files/%252e%252e%252fetc%252fpasswd',
      '/assets/../../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5cpackage.json',
      '/assets/....//....//package.json',
      '/assets/%00',
      '/assets/.env',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/.git/config',
      '/.data/secrets.json',
      '/secrets.json',
      '/api/main.ts',
      '/files/%E0%A4%A',
      '/%',
      '/assets/%ff',
      '/graphql/%E0%A4%A',
    ])('%s leads nowhere', async (path) => {
      const answer = await of().raw(
        `GET ${path} HTTP/1.1\r\nHost: localhost:${of().port}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (30[1-8]|4\d\d) /);
      expect(answer).not.toMatch(/root:|"dependencies"|databaseOwner|ticketKey/);
      expect(answer).not.toMatch(INSIDES);
    });

    it.each(['GET', 'PUT'])('%s below /ingest and /uploads leads nowhere', async (method) => {
      const token = await of().token('curator');
      const drop = '00000000-0000-7000-8000-000000000000';
      for (const path of [
        '/ingest',
        `/ingest/${drop}/..%2f..%2f/x/narrative.mp4`,
        `/ingest/${drop}/9001/20200101T000000/..%2fnarrative.mp4`,
        `/ingest/x/9001/20200101T000000/narrative.mp4`,
        `/ingest/${drop}/9001/20200101T000000/narrative.mp4`,
        `/ingest/${drop}/9001'--/%00/survey.csv`,
        `/ingest/${drop}/%00/%00/survey.csv`,
        '/uploads/../files',
        '/uploads/x',
        '/uploads/%2e%2e%2fx',
        `/ingest/${'-'.repeat(36)}/9001/20200101T000000/narrative.mp4`,
      ]) {
        const answer = await of().fetch(path, { method, ...with_(token), ...(method === 'PUT' ? { body: 'x' } : {}) });
        expect(`${method} ${path} ${answer.status}`).toMatch(/ 4\d\d$/);
        expect(answer.text).not.toMatch(INSIDES);
      }
    });
  });

  describe('an upload', () => {
    const put = (token: string, body: Uint8Array | string, type = 'application/pdf') =>
      of().fetch('/uploads', {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body: body as BodyInit,
      });

    it('is what its bytes are, whatever it says', async () => {
      const token = await of().token('researcher-2');
      for (const body of [
        '<html><script>alert(1)</script></html>',
        '%PDF',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        'GIF89a',
        'MZ\u0090',
        '%PDF-1.4\nnever ended',
        '',
      ])
        expect([415, 422]).toContain((await put(token, body)).status);
      // A page that calls itself a PDF later on is no PDF.
      expect((await put(token, `<html>\n%PDF-1.4\n%%EOF<script>alert(1)</script>`)).status).toBe(415);
    });

    it('of a polyglot or a PDF with script is shown in a sandbox, as what it is, to who may see it', async () => {
      const token = await of().token('researcher-2');
      const polyglot =
        '%PDF-1.4\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>> >> endobj\n<html><script>alert(document.domain)</script></html>\n%%EOF\n';
      const sent = await put(token, polyglot, 'text/html');
      expect(sent.status).toBe(200);
      expect(sent.body).toEqual({
        sha256: createHash('sha256').update(polyglot).digest('hex'),
        bytes: polyglot.length,
        contentType: 'application/pdf',
      });
      const training = await of().ask(token, '{ trainings { type courses { key } } }');
      const [{ type, courses }] = training.body.data.trainings;
      const made = await of().ask(
        token,
        `mutation ($input: UploadCertificateInput!) { uploadCertificate(input: $input) { __typename ... on UploadCertificateSuccess { certificate { id file { url } } } ... on ExpectedError { code message } } }`,
        {
          input: {
            type,
            course: courses[0].key,
            completedOn: '2025-01-01',
            credentialId: '<script>',
            fileSha256: sent.body.sha256,
          },
        },
      );
      const url = made.body.data?.uploadCertificate?.certificate?.file?.url;
      expect(made.text).toContain('UploadCertificateSuccess');
      const path = new URL(url, of().url).pathname;
      secrets.push(path.slice('/files/'.length));
      const shown = await of().fetch(path, with_(token));
      expect(shown.status).toBe(200);
      expect(shown.headers.get('content-type')).toBe('application/pdf');
      expect(shown.headers.get('content-security-policy')).toContain('sandbox');
      expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
      expect(shown.headers.get('content-disposition')).toMatch(/^attachment; filename="certificate\.pdf"$/);
      expect(shown.headers.get('cache-control')).toBe('no-store');
      expect(shown.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect((await of().fetch(path, with_(await of().token('researcher')))).status).toBe(404);
    });

    it('of 11 MB is refused, in pieces without a length too, and memory stays bounded', async () => {
      const token = await of().token('researcher-2');
      const before = await of().memory();
      const big = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(11 * 2 ** 20)]);
      expect((await put(token, big).catch(() => ({ status: 413 }))).status).toBe(413);
      const chunk = `${(1 << 20).toString(16)}\r\n${'x'.repeat(1 << 20)}\r\n`;
      const answer = await of().raw(
        `PUT /uploads HTTP/1.1\r\nHost: localhost:${of().port}\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(12)}`,
        5000,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(await of().memory()).toBeLessThan(before + 300);
    });

    it('needs an account in good standing, and no token of one grant', async () => {
      const answer = await of().fetch('/uploads', { method: 'PUT', body: 'x' });
      expect(answer.status).toBe(401);
    });

    it('by somebody who is not a curator is no ingest', async () => {
      const token = await of().token('researcher');
      const path = '/ingest/00000000-0000-7000-8000-000000000000/9001/20200101T000000/narrative.mp4';
      const answer = await of().fetch(path, { method: 'PUT', ...with_(token), body: 'x' });
      expect(answer.status).toBe(403);
      expect((await of().fetch(path, { method: 'PUT', body: 'x' })).status).toBe(401);
    });
  });
};
