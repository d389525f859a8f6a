import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

const CONSENT = 'consent { id patient adultFrom reconsentedOn }';
const QUARANTINE = 'quarantine { id reason patient timestamp liftedAt }';
const give = async (name: string, input: Record<string, unknown>, fields: string) => {
  const payload = await world.give(
    'cy',
    name,
    input,
    `... on ${name[0]!.toUpperCase()}${name.slice(1)}Success { ${fields} }`,
  );
  expect(payload.__typename).toMatch(/Success$/);
  return payload;
};
/** Everything that nobody can remove. */
const undeletable = async (): Promise<string> => {
  const { rows } = await world.db.pool.query(
    `SELECT coalesce((SELECT string_agg(text, '') FROM audit_entry), '') || coalesce((SELECT string_agg(result::text, '') FROM command_receipt), '') AS all`,
  );
  return rows[0].all;
};

describe('what neither the log nor a receipt keeps, since it could not be erased from there', () => {
  it('is what a consent says of a patient; a repeat reads the record', async () => {
    const input = {
      ...{ patient: '9001', version: '2', uses: ['HMB'], modalities: ['LABELS'] },
      ...{ adultFrom: '2031-07-09', reconsentedOn: '2031-07-11', commandId: randomUUID() },
    };
    const first = await give('recordConsent', input, CONSENT);
    expect(first.consent).toMatchObject({ patient: '9001', adultFrom: '2031-07-09' });
    expect(await give('recordConsent', input, CONSENT)).toEqual(first);
    const again = { patient: '9001', consent: first.consent.id, commandId: randomUUID() };
    const undone = await give('undoConsent', again, CONSENT);
    expect(await give('undoConsent', again, CONSENT)).toEqual(undone);
    const csv = 'patient,version,uses,modalities,adult_from,reconsented_on\n9002,3,HMB,LABELS,2031-07-09,2031-07-11\n';
    await give('importConsents', { file: Buffer.from(csv).toString('base64') }, 'recorded');
    const all = await undeletable();
    for (const said of ['2031-07-09', '2031-07-11', '"9001"', '"9002"']) expect(all).not.toContain(said);
    expect((await world.entries('COMMAND')).find(({ command }) => command === 'recordConsent')).toMatchObject({
      consent: first.consent.id,
      fields: expect.arrayContaining(['version', 'adultFrom', 'reconsentedOn']),
    });
  });

  it('is why something is in quarantine, of whom and of when', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT p.code AS patient, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp FROM submission s JOIN patient p ON p.id = s.patient_id LIMIT 1`,
    );
    const input = { ...rows[0], reason: 'Her name, Wilma, is spoken.', commandId: randomUUID() };
    const first = await give('placeQuarantine', input, QUARANTINE);
    expect(first.quarantine).toMatchObject({ reason: input.reason, timestamp: rows[0].timestamp });
    expect(await give('placeQuarantine', input, QUARANTINE)).toEqual(first);
    const lift = { id: first.quarantine.id, commandId: randomUUID() };
    const lifted = await give('liftQuarantine', lift, QUARANTINE);
    expect(await give('liftQuarantine', lift, QUARANTINE)).toEqual(lifted);
    const all = await undeletable();
    for (const said of ['Wilma', rows[0].timestamp, `"${rows[0].patient}"`]) expect(all).not.toContain(said);
    expect(all).toContain(first.quarantine.id);
  });

  it('is what stood in a file that was refused: a receipt says where something is wrong, and no more', async () => {
    const refused = (name: string, input: object, who: 'cy' = 'cy') =>
      world.give(who, name, { ...input }, '... on ConsentsInvalid { problems { code line column message } }');
    const csv = 'patient,version,uses,modalities\n9001,1,Wilma Meier of 12 Elm Street,LABELS\nMeier,1,HMB,LABELS\n';
    const input = { file: Buffer.from(csv).toString('base64'), commandId: randomUUID() };
    const first = await refused('importConsents', input);
    expect(first.problems[0]).toMatchObject({ line: 2, column: 'uses', message: expect.stringContaining('Wilma') });
    const again = await refused('importConsents', input);
    expect(again).toMatchObject({ code: 'CONSENTS_INVALID', problems: [{ line: 2, column: 'uses' }] });
    const header = 'patient,version,uses,modalities,Wilma_Meier\n9001,1,HMB,LABELS,x\n';
    await refused('importConsents', { file: Buffer.from(header).toString('base64'), commandId: randomUUID() });
    const said = { patient: '9001', version: '1', uses: ['what Wilma Meier said'], modalities: [] };
    expect((await world.give('cy', 'recordConsent', { ...said, commandId: randomUUID() })).message).toContain('Wilma');
    const enrolment = Buffer.from('patient,sex,skin_type,worst_pain,source_device,enrolled_on\n9001,Wilma,x,y,z,w\n');
    await world.give('cy', 'openDrop', {
      ...{ enrolment: enrolment.toString('base64'), items: [], commandId: randomUUID() },
    });
    const all = await undeletable();
    for (const word of ['Wilma', 'Meier', 'Elm Street']) expect(all).not.toContain(word);
    expect(all).toContain('CONSENTS_INVALID');
    expect(all).toContain('ENROLMENT_INVALID');
  });

  it('is why a quarantine was kept', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT p.code AS patient, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp FROM submission s JOIN patient p ON p.id = s.patient_id LIMIT 1`,
    );
    const placed = await give('placeQuarantine', { ...rows[0], reason: 'A second voice.' }, QUARANTINE);
    const due = async () =>
      (await world.ask('sam', '{ quarantines(reviewDue: true) { id reviewDueAt } }')).data.quarantines;
    expect(await due()).toEqual([]);
    const day = 86_400_000;
    world.clock.at = new Date(world.clock.at.getTime() + 7 * day);
    expect(await due()).toMatchObject([{ id: placed.quarantine.id }]);
    const review = (who: 'cy' | 'sam', input: object) =>
      world.give(
        who,
        'reviewQuarantine',
        { id: placed.quarantine.id, ...input },
        '... on ReviewQuarantineSuccess { quarantine { reviewReason liftedAt patient reviewedBy { name } reviewDueAt } }',
      );
    expect((await review('cy', { outcome: 'LIFT' })).code).toBe('FORBIDDEN');
    expect((await review('sam', { outcome: 'KEEP', reason: ' ' })).code).toBe('REASON_MISSING');
    const kept = { outcome: 'KEEP', reason: 'Her brother Fred is heard.', commandId: randomUUID() };
    const first = await review('sam', kept);
    // A steward sees why, and no row.
    expect(first.quarantine).toMatchObject({
      ...{ reviewReason: kept.reason, liftedAt: null, patient: null, reviewedBy: { name: expect.any(String) } },
      reviewDueAt: new Date(world.clock.at.getTime() + 90 * day).toISOString(),
    });
    expect(await review('sam', kept)).toEqual(first);
    expect(await due()).toEqual([]);
    expect((await review('sam', { outcome: 'LIFT' })).quarantine.liftedAt).not.toBeNull();
    expect((await review('sam', { outcome: 'KEEP', reason: 'Why.' })).code).toBe('ALREADY_LIFTED');
    expect(await undeletable()).not.toContain('Fred');
  });
});
