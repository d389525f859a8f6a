import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptGroups } from '../../../api/services/runs/kept-groups.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let ann: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 12, submissions: 1, frames: 10, folds: 2 });
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
  quality { by group patients faceFound ${MEAN} landmarksLost ${MEAN} brightness ${MEAN} }
  baselines { experiment classes preset seed patients comparable overall ${MEAN} groups { by group patients accuracy ${MEAN} } } } }`;

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
      expect(new Set(part.map(({ by }: { by: string }) => by))).toEqual(new Set(['SEX', 'DEVICE']));
    for (const group of quality) {
      expect(group.patients).toBeGreaterThanOrEqual(5);
      expect(group.faceFound).toEqual({ mean: expect.any(Number), interval });
      expect(group.landmarksLost.mean).not.toBeNull();
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

  it('is the same after a withdrawal, and a run without that patient does not come into it', async () => {
    const before = await world.ask('sam', QUERY);
    expect(before.data.groupFigures.quality.length).toBeGreaterThan(0);
    await world.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) SELECT gen_random_uuid(), patient_id, 'STOP_SHARING', 'PATIENT', now() FROM release_patient WHERE release_id = $1 AND code = '9001'`,
      [world.study.releaseId],
    );
    await world.give(ann, 'runBaseline', { experiment: 'random-forest-pain', seed: 3 }, '');
    await world.work('run-baseline');
    expect(await world.ask('sam', QUERY)).toEqual(before);
  });

  it('is as little to be worked out by who has results without LABELS, from runs on both sides of a withdrawal', async () => {
    const access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ', 'RUN'] } as const;
    const bea = await addResearcher(world.db.pool, {
      ...{ name: 'bea', studyId: world.study.studyId, now: world.clock.now(), access },
    });
    const ran = async (seed: number) => {
      await world.give(bea, 'runBaseline', { experiment: 'random-forest-pain', seed }, '');
      await world.work('run-baseline');
      const { rows } = await world.db.pool.query<{ id: string }>('SELECT id FROM baseline_run WHERE seed = $1', [seed]);
      return rows[0]!.id;
    };
    const look = async (id: string) => {
      const { data, errors } = await world.ask(
        bea,
        'query($id: ID!) { run(id: $id) { result { overall patients bySex { group patients accuracy } ranges { patients } patientsOver50 rows } } }',
        { id },
      );
      return { ...data.run.result, refused: errors?.map(({ path }) => path?.at(-1)) };
    };
    await world.db.pool.query('UPDATE withdrawal SET taken_back_at = at');
    const whole = await ran(4);
    const before = await look(whole);
    expect(before).toMatchObject({ patients: 12, bySex: [{ patients: 6 }, { patients: 6 }], rows: null });
    await world.db.pool.query('ALTER TABLE withdrawal DISABLE TRIGGER USER');
    await world.db.pool.query('UPDATE withdrawal SET taken_back_at = NULL');
    await world.db.pool.query('ALTER TABLE withdrawal ENABLE TRIGGER USER');
    expect(await look(whole)).toEqual(before);
    const after = await look(await ran(5));
    expect(after).toMatchObject({ patients: 11, bySex: null, ranges: null, patientsOver50: null, rows: null });
    expect(after.refused).toEqual(expect.arrayContaining(['bySex', 'ranges', 'patientsOver50', 'rows']));
  });

  it('nor what one fold did, though it withholds many: its model never saw them, so the means of before and after would be of one patient', async () => {
    const access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ', 'RUN'] } as const;
    const cat = await addResearcher(world.db.pool, {
      ...{ name: 'cat', studyId: world.study.studyId, now: world.clock.now(), access },
    });
    await world.give(cat, 'runBaseline', { experiment: 'random-forest-pain', seed: 6, fold: 1 }, '');
    await world.work('run-baseline');
    const { data, errors } = await world.ask(
      cat,
      `{ viewer { runs { fold state result { overall patients interval { low } byClass { patients } } provenance checkpoints { id } }
        grants { accessLog(first: 5) { nodes { action rows } } } } }`,
    );
    const nothing = { overall: null, patients: null, interval: null, byClass: null };
    expect(data.viewer.runs).toEqual([
      { fold: 1, state: 'SUCCEEDED', result: nothing, provenance: null, checkpoints: null },
    ]);
    expect(errors?.every(({ extensions }) => extensions?.modality === 'LABELS')).toBe(true);
    // Nor does the log of their own grant say how many rows there were.
    expect(data.viewer.grants[0].accessLog.nodes).toContainEqual({ action: 'RUN_FINISHED', rows: null });
    // The log itself does.
    expect((await world.entries('RUN_FINISHED')).at(-1)).toMatchObject({ rows: expect.any(Number) });
  });

  it('of a release that nobody looked at until somebody had withdrawn tells no group, ever', async () => {
    await world.db.pool.query('ALTER TABLE group_figures DISABLE TRIGGER USER');
    await world.db.pool.query('DELETE FROM group_figures');
    await world.db.pool.query('ALTER TABLE group_figures ENABLE TRIGGER USER');
    const { told, quality } = await keptGroups(world.base, world.study.releaseId);
    expect(Object.values(told).flat()).toEqual([]);
    expect(quality).toEqual([]);
    await world.db.pool.query('UPDATE withdrawal SET taken_back_at = at');
    expect((await keptGroups(world.base, world.study.releaseId)).quality).toEqual([]);
  });
});
