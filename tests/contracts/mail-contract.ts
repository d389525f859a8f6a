import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mail, MailRefused, type MailSender } from '../../api/adapters/mail/mail.ts';

export interface MailUnderTest {
  sender: MailSender;
  /** Everything that was delivered, as it is transported, in any order. */
  delivered(): Promise<Buffer[]>;
  stop(): Promise<void>;
}

let number = 0;
export const mail = (more: Partial<Mail> = {}): Mail => ({
  id: `test.${++number}`,
  to: { name: 'Ada Lovelace', address: 'ada@example.org' },
  subject: 'Your access request was approved',
  text: 'Dear Ada,\n\nit was approved.\n',
  at: new Date('2026-03-01T12:00:00Z'),
  ...more,
});

/** Headers unfolded and decoded, and the text, as a mail program reads them. */
export function read(message: Buffer): { headers: Map<string, string>; text: string } {
  const whole = message.toString('latin1');
  const end = whole.indexOf('\r\n\r\n');
  const unfolded = whole.slice(0, end).replaceAll(/\r\n[ \t]/g, ' ');
  const decoded = (value: string) =>
    value
      .replaceAll(/(\?=)\s+(=\?)/g, '$1$2')
      .replaceAll(/=\?utf-8\?B\?([^?]*)\?=/g, (_, word: string) => Buffer.from(word, 'base64').toString('utf8'));
  const headers = new Map<string, string>();
  for (const line of unfolded.split('\r\n')) {
    const colon = line.indexOf(': ');
    if (headers.has(line.slice(0, colon))) throw new Error(`the header ${line.slice(0, colon)} is there twice`);
    headers.set(line.slice(0, colon), decoded(line.slice(colon + 2)));
  }
  return { headers, text: Buffer.from(whole.slice(end + 4), 'base64').toString('utf8') };
}

const NAMES = [
  'Date',
  'From',
  'To',
  'Subject',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Auto-Submitted',
];

/** What must hold of every MailSender. */
export function mailContract(name: string, start: () => Promise<MailUnderTest>): void {
  describe(`${name} as a carrier of mail`, () => {
    let under: MailUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());

    const messageOf = async (id: string) => {
      const found = (await under.delivered()).filter((message) => message.toString('latin1').includes(`<${id}@`));
      expect(found).toHaveLength(1);
      return read(found[0]!);
    };

    it('delivers a message with its headers and text', async () => {
      const sent = mail();
      await under.sender.send(sent);
      const { headers, text } = await messageOf(sent.id);
      expect([...headers.keys()]).toEqual(NAMES);
      expect(headers.get('Date')).toBe('Sun, 01 Mar 2026 12:00:00 +0000');
      expect(headers.get('To')).toBe('Ada Lovelace <ada@example.org>');
      expect(headers.get('Subject')).toBe(sent.subject);
      expect(headers.get('Auto-Submitted')).toBe('auto-generated');
      expect(text).toBe('Dear Ada,\r\n\r\nit was approved.\r\n');
    });

    it('delivers the same message once, however often and however many at once send it; or says that it cannot', async () => {
      if (under.sender.promise === 'EACH_TIME') return;
      const sent = mail();
      const before = (await under.delivered()).length;
      await Promise.all(Array.from({ length: 5 }, () => under.sender.send(sent)));
      await under.sender.send(sent);
      expect((await under.delivered()).length).toBe(before + 1);
    });

    it('carries any words, and none of them becomes a header, a receiver or a line of transport', async () => {
      const words = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom(
          'Bcc: x@y.z',
          '=?utf-8?B?QkNDOg==?=',
          '.',
          'a <b@c.de>, d',
          '"quoted" \\',
          ' blanks ',
          'ä'.repeat(90),
        ),
      );
      await fc.assert(
        fc.asyncProperty(
          words,
          words,
          fc.string({ unit: 'grapheme', maxLength: 300 }),
          async (called, subject, text) => {
            const sent = mail({ to: { name: called, address: 'ada@example.org' }, subject: `S ${subject}`, text });
            try {
              await under.sender.send(sent);
            } catch (error) {
              expect(error).toBeInstanceOf(MailRefused);
              return;
            }
            const raw = (await under.delivered()).find((message) =>
              message.toString('latin1').includes(`<${sent.id}@`),
            )!;
            expect(raw.every((byte) => byte < 128)).toBe(true);
            for (const line of raw.toString('latin1').split('\r\n')) {
              expect(line.length).toBeLessThanOrEqual(200);
              expect(line).not.toMatch(/[\r\n]/);
            }
            const got = read(raw);
            expect([...got.headers.keys()]).toEqual(NAMES);
            expect(got.headers.get('Subject')).toBe(sent.subject);
            expect(
              got.headers.get('To')?.endsWith(called.trim() === '' ? 'ada@example.org' : ' <ada@example.org>'),
            ).toBe(true);
            expect(got.text).toBe(text.replaceAll(/\r\n?|\n/g, '\r\n'));
          },
        ),
        { numRuns: 60 },
      );
    });

    it.each<[string, Partial<Mail>]>([
      ['a line break in the subject', { subject: 'Hello\r\nBcc: everybody@example.org' }],
      ['a bare line feed in the subject', { subject: 'Hello\nBcc: x@example.org' }],
      ['a line break in the name', { to: { name: 'Ada\r\nBcc: x@example.org', address: 'ada@example.org' } }],
      ['a line separator in the name', { to: { name: 'Ada\u2028x', address: 'ada@example.org' } }],
      ['a line break in the address', { to: { name: '', address: 'ada@example.org\r\nBcc: x@example.org' } }],
      ['two addresses', { to: { name: '', address: 'ada@example.org, bob@example.org' } }],
      ['an address in brackets', { to: { name: '', address: '<ada@example.org>' } }],
      ['an address without a place', { to: { name: '', address: 'ada' } }],
      ['an address that begins like an option', { to: { name: '', address: '' } }],
      ['an endless address', { to: { name: '', address: `${'a'.repeat(300)}@example.org` } }],
      ['no subject', { subject: '  ' }],
      ['an endless subject', { subject: 'x'.repeat(201) }],
      ['half a character', { subject: 'x\ud800' }],
      ['a zero in the text', { text: 'a\0b' }],
      ['an endless text', { text: 'x'.repeat(100_001) }],
      ['an id with a path', { id: '../../etc/passwd' }],
      ['an id that is hidden', { id: '.hidden' }],
      ['an id with a line break', { id: 'a\r\nb' }],
      ['no id', { id: '' }],
      ['no time', { at: new Date(Number.NaN) }],
    ])('refuses %s, for good, and delivers nothing', async (_, more) => {
      const before = (await under.delivered()).length;
      await expect(under.sender.send(mail(more))).rejects.toThrow(MailRefused);
      expect((await under.delivered()).length).toBe(before);
    });
  });
}
