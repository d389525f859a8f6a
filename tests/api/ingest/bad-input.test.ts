import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readDrop } from '../../../api/services/ingest/read-drop.ts';
import { type IngestWorld, ingestWorld, sha256 } from './ingest-world.ts';

const HEADER = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on';
const ENROLMENT = `${HEADER}\n0201,F,I-III,3,iPhone 11,2021-01-04\n`;
const TIME = '20210104T081500';

let world: IngestWorld;
let drop: string;
beforeAll(async () => {
  world = await ingestWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  drop = await mkdtemp(join(tmpdir(), 'iss-bad-'));
  await writeFile(join(drop, 'enrolment.csv'), ENROLMENT);
  return () => rm(drop, { recursive: true, force: true });
});

async function submission(files: Record<string, string | Uint8Array>, name = `0201/${TIME}`): Promise<string> {
  const folder = join(drop, 'submissions', name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
  return folder;
}
const open = async (
  enrolment: string | Uint8Array,
  items: Parameters<IngestWorld['services']['ingest']['open']>[0]['items'] = [],
) => world.services.ingest.open({ study: 'iss', enrolment: Buffer.from(enrolment), items, accountId: null });
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const bom = (text: string) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
const offer = (more: object = {}) => ({
  patient: '0201',
  timestamp: TIME,
  videoSha256: sha256(randomUUID()),
  videoBytes: 10,
  surveySha256: null,
  ...more,
});
const nothingWritten = async () => {
  const { rows } = await world.pool.query('SELECT count(*)::int AS n FROM ingest_drop');
  return rows[0].n;
};

describe('a folder that is no drop', () => {
  it('without enrolment.csv', async () => {
    await rm(join(drop, 'enrolment.csv'));
    await expect(readDrop(drop)).rejects.toThrow(`${drop} has no enrolment.csv, so it is no study drop`);
  });

  it('without submissions', async () => {
    await expect(readDrop(drop)).rejects.toThrow(`there is no folder ${join(drop, 'submissions')}`);
  });

  it('that is not there', async () => {
    await expect(readDrop(join(drop, 'nowhere'))).rejects.toThrow(/has no enrolment.csv/);
  });

  it('whose enrolment.csv cannot be read', async () => {
    await rm(join(drop, 'enrolment.csv'));
    await mkdir(join(drop, 'enrolment.csv'));
    await expect(readDrop(drop)).rejects.toThrow(/cannot be read: EISDIR/);
  });
});

describe('what lies about in a drop', () => {
  it('is told of and left alone: files among folders, links, names that are nearly right', async () => {
    const folder = await submission({ 'narrative.MP4': 'x', 'Survey.csv': 'x', 'notes.txt': 'x' });
    await writeFile(join(drop, 'submissions', 'readme.txt'), 'x');
    await writeFile(join(drop, 'submissions', '.DS_Store'), 'x');
    await symlink('/etc/passwd', join(folder, 'narrative.mp4'));
    await symlink('/etc', join(drop, 'submissions', '0201', 'linked'));
    const { items, strange } = await readDrop(drop);
    expect(items).toMatchObject([{ videoPath: null, surveyPath: null, videoSha256: null, surveySha256: null }]);
    expect(strange.map(({ path, problem }) => `${path.slice(drop.length + 1)} ${problem}`).sort()).toEqual([
      `submissions/0201/${TIME}/Survey.csv is not read: the name must be survey.csv`,
      `submissions/0201/${TIME}/narrative.MP4 is not read: the name must be narrative.mp4`,
      `submissions/0201/${TIME}/narrative.mp4 is no plain file, and is left alone`,
      'submissions/0201/linked is not a folder, and is left alone',
      'submissions/readme.txt is not a folder, and is left alone',
    ]);
  });
});

describe('an enrolment.csv that cannot be used is refused with every fault, and nothing is written', () => {
  it.each<[string, string | Uint8Array, string[]]>([
    ['empty', '', ['The file is empty.']],
    ['no patient', `${HEADER}\n`, ['The file has a header and no patients.']],
    ['UTF-16', utf16(ENROLMENT), ['The file is UTF-16; save it as UTF-8.']],
    ['UTF-16 without its mark', utf16(ENROLMENT).subarray(2), ['The file is UTF-16; save it as UTF-8.']],
    ['not UTF-8', Buffer.from([...Buffer.from(ENROLMENT), 0xe9, 0x0a]), ['The file is not UTF-8; save it as UTF-8.']],
    [
      'a patient twice',
      `${ENROLMENT}0201,M,I-III,3,,2021-01-05\n`,
      ['Line 3, column patient: "0201" is already enrolled on line 2.'],
    ],
    [
      'several faults at once',
      `${HEADER}\n0201,X,I-III,11,,2021-02-30\n../etc,F,VII,3,=cmd,2021-01-04\n`,
      [
        'Line 2, column sex: "X" is not M or F.',
        'Line 2, column worst_pain: "11" is not a whole number from 0 to 10.',
        'Line 2, column enrolled_on: "2021-02-30" is not a date of the form 2020-12-01.',
        'Line 3, column patient: "../etc" is not a patient code: 1 to 32 letters, digits and hyphens.',
        'Line 3, column skin_type: "VII" is not I-III or IV-VI.',
        'Line 3, column source_device: "=cmd" is not the name of a device: up to 40 letters, digits and blanks.',
      ],
    ],
  ])('%s', async (_, enrolment, messages) => {
    const before = await nothingWritten();
    const result = await open(enrolment);
    expect(result).toMatchObject({ ok: false, code: 'ENROLMENT_INVALID' });
    expect(result.ok ? [] : result.problems.map((problem) => problem.message)).toEqual(messages);
    expect(await nothingWritten()).toBe(before);
  });

  it('takes one with a byte order mark', async () => {
    expect(await open(bom(ENROLMENT))).toMatchObject({ ok: true });
  });

  it('names a patient who is enrolled in other case', async () => {
    expect(await open(`${HEADER}\nAb1,F,I-III,3,,2021-01-04\n`)).toMatchObject({ ok: true });
    expect(await open(`${ENROLMENT}aB1,F,I-III,3,,2021-01-04\n`)).toMatchObject({
      ok: false,
      problems: [
        { line: 3, column: 'patient', message: 'Line 3, column patient: "aB1" is enrolled as "Ab1" already.' },
      ],
    });
  });
});

describe('a drop that cannot be opened', () => {
  it('names studies that there are', async () => {
    const result = await world.services.ingest.open({
      study: "'; DROP",
      enrolment: Buffer.from(ENROLMENT),
      items: [],
      accountId: null,
    });
    expect(result).toMatchObject({ code: 'STUDY_UNKNOWN', message: `There is no study "'; DROP"; there are: iss.` });
  });

  it('names the submission that is there twice', async () => {
    expect(await open(ENROLMENT, [offer(), offer()])).toMatchObject({
      code: 'ITEM_REPEATED',
      message: `The drop names "0201/${TIME}" twice.`,
    });
  });

  it('says how many are too many', async () => {
    expect(await open(ENROLMENT, Array(8_001).fill(offer()))).toMatchObject({
      code: 'DROP_TOO_LARGE',
      message: 'A drop has at most 8000 submissions; this one has 8001: announce it in parts.',
    });
  });
});

describe('a submission that cannot be taken is refused alone, with its reason', () => {
  it.each<[string, object, string, string]>([
    ['a code that is not enrolled', { patient: '0999' }, 'PATIENT_UNKNOWN', 'Patient "0999" is not in enrolment.csv.'],
    ['a name with ../', { patient: '../../etc' }, 'PATIENT_UNKNOWN', 'Patient "../../etc" is not in enrolment.csv.'],
    [
      'a name with a line break and a zero',
      { patient: 'a\nb\0c' },
      'PATIENT_UNKNOWN',
      'Patient "a\\u{a}b\\u{0}c" is not in enrolment.csv.',
    ],
    [
      'a timestamp that is no date',
      { timestamp: '20210230T081500' },
      'TIMESTAMP_INVALID',
      '"20210230T081500" is no moment of the form 20201201T003232.',
    ],
    [
      'a timestamp with ../',
      { timestamp: '../../../etc' },
      'TIMESTAMP_INVALID',
      '"../../../etc" is no moment of the form 20201201T003232.',
    ],
    ['no video', { videoSha256: null }, 'VIDEO_MISSING', 'There is no narrative.mp4.'],
    [
      'a checksum that is none',
      { videoSha256: '../../secrets' },
      'CHECKSUM_INVALID',
      'The checksum announced for narrative.mp4 is no SHA-256 in 64 hexadecimal digits.',
    ],
    [
      'a survey checksum that is none',
      { surveySha256: 'A'.repeat(64) },
      'CHECKSUM_INVALID',
      'The checksum announced for survey.csv is no SHA-256 in 64 hexadecimal digits.',
    ],
    [
      'a video that is too large',
      { videoBytes: 3 * 2 ** 30 },
      'VIDEO_TOO_LARGE',
      'narrative.mp4 has 3221225472 bytes; at most 2147483648 are taken.',
    ],
    [
      'a size that is none',
      { videoBytes: Number.NaN },
      'SIZE_INVALID',
      'The size announced for narrative.mp4 is no number of bytes.',
    ],
  ])('%s', async (_, more, code, reason) => {
    const other = offer({ timestamp: '20210105T101010' });
    const result = await open(ENROLMENT, [offer(more), other]);
    if (!result.ok) throw new Error(result.message);
    expect(result.items).toMatchObject([{ outcome: 'REFUSED', reasonCode: code, reason }, { outcome: 'WAITING' }]);
    expect(result.items[1]).toMatchObject({ patient: '0201', timestamp: '20210105T101010' });
  });

  it('however long and alike their names are', async () => {
    const long = 'x'.repeat(5000);
    const result = await open(ENROLMENT, [
      offer({ patient: `${long}1` }),
      offer({ patient: `${long}2` }),
      offer({ patient: '\ud800' }),
      offer({ patient: '\ud801' }),
    ]);
    if (!result.ok) throw new Error(result.message);
    expect(result.items.map((item) => item.outcome)).toEqual(Array(4).fill('REFUSED'));
    expect(new Set(result.items.map((item) => item.patient)).size).toBe(4);
  });
});
