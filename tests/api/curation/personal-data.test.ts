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
});
