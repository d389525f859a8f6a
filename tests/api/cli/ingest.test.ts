import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DropItemState } from '../../../api/cli/drop-operations.ts';
import { ingestTable, totalOf } from '../../../api/cli/ingest-table.ts';
import { aFolder, anIo, iss } from './an-io.ts';
import { type Answer, type Portal, sha256, startPortal } from './portal.ts';

let portal: Portal;
let drop: string;
let opened: Record<string, unknown>[];
let processed: unknown[];
let corrections: Record<string, unknown>[];
/** What the server says of the submissions, by patient. */
let outcomes: Record<string, Record<string, unknown>>;

const NOTHING = { reasonCode: null, reason: null, frames: null, faces: null, chunks: null, seconds: null };

beforeEach(async () => {
  portal = await startPortal();
  drop = await aFolder();
  opened = [];
  processed = [];
  corrections = [];
  outcomes = {
    '0101': { outcome: 'PROCESSED', frames: 20, faces: 19, chunks: 1, seconds: 2 },
    '0102': { outcome: 'UNREADABLE', reasonCode: 'TRUNCATED', reason: 'The file is cut off.' },
  };
  await writeFile(join(drop, 'enrolment.csv'), 'patient\n0101\n0102\n');
  await submission('0101', '20210104T081500', 'a video', 'a survey');
  await submission('0102', '20210105T081500', 'half a vid', null);
  const items = () =>
    (opened.at(-1)!.items as { patient: string; timestamp: string }[]).map(({ patient, timestamp }) => ({
      patient,
      timestamp,
    }));
  portal.operations.openDrop = ({ input }): Answer => {
    opened.push(input as Record<string, unknown>);
    const wanted = items().map((item) => ({
      ...item,
      ...NOTHING,
      outcome: 'WAITING',
      wanted: item.patient === '0101' ? ['VIDEO', 'SURVEY'] : ['VIDEO'],
    }));
    return { data: { openDrop: { __typename: 'OpenDropSuccess', drop: { id: 'd1', items: wanted, corrections } } } };
  };
  portal.operations.processSubmission = ({ input }): Answer => {
    processed.push(input);
    return { data: { processSubmission: { __typename: 'ProcessSubmissionSuccess', queued: true } } };
  };
  portal.operations.Drop = () => {
    const sent = processed.map((one) => (one as { patient: string }).patient);
    const now = items().map((item) => ({
      ...item,
      ...NOTHING,
      outcome: 'WAITING',
      ...(sent.includes(item.patient) && outcomes[item.patient]),
    }));
    return { data: { drop: { items: now, running: [] } } };
  };
});
afterEach(() => portal.stop());

async function submission(patient: string, timestamp: string, video: string, survey: string | null): Promise<void> {
  const folder = join(drop, 'submissions', patient, timestamp);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'narrative.mp4'), video);
  if (survey !== null) await writeFile(join(folder, 'survey.csv'), survey);
}

const io = () => anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });

test('says of whom the enrolment file changes what, before anything is sent', async () => {
  corrections = [{ patient: '0101', field: 'painTarget', from: '2', to: '7' }];
  const own = io();
  expect(await iss(own, 'ingest', drop)).toBe(0);
  expect(own.notes.join('\n')).toContain('0101 painTarget: 2 → 7');
});

test('a drop is described, sent, processed and told of', async () => {
  const terminal = io();
  expect(await iss(terminal, 'ingest', drop)).toBe(0);
  expect(opened).toEqual([
    {
      study: 'iss',
      enrolment: Buffer.from('patient\n0101\n0102\n').toString('base64'),
      items: [
        {
          patient: '0101',
          timestamp: '20210104T081500',
          videoSha256: sha256(Buffer.from('a video')),
          videoBytes: 7,
          surveySha256: sha256(Buffer.from('a survey')),
        },
        {
          patient: '0102',
          timestamp: '20210105T081500',
          videoSha256: sha256(Buffer.from('half a vid')),
          videoBytes: 10,
          surveySha256: null,
        },
      ],
    },
  ]);
  expect(Object.fromEntries([...portal.received].map(([path, bytes]) => [path, String(bytes)]))).toEqual({
    '/ingest/d1/0101/20210104T081500/narrative.mp4': 'a video',
    '/ingest/d1/0101/20210104T081500/survey.csv': 'a survey',
    '/ingest/d1/0102/20210105T081500/narrative.mp4': 'half a vid',
  });
  const lines = terminal.lines.join('\n').split('\n');
  expect(lines[0]).toMatch(/^patient {2}timestamp +outcome +frames +faces +chunks +seconds +reason$/);
  expect(lines[2]).toMatch(/^0101 +20210104T081500 +PROCESSED +20 +19 +1 +2\.0$/);
  expect(lines[3]).toMatch(/^0102 +20210105T081500 +UNREADABLE +TRUNCATED: The file is cut off\.$/);
  expect(lines.at(-1)).toBe('1 processed, 1 unreadable');
});

test('as JSON it is a line for each submission and one total', async () => {
  const terminal = io();
  expect(await iss(terminal, 'ingest', drop, '--json')).toBe(0);
  const lines = terminal.lines.map((line) => JSON.parse(line));
  const told = lines.slice(0, 2).sort((a, b) => a.patient.localeCompare(b.patient));
  expect(told).toEqual([
    {
      patient: '0101',
      timestamp: '20210104T081500',
      outcome: 'PROCESSED',
      frames: 20,
      faces: 19,
      chunks: 1,
      seconds: 2,
    },
    {
      patient: '0102',
      timestamp: '20210105T081500',
      outcome: 'UNREADABLE',
      reason: 'The file is cut off.',
      reasonCode: 'TRUNCATED',
      frames: null,
      faces: null,
      chunks: null,
      seconds: null,
    },
  ]);
  expect(lines.slice(2)).toEqual([
    {
      total: {
        submissions: 2,
        processed: 1,
        unchanged: 0,
        unreadable: 1,
        refused: 0,
        failed: 0,
        frames: 20,
        faces: 19,
        chunks: 1,
        seconds: expect.any(Number),
      },
    },
  ]);
});

describe('sending', () => {
  test('goes on after a busy server and a cut connection', async () => {
    portal.puts = [
      (response) => void response.writeHead(503, { 'Retry-After': '3' }).end(),
      (response) => response.destroy(),
    ];
    const terminal = io();
    expect(await iss(terminal, 'ingest', drop)).toBe(0);
    expect(portal.received.size).toBe(3);
    expect(terminal.slept).toContain(3000);
  });

  test('of a file that changed on the way fails that submission alone', async () => {
    portal.puts = Array.from(
      { length: 1 },
      () => (response: import('node:http').ServerResponse) =>
        void response
          .writeHead(422, { 'Content-Type': 'application/problem+json' })
          .end(JSON.stringify({ code: 'CHECKSUM_DIFFERS', title: 'It changed while it was sent.' })),
    );
    const terminal = io();
    expect(await iss(terminal, 'ingest', drop, '--json')).toBe(1);
    const lines = terminal.lines.map((line) => JSON.parse(line));
    expect(lines.at(-1).total).toMatchObject({ failed: 1 });
    expect(lines.find(({ outcome }) => outcome === 'FAILED').reason).toContain('It changed while it was sent.');
    expect(terminal.notes).toEqual(['iss: 1 submission could not be taken; the table says why.']);
  });

  test('is refused to who is no curator, with the reasons', async () => {
    portal.operations.openDrop = () => ({
      data: {
        openDrop: {
          __typename: 'Refused',
          code: 'FORBIDDEN',
          message: 'Only curators do this.',
          reasons: [{ code: 'ROLE_MISSING', subject: 'curator', sentence: 'Ask.', whoActsNext: 'ADMIN' }],
        },
      },
    });
    const terminal = io();
    expect(await iss(terminal, 'ingest', drop)).toBe(3);
    expect(terminal.notes).toEqual(['iss: Only curators do this.', '  ROLE_MISSING (curator): Ask. Next: admin.']);
  });
});

test('a submission that was unreadable before is told as that, though nothing is done again', () => {
  const items = [outcomes['0101'], { ...outcomes['0101'], reasonCode: 'TRUNCATED', reason: 'cut off' }].map((item) => ({
    ...(item as object),
    patient: '0101',
    timestamp: '20210104T081500',
    outcome: 'UNCHANGED',
  })) as DropItemState[];
  items[0] = { ...items[0]!, reasonCode: null };
  expect(ingestTable(items, totalOf(items, 1)).split('\n').at(-1)).toBe('2 unchanged (1 of them unreadable)');
});

test('what is unchanged is not sent, and told with its figures all the same', async () => {
  const unchanged = { ...outcomes['0101'], outcome: 'UNCHANGED' };
  const items = [
    { patient: '0101', timestamp: '20210104T081500', reasonCode: null, reason: null, outcome: 'UNCHANGED' },
  ];
  portal.operations.openDrop = () => ({
    data: {
      openDrop: {
        __typename: 'OpenDropSuccess',
        drop: { id: 'd1', items: items.map((item) => ({ ...item, wanted: [] })), corrections },
      },
    },
  });
  portal.operations.Drop = () => ({
    data: { drop: { items: items.map((item) => ({ ...item, ...unchanged })), running: [] } },
  });
  const terminal = io();
  expect(await iss(terminal, 'ingest', drop, '--json')).toBe(0);
  expect(JSON.parse(terminal.lines[0]!)).toMatchObject({ outcome: 'UNCHANGED', frames: 20, faces: 19, chunks: 1 });
  expect(terminal.lines).toHaveLength(2);
  expect(portal.received.size).toBe(0);
  expect(processed).toEqual([]);
});

test('a refused submission ends with 1', async () => {
  outcomes['0102'] = {
    outcome: 'REFUSED',
    reasonCode: 'PATIENT_UNKNOWN',
    reason: 'Patient "0102" is not in enrolment.csv.',
  };
  expect(await iss(io(), 'ingest', drop)).toBe(1);
});

test('Ctrl-C ends with 130 and says how to go on', async () => {
  const terminal = io();
  portal.operations.Drop = () => {
    terminal.abort();
    return { data: { drop: null } };
  };
  expect(await iss(terminal, 'ingest', drop)).toBe(130);
  expect(terminal.notes).toEqual(['iss: Interrupted: run it again to resume.']);
});

describe('what is wrong with a drop', () => {
  test('a folder without enrolment.csv is named, and nothing is sent', async () => {
    const terminal = io();
    const empty = await aFolder();
    expect(await iss(terminal, 'ingest', empty)).toBe(1);
    expect(terminal.notes).toEqual([`iss: ${empty} has no enrolment.csv, so it is no study drop.`]);
    expect(opened).toEqual([]);
  });

  test('every fault of enrolment.csv is told with its place', async () => {
    portal.operations.openDrop = () => ({
      data: {
        openDrop: {
          __typename: 'EnrolmentInvalid',
          code: 'ENROLMENT_INVALID',
          message: 'enrolment.csv cannot be used.',
          problems: [
            { code: 'PATIENT_REPEATED', line: 3, column: null, message: 'Patient "0101" stands in line 2 already.' },
            { code: 'VALUE_INVALID', line: 4, column: 'pain_target', message: '"\x1b11" is no number from 0 to 10.' },
          ],
        },
      },
    });
    const terminal = io();
    expect(await iss(terminal, 'ingest', drop)).toBe(1);
    expect(terminal.notes).toEqual([
      'iss: enrolment.csv cannot be used.',
      '  enrolment.csv, line 3: Patient "0101" stands in line 2 already.',
      '  enrolment.csv, line 4, column pain_target: "\\x1b11" is no number from 0 to 10.',
    ]);
  });

  test('strange files are mentioned', async () => {
    await writeFile(join(drop, 'submissions', 'notes\x07.txt'), 'x');
    const terminal = io();
    await iss(terminal, 'ingest', drop);
    expect(terminal.notes).toEqual([
      `${join(drop, 'submissions', 'notes\\x07.txt')} is not a folder, and is left alone.`,
    ]);
  });
});
