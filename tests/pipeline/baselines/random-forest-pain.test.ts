import { describe, expect, it } from 'vitest';
import type { RunProgress } from '../../../pipeline/baselines/experiment.ts';
import {
  PAIN_FEATURES,
  type RandomForestPainInput,
  runRandomForestPain,
  type ScoredSubmission,
} from '../../../pipeline/baselines/random-forest-pain.ts';
import { foldsOf, makeFolds } from '../../../pipeline/labels/folds.ts';
import { PAIN_LEVELS, painCode } from '../../../pipeline/labels/pain.ts';
import { seededRandom } from '../../../pipeline/labels/seeded-random.ts';
import { SURVEY_ITEMS, type Survey } from '../../../pipeline/labels/survey.ts';
import { TIMEFRAMES } from '../../../pipeline/labels/timeframe.ts';
import { parityWith } from '../../support/parity.ts';
import { hasShared } from '../../support/shared.ts';
import { goldenTable, mean, SCORE_COLUMNS } from './forest/golden.ts';

/** Sixteen patients with three submissions each whose answers follow their level, but for one who answers nothing. */
const study = (): RandomForestPainInput => {
  const random = seededRandom(1);
  const patients = Array.from({ length: 16 }, (_, i) => ({
    patient: `90${String(i + 1).padStart(2, '0')}`,
    painLevel: PAIN_LEVELS[i % 4] as (typeof PAIN_LEVELS)[number],
    sex: i % 3 === 0 ? ('F' as const) : ('M' as const),
    skinType: i % 5 < 2 ? ('IV_VI' as const) : ('I_III' as const),
    sourceDevice: i % 2 === 0 ? 'iOS' : null,
  }));
  const submissions = patients.flatMap(({ patient, painLevel }, i): ScoredSubmission[] =>
    [1, 2, 3].map((day) => {
      const score = () => Math.max(0, 3 * painCode(painLevel, 4) - random.below(2));
      const survey = Object.fromEntries(SURVEY_ITEMS.map((item) => [item, score()]));
      return {
        patient,
        timestamp: `2021010${day}T080000`,
        timeframe: 'REG_AM',
        survey: i === 4 ? null : ({ ...survey, paintime: painLevel !== 'NONE' } as unknown as Survey),
      };
    }),
  );
  return { patients, submissions, folds: makeFolds(patients, 4, 1), classes: 2, seed: 7, trees: 10 };
};

describe('experiment 3', () => {
  it('withholds each patient once, counts an absent survey as zeros and records what it ran', async () => {
    const result = await runRandomForestPain(study());
    expect(result).toMatchObject({
      experiment: 'random-forest-pain',
      classes: 2,
      seed: 7,
      trees: 10,
      features: PAIN_FEATURES,
      submissions: 48,
      surveysAbsent: 3,
    });
    expect(result.folds.map(({ number, trainRows, testRows }) => [number, trainRows, testRows])).toEqual([
      [1, 36, 12],
      [2, 36, 12],
      [3, 36, 12],
      [4, 36, 12],
    ]);
    expect(result.evaluation.patients).toBe(16);
    expect(result.evaluation.overall).toBe(1);
    expect(mean(result.folds.map(({ accuracy }) => accuracy as number))).toBeCloseTo(result.evaluation.overall, 12);
    expect(result.published.accuracies[0]).toEqual({ scope: 'ALL', patients: 16, accuracy: 1, published: 0.65 });
  });

  it('learns nothing from the patients it is tested on', async () => {
    const input = study();
    // One patient's answers say the opposite of their level: had the forest seen them, it would predict them.
    const liar = '9004';
    const submissions = input.submissions.map((row) =>
      row.patient === liar ? { ...row, survey: input.submissions[0]?.survey ?? null } : row,
    );
    const result = await runRandomForestPain({ ...input, submissions });
    expect(result.evaluation.byPatient.find(({ patient }) => patient === liar)?.accuracy).toBe(0);
  });

  it('gives the same result for the same seed, in whatever order rows come, and another for another seed', async () => {
    const random = seededRandom(9);
    const noisy = study();
    const submissions = noisy.submissions.map((row) => ({
      ...row,
      timeframe: TIMEFRAMES[random.below(6)] ?? 'REG_AM',
    }));
    const blurred = submissions.map((row) => {
      const survey = Object.fromEntries(SURVEY_ITEMS.map((item) => [item, random.below(11)]));
      return { ...row, survey: survey as unknown as Survey };
    });
    const input = { ...noisy, submissions: blurred, classes: 4 as const };
    const first = await runRandomForestPain(input);
    expect(await runRandomForestPain({ ...input, submissions: [...blurred].reverse() })).toEqual(first);
    expect((await runRandomForestPain({ ...input, seed: 8 })).evaluation).not.toEqual(first.evaluation);
  });

  it('runs the folds it is asked for, with the result they have in a whole run', async () => {
    const whole = await runRandomForestPain(study());
    const one = await runRandomForestPain({ ...study(), only: [3] });
    expect(one.folds).toEqual([whole.folds[2]]);
    expect(one.evaluation.byPatient.map(({ patient }) => patient)).toEqual(whole.folds[2]?.testPatients);
  });

  it('tells how far it is after every tree', async () => {
    const seen: RunProgress[] = [];
    await runRandomForestPain({ ...study(), trees: 3, onProgress: (progress) => seen.push(progress) });
    expect(seen).toHaveLength(12);
    expect(seen[0]).toEqual({ done: 1, total: 12, fold: 1 });
    expect(seen[11]).toEqual({ done: 12, total: 12, fold: 4 });
    expect(seen.map(({ done }) => done)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it('stops at the next tree when it is cancelled, and gives way so that it can be', async () => {
    const stop = new AbortController();
    let trees = 0;
    let turns = 0;
    const other = setInterval(() => {
      turns++;
      if (turns === 2) stop.abort(new Error('cancelled by its owner'));
    }, 1);
    const run = runRandomForestPain({ ...study(), trees: 65_000, signal: stop.signal, onProgress: () => trees++ });
    await expect(run).rejects.toThrow('cancelled by its owner');
    clearInterval(other);
    expect(trees).toBeLessThan(65_000);
  });

  it('does not begin when it is cancelled already', async () => {
    let trees = 0;
    const run = runRandomForestPain({ ...study(), signal: AbortSignal.abort(), onProgress: () => trees++ });
    await expect(run).rejects.toThrow();
    expect(trees).toBe(0);
  });

  it('leaves a patient out who has no submissions any more', async () => {
    const input = study();
    const submissions = input.submissions.filter(({ patient }) => patient !== '9001');
    const result = await runRandomForestPain({ ...input, submissions });
    expect(result.evaluation.byPatient.map(({ patient }) => patient)).not.toContain('9001');
  });

  const input = study();
  const [first, second, ...others] = input.folds;
  it.each([
    ['folds that share a patient', { folds: [first, { ...second, testPatients: first?.testPatients }, ...others] }],
    ['no folds', { folds: [] }],
    ['a fold that does not exist', { only: [5] }],
    ['an empty choice of folds', { only: [] }],
    ['a patient in no fold', { folds: foldsOf([['9001'], ['9002']]) }],
    ['a patient of whom nothing is known', { patients: input.patients.slice(1) }],
    ['a seed that is no whole number', { seed: 0.5 }],
  ])('is refused for %s', async (_, change) => {
    const changed = { ...input, ...change } as RandomForestPainInput;
    await expect(runRandomForestPain(changed)).rejects.toThrow(RangeError);
  });
});

describe.skipIf(!hasShared)(
  'scikit-learn’s experiment 3 on synthetic patients (skipped where ../shared is absent)',
  () => {
    const load = (name: string): Pick<RandomForestPainInput, 'patients' | 'submissions' | 'folds'> => {
      const table = goldenTable(`${name}.tsv`);
      const facts = new Map(table.map((row) => [row.patient as string, row]));
      const patients = [...facts].map(([patient, row]) => ({
        patient,
        painLevel: row.level as (typeof PAIN_LEVELS)[number],
        sex: row.sex === '1' ? ('F' as const) : ('M' as const),
        skinType: row.skin === '1' ? ('I_III' as const) : ('IV_VI' as const),
        sourceDevice: null,
      }));
      const submissions = table.map((row): ScoredSubmission => {
        const survey = Object.fromEntries(SURVEY_ITEMS.map((item) => [item, Number(row[item])]));
        return {
          patient: row.patient as string,
          timestamp: `20210101T${String(row.submission).padStart(6, '0')}`,
          timeframe: TIMEFRAMES[Number(row.timeframe)] as (typeof TIMEFRAMES)[number],
          survey: { ...survey, paintime: row.paintime === '1' } as unknown as Survey,
        };
      });
      const groups = Array.from({ length: 10 }, (_, i) =>
        [...facts].filter(([, row]) => row.fold === String(i + 1)).map(([patient]) => patient),
      );
      return { patients, submissions, folds: foldsOf(groups) };
    };

    it('reads the same twelve columns', () => {
      expect(PAIN_FEATURES).toEqual(SCORE_COLUMNS);
    });

    // Few seeds by default, 20 with ISS_SLOW_TESTS; the bound is three standard errors of the difference, at least half a point.
    it.each([
      { name: 'iss29', classes: 2 as const, few: 8 },
      { name: 'iss29', classes: 4 as const, few: 8 },
      { name: 'iss112', classes: 2 as const, few: 4 },
      { name: 'iss112', classes: 4 as const, few: 4 },
    ])('agrees with ours on $name at $classes classes, in all, by class and by patient', async ({
      name,
      classes,
      few,
    }) => {
      const input = load(name);
      const seeds = process.env.ISS_SLOW_TESTS !== undefined ? 20 : few;
      const runs = [];
      for (let seed = 0; seed < seeds; seed++) runs.push(await runRandomForestPain({ ...input, classes, seed }));

      const lines = goldenTable(`${name}_summary_1.9.1.tsv`).filter(
        (row) => row.classes === String(classes) && row.fold === 'all',
      );
      expect(lines).toHaveLength(classes + 1);
      const of = `accuracies of ${classes} classes, mean over ${seeds} seeds`;
      const summary = parityWith(`forests/${name}_summary_1.9.1.tsv`, of, 0);
      for (const { scope, patients, mean: theirs, sd } of lines) {
        const own = runs.map(({ evaluation }) => {
          const group = evaluation.byClass.find((one) => one.group === scope);
          expect(scope === 'ALL' ? evaluation.patients : group?.patients).toBe(Number(patients));
          return scope === 'ALL' ? evaluation.overall : (group?.accuracy ?? Number.NaN);
        });
        const bound = Math.max(0.005, 3 * Number(sd) * Math.sqrt(1 / seeds + 1 / 20));
        summary.add(mean(own) - Number(theirs), bound, `${scope}: ours ${mean(own)}, theirs ${theirs}`);
      }
      summary.end();

      const known = goldenTable(`${name}_patients.tsv`).filter((row) => row.classes === String(classes));
      expect(known).toHaveLength(input.patients.length);
      const byPatient = parityWith(`forests/${name}_patients.tsv`, of, 0);
      for (const { patient, mean: theirs, sd } of known) {
        const own = runs.map(
          ({ evaluation }) => evaluation.byPatient.find((one) => one.patient === patient)?.accuracy ?? -1,
        );
        // Wider, for there are many: five standard errors, at least five points.
        const bound = Math.max(0.05, 5 * Number(sd) * Math.sqrt(1 / seeds + 1 / 20));
        byPatient.add(mean(own) - Number(theirs), bound, `${patient}: ours ${mean(own)}, theirs ${theirs}`);
      }
      byPatient.end();
    }, 300_000);
  },
);
