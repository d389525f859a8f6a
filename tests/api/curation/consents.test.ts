import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOfDay } from '../../../governance/calendar.ts';
import { approved, does, trained } from '../mutations/steps.ts';
import { startWorld, type World } from '../mutations/world.ts';

const CONSENT = 'id version uses modalities adultFrom reconsentedOn undoes importId recordedBy { name }';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 3, submissions: 1, frames: 10 });
  await trained(world, 'ada');
  await approved(world, { LABELS: ['READ'], PAIN_SCORES: ['READ'] });
});
afterAll(() => world.stop());

const record = (patient: string, changes: Record<string, unknown> = {}) =>
  world.give(
    'cy',
    'recordConsent',
    { patient, version: '2', uses: ['HMB'], modalities: ['LABELS', 'PAIN_SCORES'], ...changes },
    `... on RecordConsentSuccess { consent { ${CONSENT} } }`,
  );
const undo = (patient: string, consent: string) =>
  world.give('sam', 'undoConsent', { patient, consent }, `... on UndoConsentSuccess { consent { ${CONSENT} } }`);
const load = (text: string) =>
  world.give(
    'sam',
    'importConsents',
    { file: Buffer.from(text).toString('base64') },
    '... on ImportConsentsSuccess { recorded importId } ... on ConsentsInvalid { problems { code line column message } }',
  );
const history = async (patient: string) =>
  (await world.ask('cy', `query($p: String!) { consents(patient: $p) { ${CONSENT} } }`, { p: patient })).data.consents;
const seen = async () => {
  const query = '{ release(version: "1.0.0") { patients(first: 9) { nodes { code painTarget } } } }';
  const { nodes } = (await world.ask('ada', query)).data.release.patients;
  return nodes.map(({ code, painTarget }: Record<string, unknown>) => `${code}${painTarget === null ? '' : ' score'}`);
};

describe('a record of consent', () => {
  it('filters rows by the kinds of data that it names, and says who recorded it', async () => {
    expect(await seen()).toEqual(['9001 score', '9002 score', '9003 score']);
    const { consent } = await record('9001', { modalities: ['LABELS'] });
    expect(consent.recordedBy).toEqual({ name: 'Cy Person' });
    expect(await seen()).toEqual(['9001', '9002 score', '9003 score']);
  });

  it('is undone by a new record, which says of which it takes the place', async () => {
    const [newest] = await history('9001');
    const { consent } = await undo('9001', newest.id);
    expect(consent).toMatchObject({ undoes: newest.id, version: '1', recordedBy: { name: 'Sam Person' } });
    expect(await seen()).toEqual(['9001 score', '9002 score', '9003 score']);
    expect(await history('9001')).toHaveLength(3);
    expect((await undo('9001', newest.id)).code).toBe('CONSENT_NOT_NEWEST');
  });

  it('leaves no consent where it was the only one', async () => {
    const [only, ...more] = await history('9003');
    expect(more).toEqual([]);
    const { consent } = await undo('9003', only.id);
    expect(consent).toMatchObject({ uses: [], modalities: [] });
    expect(await seen()).toEqual(['9001 score', '9002 score']);
    await undo('9003', consent.id);
    expect(await seen()).toContain('9003 score');
  });

  it('is changed by nobody, the server’s own database role included', async () => {
    const { database } = world.db;
    await expect(database.query(`UPDATE consent SET uses = '{NRES}'`)).rejects.toThrow('permission denied');
    await expect(database.query('DELETE FROM consent')).rejects.toThrow('permission denied');
  });
});

describe('a patient who comes of age', () => {
  it('is seen up to that day in the study’s zone, and again from the day of a new consent on', async () => {
    await record('9002', { adultFrom: '2025-04-01' });
    const day = (date: string) => startOfDay(date, 'America/New_York');
    const at = async (time: number) => {
      world.clock.at = new Date(time);
      return (await seen()).includes('9002 score');
    };
    expect(await at(day('2025-04-01') - 1)).toBe(true);
    expect(await at(day('2025-04-01'))).toBe(false);
    // Consent given anew before that day does not count, one given on it does.
    await record('9002', { adultFrom: '2025-04-01', reconsentedOn: '2025-03-31' });
    expect(await at(day('2025-04-02'))).toBe(false);
    await record('9002', { adultFrom: '2025-04-01', reconsentedOn: '2025-04-03' });
    expect(await at(day('2025-04-03') - 1)).toBe(false);
    expect(await at(day('2025-04-03'))).toBe(true);
  });

  it.each([
    // Leap days; nights in which clocks change, at midnight too.
    ...['2024-02-29', '2028-02-29', '2025-03-01', '2024-12-31'].map((date) => [date, 'America/New_York']),
    ['2025-03-09', 'America/New_York'],
    ['2025-11-02', 'America/New_York'],
    ['2018-11-04', 'America/Sao_Paulo'],
    ['2018-02-18', 'America/Sao_Paulo'],
    ['2024-04-26', 'Africa/Cairo'],
    ['2024-02-29', 'Asia/Kathmandu'],
  ])('%s begins in %s at the same instant for a row, a ticket and decide()', async (date, zone) => {
    const { rows } = await world.db.pool.query<{ at: Date }>('SELECT $1::date::timestamp AT TIME ZONE $2 AS at', [
      date,
      zone,
    ]);
    expect(rows[0]?.at.getTime()).toBe(startOfDay(date as string, zone as string));
  });
});

describe('a file of consents', () => {
  const HEADER = 'patient,version,uses,modalities,adult_from,reconsented_on';

  it('is recorded whole, each line as a record of its patient', async () => {
    const payload = await load(
      `${HEADER}\n9001,3,HMB; NCU,LABELS;PAIN_SCORES,,\n9002,3,GRU,LABELS,2024-02-29,2024-03-01\n`,
    );
    expect(payload).toMatchObject({ recorded: 2 });
    const [first] = await history('9001');
    expect(first).toMatchObject({ version: '3', uses: ['HMB', 'NCU'], importId: payload.importId });
    expect((await history('9002'))[0]).toMatchObject({ adultFrom: '2024-02-29', reconsentedOn: '2024-03-01' });
    expect(await seen()).toEqual(['9001 score', '9002', '9003 score']);
  });

  it('is refused with everything that is wrong with it, and nothing of it is recorded', async () => {
    const before = (await history('9001')).length;
    const payload = await load(
      `${HEADER}\n9001,4,HMB,LABELS,,\n9002,,XYZ;DS,LABELS;SMELL,2025-02-29,\n9001,4,HMB,LABELS,,\n`,
    );
    expect(payload.code).toBe('CONSENTS_INVALID');
    expect(
      payload.problems.map(({ code, line, column }: Record<string, unknown>) => `${line} ${column} ${code}`),
    ).toEqual([
      '3 version VALUE_INVALID',
      '3 uses VALUE_INVALID',
      '3 uses VALUE_INVALID',
      '3 modalities VALUE_INVALID',
      '3 adult_from VALUE_INVALID',
      '4 patient PATIENT_REPEATED',
    ]);
    const strangers = await load(`${HEADER}\n9001,4,HMB,LABELS,,\n7777,4,HMB,LABELS,,\n=cmd,4,HMB,LABELS,,\n`);
    expect(strangers.problems.map(({ code, line }: Record<string, unknown>) => `${line} ${code}`)).toEqual([
      '3 PATIENT_UNKNOWN',
      '4 PATIENT_UNKNOWN',
    ]);
    expect(await history('9001')).toHaveLength(before);
  });

  it.each([
    ['', 'FILE_EMPTY'],
    [HEADER, 'ROW_MISSING'],
    [`${HEADER},name\n`, 'COLUMN_UNKNOWN'],
    ['patient,version\n', 'COLUMN_MISSING'],
  ])('%j is refused with %s', async (text, code) => {
    expect((await load(text)).problems[0].code).toBe(code);
  });

  it('is nothing for people without the role, and history is not shown to them', async () => {
    expect((await world.give('ada', 'importConsents', { file: '' })).code).toBe('FORBIDDEN');
    const { data, errors } = await world.ask('ada', '{ consents(patient: "9001") { id } }');
    expect(data.consents).toBeNull();
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    await does(world, 'cy', 'recordConsent', { patient: '9001', version: '5', uses: ['HMB'], modalities: [] }, '');
  });
});
