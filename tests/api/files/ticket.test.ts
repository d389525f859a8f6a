import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRange, rangeStillMeant } from '../../../api/services/files/byte-range.ts';
import { type TicketSubject, ticketOffice } from '../../../api/services/files/ticket.ts';

let now = new Date('2026-01-01T00:00:00Z');
let made = 0;
const ids = { uuid: () => `id-${++made}`, random: (bytes: number) => Buffer.alloc(bytes, ++made) };
const office = (fill = 7) =>
  ticketOffice({
    key: Buffer.alloc(32, fill),
    clock: { now: () => now },
    ids,
    lifeSeconds: 300,
    baseUrl: 'http://localhost:4000',
  });
const subject: TicketSubject = {
  kind: 'artifact',
  accountId: 'a',
  grantId: 'g',
  releaseId: 'r',
  artifactId: 'x',
  part: 3,
  modality: 'FRAMES',
};
const textOf = (url: string) => url.split('/').at(-1)!;

describe('a ticket', () => {
  it('gives back what it was made for, until its minutes are over', () => {
    const { url, expiresAt } = office().issue(subject);
    const ticket = office().open(textOf(url))!;
    expect(ticket).toMatchObject(subject);
    expect(expiresAt).toEqual(new Date('2026-01-01T00:05:00Z'));
    expect(office().expired(ticket)).toBe(false);
    now = new Date('2026-01-01T00:05:00Z');
    expect(office().expired(ticket)).toBe(true);
    now = new Date('2026-01-01T00:00:00Z');
  });

  it('says nothing about what it opens', () => {
    expect(Buffer.from(textOf(office().issue(subject).url), 'base64url').toString('latin1')).not.toContain('FRAMES');
  });

  it('is nothing under another key', () => {
    expect(office(8).open(textOf(office(7).issue(subject).url))).toBeNull();
  });

  it('is nothing once a single character is changed', () => {
    const text = textOf(office().issue(subject).url);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'ABCabc019-_'), (at, letter) => {
        const forged = text.slice(0, at) + letter + text.slice(at + 1);
        return forged === text || office().open(forged) === null;
      }),
    );
  });

  it('is nothing when it is garbage, empty or huge', () => {
    for (const text of ['', 'x', '../../etc/passwd', 'A'.repeat(5000), '%00', 'a b'])
      expect(office().open(text)).toBeNull();
  });
});

describe('a range of bytes', () => {
  it.each([
    [undefined, null],
    ['bytes=0-9', { first: 0, last: 9 }],
    ['bytes=90-', { first: 90, last: 99 }],
    ['bytes=-10', { first: 90, last: 99 }],
    ['bytes=-1000', { first: 0, last: 99 }],
    ['bytes=95-2000', { first: 95, last: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=9-0', null],
    ['bytes=0-1,5-6', null],
    ['bytes=-', null],
    ['lines=0-1', null],
    ['bytes=99999999999999999999-', 'unsatisfiable'],
  ] as const)('%s of a hundred', (header, expected) => {
    expect(byteRange(header, 100)).toEqual(expected);
  });

  it('never reaches outside the file', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(1000), (header, size) => {
        const range = byteRange(`bytes=${header}`, size);
        return (
          range === null ||
          range === 'unsatisfiable' ||
          (range.first >= 0 && range.first <= range.last && range.last < size)
        );
      }),
    );
  });

  it('counts only while the file is the one that was begun', () => {
    expect(rangeStillMeant(undefined, '"a"')).toBe(true);
    expect(rangeStillMeant('"a"', '"a"')).toBe(true);
    expect(rangeStillMeant('"b"', '"a"')).toBe(false);
    expect(rangeStillMeant('Wed, 21 Oct 2015 07:28:00 GMT', '"a"')).toBe(false);
  });
});
