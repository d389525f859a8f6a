import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anIo, iss } from './an-io.ts';
import { type Portal, sha256, startPortal } from './portal.ts';

let portal: Portal;
let folder: string;
beforeEach(async () => {
  portal = await startPortal();
  folder = await mkdtemp(join(tmpdir(), 'iss-cli-'));
});
afterEach(async () => {
  await portal.stop();
  await rm(folder, { recursive: true, force: true });
});
const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

const one = (changes: Record<string, unknown>) => ({
  ...{ id: 'c1', type: 'HIPAA', course: 'citi-hipaa', state: 'VERIFIED', endsAt: '2027-03-02T05:00:00.000Z' },
  ...{ verifiedHow: 'ISSUER', rejectedFor: null },
  ...changes,
});
const trainings = ['HIPAA', 'GLOBAL_PRIVACY', 'HUMAN_SUBJECTS'].map((type) => ({
  ...{ type, title: type },
  courses: [{ key: 'a-course', title: 'A course', url: 'https://about.citiprogram.org/x' }],
}));

describe('iss certificates list', () => {
  test('tells for each training what counts, else what waits, else what is missing', async () => {
    const certificates = [
      one({ id: 'newer', state: 'PENDING', verifiedHow: null }),
      one({ id: 'counts' }),
      one({
        id: 'p',
        type: 'GLOBAL_PRIVACY',
        state: 'REJECTED',
        verifiedHow: null,
        rejectedFor: 'Not\x1b[2J readable.',
      }),
    ];
    portal.operations.Certificates = () => ({ data: { viewer: { certificates }, trainings } });
    const terminal = io();
    expect(await iss(terminal, 'certificates', 'list')).toBe(0);
    const lines = terminal.lines.join('\n').split('\n');
    expect(lines[2]).toMatch(/^HIPAA +VERIFIED +2027-03-02 +ISSUER +counts$/);
    expect(lines[3]).toMatch(/^GLOBAL_PRIVACY +REJECTED .*Not\\x1b\[2J readable\. +p$/);
    expect(lines[4]).toMatch(/^HUMAN_SUBJECTS +MISSING$/);
    expect(terminal.lines.join('\n')).not.toContain('about.citiprogram.org');
  });

  test('tells the accepted courses where asked', async () => {
    portal.operations.Certificates = () => ({ data: { viewer: { certificates: [] }, trainings } });
    const terminal = io();
    expect(await iss(terminal, 'certificates', 'list', '--courses')).toBe(0);
    expect(terminal.lines.join('\n')).toContain('https://about.citiprogram.org/x');
  });
});

describe('iss certificates upload', () => {
  const words = (file: string, ...more: string[]) => [
    ...['certificates', 'upload', file, '--type', 'hipaa', '--course', 'citi-hipaa'],
    ...['--completed', '2026-03-01', '--credential', '4711', ...more],
  ];
  const pdf = Buffer.from('%PDF-1.4\n%%EOF\n');

  test('sends the file, then hands it in by its hash', async () => {
    const path = join(folder, 'x.pdf');
    await writeFile(path, pdf);
    portal.puts.push((response) => response.end(JSON.stringify({ sha256: sha256(pdf) })));
    let given: unknown;
    portal.operations.uploadCertificate = ({ input }) => {
      given = input;
      const certificate = one({ state: 'PENDING', verifiedHow: null });
      return { data: { uploadCertificate: { __typename: 'UploadCertificateSuccess', certificate } } };
    };
    const terminal = io();
    expect(await iss(terminal, ...words(path, '--expires', '2027-03-01'))).toBe(0);
    expect(given).toEqual({
      ...{ type: 'HIPAA', course: 'citi-hipaa', completedOn: '2026-03-01', expiresOn: '2027-03-01' },
      ...{ credentialId: '4711', fileSha256: sha256(pdf) },
    });
    expect(terminal.lines).toEqual(['Certificate c1 waits for a steward; it would count to 2027-03-02.']);
  });

  test('sends nothing that no server takes', async () => {
    const path = join(folder, 'x.pdf');
    await writeFile(path, '%PDF-1.4 cut o');
    const terminal = io();
    expect(await iss(terminal, ...words(path))).toBe(1);
    expect(terminal.notes.join('\n')).toContain('is no complete PDF, PNG or JPEG');
    expect(portal.received.size).toBe(0);
    expect(await iss(io(), ...words(path, '--expires', 'tomorrow'))).toBe(2);
  });
});

describe('iss mail', () => {
  const mail = (id: string) => ({
    ...{ id, template: 'request-approved', address: 'ada@example.org', state: 'REFUSED', attempts: 1 },
    ...{ error: 'the address is none', queuedAt: '2026-03-01T05:00:00.000Z' },
  });

  test('unsent lists every page', async () => {
    portal.operations.UnsentMail = ({ after }) => ({
      data: {
        unsentMail: {
          totalCount: 2,
          nodes: [mail(after === null ? 'm1' : 'm2')],
          pageInfo: { hasNextPage: after === null, endCursor: 'c' },
        },
      },
    });
    const terminal = io();
    expect(await iss(terminal, 'mail', 'unsent')).toBe(0);
    expect(terminal.lines.join('\n')).toMatch(/m1 .*\nm2 .*the address is none\n2 messages not sent\.$/);
  });

  test('again has one sent again', async () => {
    portal.operations.sendMailAgain = ({ input }) => ({
      data: { sendMailAgain: { __typename: 'SendMailAgainSuccess', id: (input as { id: string }).id } },
    });
    const terminal = io();
    expect(await iss(terminal, 'mail', 'again', 'm1')).toBe(0);
    expect(terminal.lines).toEqual(['Message m1 is sent again.']);
  });
});
