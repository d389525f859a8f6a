import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawnDrop, type IngestWorld, ingestWorld, sha256, submissionsOf } from './ingest-world.ts';

const HEADER = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on';
const ENROLMENT = `${HEADER}\n0201,F,I-III,3,iPhone 11,2021-01-04\n`;
const ITEMS = 'painnow,paintime,activity,mood,walking,work,relationships,sleep,enjoyment';
const TIME = '20210104T081500';

let world: IngestWorld;
let good: string;
let drop: string;
beforeAll(async () => {
  world = await ingestWorld();
  const drawn = await drawnDrop(1, 1);
  good = join(drawn, 'submissions', (await submissionsOf(drawn))[0]!, 'narrative.mp4');
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

describe('a file that is not what was announced', () => {
  const receive = async (announced: Uint8Array, sent: Uint8Array, kind: 'video' | 'survey' = 'video') => {
    const sums = kind === 'video' ? { videoSha256: sha256(announced) } : { surveySha256: sha256(announced) };
    const opened = await open(ENROLMENT, [offer(sums)]);
    if (!opened.ok) throw new Error(opened.message);
    const parts = (async function* () {
      yield sent;
    })();
    return { opened, got: await world.services.ingest.receive(opened.dropId, '0201', TIME, kind, parts) };
  };

  it('is not kept, and can be sent again', async () => {
    const before = await world.objects();
    const [announced, sent] = [Buffer.from(randomUUID()), Buffer.from('changed')];
    const { opened, got } = await receive(announced, sent);
    expect(got).toEqual({
      ok: false,
      code: 'CHECKSUM_DIFFERS',
      message: `What arrived has SHA-256 ${sha256(sent)}, announced was ${sha256(announced)}: it changed on the way or while it was sent.`,
    });
    expect(await world.objects()).toEqual(before);
    expect(await world.services.ingest.process({ ...opened.items[0]!, study: 'iss' }, null)).toBeNull();
    const again = (async function* () {
      yield announced;
    })();
    expect(await world.services.ingest.receive(opened.dropId, '0201', TIME, 'video', again)).toEqual({ ok: true });
  });

  it('is stopped where it is too large', async () => {
    const survey = Buffer.alloc(70_000, 'x');
    const { got } = await receive(survey, survey, 'survey');
    expect(got).toEqual({ ok: false, code: 'TOO_LARGE', message: 'The file has more than 65536 bytes.' });
  });

  it('was not announced at all', async () => {
    const opened = await open(ENROLMENT, [offer()]);
    if (!opened.ok) throw new Error(opened.message);
    const none = (async function* () {})();
    const wrong = [
      [opened.dropId, '0201', TIME, 'survey'],
      [opened.dropId, '0202', TIME, 'video'],
      [randomUUID(), '0201', TIME, 'video'],
    ] as const;
    for (const [drop, patient, time, kind] of wrong)
      expect(await world.services.ingest.receive(drop, patient, time, kind, none)).toMatchObject({
        code: 'NO_SUCH_ITEM',
      });
  });
});

describe('files whose content is wrong end with a reason that says what and where', () => {
  const outcomeOf = async (files: Record<string, string | Uint8Array>) => {
    await submission(files);
    const [item] = await world.ingest(drop);
    return item;
  };
  const survey = (...answers: string[]) => `${ITEMS}\n${answers.join(',')}\n`;
  const SOUND = ['5', 'Yes', '1', '2', '3', '4', '5', '6', '7'];
  const video = async () => {
    const { readFile } = await import('node:fs/promises');
    return readFile(good);
  };

  it.each<[string, string | Uint8Array, string]>([
    [
      'a letter',
      survey('5', 'Yes', '1', 'x', '3', '4', '5', '6', '7'),
      'survey.csv: Line 2, column mood: "x" is not a whole number from 0 to 10.',
    ],
    [
      'an 11',
      survey('11', ...SOUND.slice(1)),
      'survey.csv: Line 2, column painnow: "11" is not a whole number from 0 to 10.',
    ],
    [
      'two faults',
      survey('', 'maybe', ...SOUND.slice(2)),
      'survey.csv: Line 2, column painnow: "" is not a whole number from 0 to 10. Line 2, column paintime: "maybe" is not Yes or No.',
    ],
    ['UTF-16', utf16(survey(...SOUND)), 'survey.csv: The file is UTF-16; save it as UTF-8.'],
    ['nothing', '', 'survey.csv: The file is empty.'],
    ['a column too few', `${ITEMS}\n1,Yes,3\n`, 'survey.csv: Line 2: 3 values where the header has 9 columns.'],
    [
      'two rows',
      `${survey(...SOUND)}${SOUND.join(',')}\n`,
      'survey.csv: Line 3: a survey has one row of answers, this is a second.',
    ],
  ])('a survey with %s', async (_, text, reason) => {
    const item = await outcomeOf({ 'narrative.mp4': await video(), 'survey.csv': text });
    expect(item).toMatchObject({ outcome: 'REFUSED', reasonCode: 'SURVEY_INVALID', reason, recordingId: null });
  });

  it('a survey with a byte order mark is taken', async () => {
    const item = await outcomeOf({ 'narrative.mp4': await video(), 'survey.csv': bom(survey(...SOUND)) });
    expect(item).toMatchObject({ outcome: 'PROCESSED', reason: null });
  });

  const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n';
  it.each<[string, Uint8Array | string, string, RegExp]>([
    ['empty', '', 'EMPTY_FILE', /empty/i],
    ['not a video', 'just some text, long enough to look at', 'NOT_MEDIA', /./],
    ['a playlist named .mp4', PLAYLIST, 'CONTAINER_NOT_ALLOWED', /./],
    ['zeros', Buffer.alloc(4096), 'NOT_MEDIA', /./],
  ])('a narrative.mp4 that is %s', async (_, content, code, reason) => {
    await rm(join(drop, 'submissions'), { recursive: true, force: true });
    const item = await outcomeOf({ 'narrative.mp4': content });
    expect(item).toMatchObject({ outcome: 'UNREADABLE', reason: expect.stringMatching(reason) });
    expect(item?.reasonCode).toBe(code);
    expect(item?.reason?.length).toBeGreaterThan(10);
    // Kept as unreadable: not tried again, and still told.
    const { items } = await world.send(drop);
    expect(items).toMatchObject([{ outcome: 'UNCHANGED', reasonCode: code }]);
  });

  it('a video cut short is unreadable, and nothing of it is stored', async () => {
    const whole = await video();
    const item = await outcomeOf({ 'narrative.mp4': whole.subarray(0, Math.floor(whole.length * 0.6)) });
    expect(item).toMatchObject({ outcome: 'UNREADABLE', reasonCode: expect.stringMatching(/TRUNCATED|DAMAGED/) });
    const { rows } = await world.pool.query('SELECT 1 FROM artifact WHERE recording_id = $1', [item!.recordingId]);
    expect(rows).toEqual([]);
  });

  it('a good video beside bad ones is processed', async () => {
    await submission({ 'narrative.mp4': 'not a video, but longer than nothing' }, '0201/20210105T081500');
    await submission({ 'narrative.mp4': '' }, '0201/20210106T081500');
    const folder = await submission({}, '0201/20210107T081500');
    await cp(good, join(folder, 'narrative.mp4'));
    const items = await world.ingest(drop);
    expect(items.map((item) => item.outcome)).toEqual(['UNREADABLE', 'UNREADABLE', 'PROCESSED']);
  });
});
