import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ticketOffice } from '../../api/services/files/ticket.ts';
import { auditEntries } from './support/audit-entries.ts';
import { eventually } from './support/eventually.ts';
import type { ServerFacts } from './support/global-server.ts';
import { type Person, person, personWith, wholeServer } from './support/person.ts';

interface Video {
  url: string;
  bytes: number;
  sha256: string;
  contentType: string;
  expiresAt: string;
}

let server: ServerFacts;
let owner: Person;
let video: Video;
let whole: Buffer;
const beganAt = new Date();
beforeAll(async () => {
  server = await wholeServer();
  owner = await person(server, 'researcher-3');
  const { data } = await owner.ask<{ release: { patient: { submissions: { nodes: { video: Video }[] } } } }>(
    '{ release(version: "1.0.0") { patient(code: "9002") { submissions(first: 1) { nodes { video { url bytes sha256 contentType expiresAt } } } } } }',
  );
  video = data.release.patient.submissions.nodes[0]!.video;
  whole = Buffer.from(await (await owner.fetch(video.url)).arrayBuffer());
});

const part = (range: string, more: Record<string, string> = {}) =>
  owner.fetch(video.url, { headers: { range, ...more } });

describe('the video behind a ticket', () => {
  it('comes whole, with its type, length and checksum, and is kept nowhere', async () => {
    const response = await owner.fetch(video.url);
    expect(response.status).toBe(200);
    const { headers } = response;
    expect(headers.get('content-type')).toBe('video/mp4');
    expect(headers.get('content-length')).toBe(String(video.bytes));
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(whole.length).toBe(video.bytes);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(video.sha256);
    expect(whole.subarray(4, 8).toString()).toBe('ftyp');
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
    ['bytes=10-99999999', 10, undefined],
  ])('comes in part for %s', async (range, first, end) => {
    const response = await part(range);
    expect(response.status).toBe(206);
    const wanted = whole.subarray(first, end);
    const from = first < 0 ? whole.length + first : first;
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${from + wanted.length - 1}/${whole.length}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(wanted)).toBe(true);
  });

  it('has no part beyond its end: 416, with its length', async () => {
    const response = await part(`bytes=${video.bytes}-`);
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${video.bytes}`);
  });

  it('goes on after an interruption while it is the same: If-Range with its ETag', async () => {
    const etag = (await part('bytes=0-0')).headers.get('etag')!;
    expect(etag).toMatch(/^"[^"]+"$/);
    const same = await part('bytes=10-19', { 'if-range': etag });
    expect([same.status, (await same.arrayBuffer()).byteLength]).toEqual([206, 10]);
    const other = await part('bytes=10-19', { 'if-range': '"another"' });
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, video.bytes]);
  });

  it.each([
    'researcher',
    'researcher-2',
    'researcher-4',
    'steward',
    'admin',
  ])('does not exist for %s', async (username) => {
    const response = await (await person(server, username)).fetch(video.url);
    expect([response.status, await response.json()]).toEqual([
      404,
      { status: 404, code: 'NOT_FOUND', title: 'There is no such file.' },
    ]);
  });

  it('does not exist without credentials, nor does one with a letter changed', async () => {
    expect((await fetch(video.url)).status).toBe(404);
    const middle = Math.floor(video.url.length / 2);
    const changed = `${video.url.slice(0, middle)}${video.url[middle] === 'A' ? 'B' : 'A'}${video.url.slice(middle + 1)}`;
    expect((await owner.fetch(changed)).status).toBe(404);
    expect((await owner.fetch('/files/abc')).status).toBe(404);
  });

  it('is gone when the ticket has expired: 410', async () => {
    const secrets = JSON.parse(await readFile(join(server.dataDirectory, 'secrets.json'), 'utf8')) as {
      ticketKey: string;
    };
    const office = (when: Date) =>
      ticketOffice({
        key: Buffer.from(secrets.ticketKey, 'base64url'),
        clock: { now: () => when },
        ids: { uuid: () => crypto.randomUUID(), random: (bytes) => crypto.getRandomValues(Buffer.alloc(bytes)) },
        lifeSeconds: 300,
        baseUrl: server.url,
      });
    const ticket = office(new Date()).open(video.url.split('/').at(-1)!)!;
    const { id: _, expires: __, ...subject } = ticket;
    expect((await owner.fetch(office(new Date()).issue(subject).url)).status).toBe(200);
    const late = office(new Date(Date.now() - 301_000)).issue(subject).url;
    const response = await owner.fetch(late);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([410, 'TICKET_EXPIRED']);
    expect((await personWith(server, null).fetch(late)).status).toBe(404);
  });

  it('leaves an entry when it is first opened and one with the bytes that were sent', async () => {
    // Other files' tests use the same server: what this person did.
    const { data } = await owner.ask<{ viewer: { account: { id: string } } }>('{ viewer { account { id } } }');
    const account = data.viewer.account.id;
    const own = async (action: string) =>
      (await auditEntries(server, beganAt, action)).filter(({ text }) => text.account === account);
    const begun = await own('DOWNLOAD');
    expect(begun.map(({ text }) => text)).toContainEqual(expect.objectContaining({ kind: 'VIDEO', modality: 'VIDEO' }));
    const done = await eventually(
      () => own('DOWNLOADED'),
      (entries) => entries.some(({ text }) => text.kind === 'VIDEO'),
    );
    const bytes = done.filter(({ text }) => text.kind === 'VIDEO').map(({ text }) => text.bytes as number);
    expect(Math.max(...bytes)).toBeGreaterThan(video.bytes);
    expect(done.every(({ text }) => text.cut === undefined)).toBe(true);
  });
});
