import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let [ann, blind]: FixturePerson[] = [];
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 2, frames: 10, folds: 3 });
  const of = { studyId: world.study.studyId, now: world.clock.now() };
  ann = await addResearcher(world.db.pool, { ...of, name: 'ann' });
  const access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ'] } as const;
  blind = await addResearcher(world.db.pool, { ...of, name: 'blind', access });
});
afterAll(() => world.stop());

const PREVIEW = `query($experiment: String!, $preset: String, $fold: Int, $seed: SafeInt) { runPreview(experiment: $experiment, preset: $preset, fold: $fold, seed: $seed) {
  release classes preset reads comparable waiting secondsTypical folds { fold trainPatients testPatients trainRows testRows } } }`;

describe('what a run would do', () => {
  it('is counted before it begins as it is when it has', async () => {
    const { data, errors } = await world.ask(ann!, PREVIEW, { experiment: 'random-forest-pain' });
    expect(errors).toBeUndefined();
    const { folds, comparable } = data.runPreview;
    expect(comparable).toContain('synthetic');
    const payload = await world.give(
      ann!,
      'runBaseline',
      { experiment: 'random-forest-pain' },
      '... on RunBaselineSuccess { run { id } }',
    );
    await world.work('run-baseline');
    const query = 'query($id: ID!) { run(id: $id) { result { rows byFold { fold trainRows testRows } } } }';
    const { result } = (await world.ask(ann!, query, { id: payload.run.id })).data.run;
    expect(
      folds.map(({ fold, trainRows, testRows }: Record<string, number>) => ({ fold, trainRows, testRows })),
    ).toEqual(result.byFold);
    expect(folds).toHaveLength(3);
    for (const { trainPatients, testPatients } of folds) expect(trainPatients + testPatients).toBe(6);
  });

  it('says how long such runs took, and nothing where only others were seen', async () => {
    const typical = async (preset: string) => {
      const { data } = await world.ask(ann!, PREVIEW, { experiment: 'random-forest-pain', preset });
      return data.runPreview.secondsTypical;
    };
    expect(await typical('desk')).toBeGreaterThanOrEqual(0);
    expect(await typical('smoke')).toBeNull();
  });

  it('has the frames that a preset leaves, of one fold too', async () => {
    const { data } = await world.ask(ann!, PREVIEW, {
      experiment: 'random-forest-landmarks',
      preset: 'smoke',
      fold: 2,
    });
    const [fold, ...more] = data.runPreview.folds;
    expect(more).toEqual([]);
    expect(fold).toMatchObject({ fold: 2, trainPatients: 4, testPatients: 2, trainRows: 16, testRows: 8 });
  });

  it('says nothing of how many rows are whose without LABELS to read', async () => {
    const { data, errors } = await world.ask(blind!, PREVIEW, { experiment: 'random-forest-pain' });
    expect(data.runPreview).toMatchObject({ release: '1.0.0', folds: null });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
  });

  it.each([
    ['EXPERIMENT_UNKNOWN', { experiment: 'palmistry' }],
    ['PRESET_UNKNOWN', { experiment: 'random-forest-pain', preset: 'huge' }],
    ['FOLD_UNKNOWN', { experiment: 'random-forest-pain', fold: 4 }],
    ['SEED_INVALID', { experiment: 'random-forest-pain', seed: -1 }],
    ['BAD_USER_INPUT', { experiment: 'random-forest-pain', seed: 1.5 }],
    ['BAD_USER_INPUT', { experiment: 'random-forest-pain', fold: 1.5 }],
  ])('is refused with %s', async (code, input) => {
    const { errors } = await world.ask(ann!, PREVIEW, input);
    expect(errors?.[0]?.extensions?.code).toBe(code);
    expect(errors?.[0]?.message).toMatch(/\w+ \w+/);
  });
});
