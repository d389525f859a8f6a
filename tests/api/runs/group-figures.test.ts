import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hiddenGroups } from '../../../governance/group-figures.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let ann: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 12, submissions: 1, frames: 10, folds: 3 });
  ann = await addResearcher(world.db.pool, { name: 'ann', studyId: world.study.studyId, now: world.clock.now() });
  for (const seed of [1, 2]) {
    await world.give(ann, 'runBaseline', { experiment: 'random-forest-pain', seed }, '');
    await world.work('run-baseline');
    world.clock.at = new Date(world.clock.at.getTime() + 1000);
  }
}, 60_000);
afterAll(() => world.stop());

const MEAN = '{ mean interval { low high } }';
const QUERY = `{ groupFigures { release
  quality { by group patients small warning faceFound ${MEAN} landmarksLost ${MEAN} brightness ${MEAN} }
  baselines { experiment classes preset seed patients comparable overall ${MEAN} groups { by group patients small warning accuracy ${MEAN} } } } }`;

describe("a steward's view of groups", () => {
  it('has each baseline by sex, skin type and device, with intervals, beside faces found and landmarks lost', async () => {
    const { data, errors } = await world.ask('sam', QUERY);
    expect(errors).toBeUndefined();
    const { baselines, quality } = data.groupFigures;
    expect(baselines).toHaveLength(1);
    // The newest run.
    expect(baselines[0]).toMatchObject({
      experiment: 'random-forest-pain',
      classes: 2,
      preset: 'desk',
      seed: 2,
      patients: 12,
    });
    const interval = { low: expect.any(Number), high: expect.any(Number) };
    expect(baselines[0].overall).toEqual({ mean: expect.any(Number), interval });
    for (const part of [baselines[0].groups, quality])
      expect(new Set(part.map(({ by }: { by: string }) => by))).toEqual(new Set(['SEX', 'SKIN_TYPE', 'DEVICE']));
    const told = quality.filter(({ patients }: { patients: number }) => patients > 1);
    for (const group of told) {
      expect(group.faceFound).toEqual({ mean: expect.any(Number), interval });
      expect(group.landmarksLost.mean).not.toBeNull();
      expect(group.warning === null).toBe(group.patients >= 5);
    }
    const sexes = quality.filter(({ by }: { by: string }) => by === 'SEX');
    expect(sexes.reduce((sum: number, { patients }: { patients: number }) => sum + patients, 0)).toBe(12);
  });

  it('says nothing of whose run it was, and is in the log', async () => {
    const before = (await world.entries('READ')).length;
    const answer = JSON.stringify(await world.ask('sam', QUERY));
    for (const secret of [ann.accountId, ann.grantId, '9001']) expect(answer).not.toContain(secret);
    const entries = (await world.entries('READ')).slice(before);
    expect(entries).toMatchObject([{ use: 'GROUP_FIGURES', account: world.idOf('sam') }]);
  });

  it.each(['ada', 'olu', 'cy', 'aud', 'adm', 'nob', null] as const)('is not for %s', async (who) => {
    const { data, errors } = await world.ask(who, QUERY);
    expect(data.groupFigures).toBeNull();
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('tells nothing of one patient alone, nor what they could be worked out from', () => {
    expect(hiddenGroups([20, 9])).toEqual([false, false]);
    expect(hiddenGroups([11, 1])).toEqual([true, true]);
    expect(hiddenGroups([12, 13, 2, 1])).toEqual([false, false, true, true]);
    expect(hiddenGroups([12, 1, 1])).toEqual([false, true, true]);
    expect(hiddenGroups([1])).toEqual([true]);
    expect(hiddenGroups([0, 5])).toEqual([false, false]);
  });

  it('leaves out a run that a withdrawal has marked, and the patient in the rates', async () => {
    const { rows } = await world.db.pool.query<{ id: string }>(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), patient_id, 'STOP_SHARING', 'PATIENT', now() FROM release_patient WHERE release_id = $1 AND code = '9001' RETURNING id`,
      [world.study.releaseId],
    );
    await world.db.pool.query(
      `INSERT INTO withdrawal_mark (withdrawal_id, subject, subject_id, effect, at) SELECT $1, 'RUN', id, 'MARKED', now() FROM baseline_run WHERE seed = 2`,
      [rows[0]!.id],
    );
    const { data } = await world.ask('sam', QUERY);
    expect(data.groupFigures.baselines).toMatchObject([{ seed: 1 }]);
    const sexes = data.groupFigures.quality.filter(({ by }: { by: string }) => by === 'SEX');
    expect(sexes.reduce((sum: number, { patients }: { patients: number }) => sum + patients, 0)).toBe(11);
  });
});
