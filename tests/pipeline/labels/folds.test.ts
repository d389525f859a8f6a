import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoldPatient, foldsOf, makeFolds, provenDisjoint } from '../../../pipeline/labels/folds.ts';
import { PAIN_LEVELS } from '../../../pipeline/labels/pain.ts';

const study = (counts: readonly number[]): FoldPatient[] =>
  PAIN_LEVELS.flatMap((painLevel, i) =>
    Array.from({ length: counts[i] ?? 0 }, (_, j) => ({ patient: `${i}${String(j).padStart(3, '0')}`, painLevel })),
  );

const studies = fc.tuple(...PAIN_LEVELS.map(() => fc.nat(15))).filter((counts) => counts.reduce((a, b) => a + b) >= 2);

describe('folds made for a study', () => {
  it('withhold every patient once, never beside themselves, evenly in all and at each level', () => {
    fc.assert(
      fc.property(studies, fc.integer({ min: 2, max: 12 }), fc.nat(), (counts, wanted, seed) => {
        const patients = study(counts);
        const folds = makeFolds(patients, Math.min(wanted, patients.length), seed);
        expect(provenDisjoint(folds)).toEqual({ disjoint: true });
        expect(folds.map(({ number }) => number)).toEqual(folds.map((_, i) => i + 1));
        expect(folds.flatMap(({ testPatients }) => testPatients).sort()).toEqual(patients.map((p) => p.patient).sort());
        const spread = (sizes: number[]) => Math.max(...sizes) - Math.min(...sizes);
        expect(spread(folds.map(({ testPatients }) => testPatients.length))).toBeLessThanOrEqual(1);
        for (const level of ['0', '1', '2', '3']) {
          const sizes = folds.map(({ testPatients }) => testPatients.filter((code) => code.startsWith(level)).length);
          expect(spread(sizes)).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('follow from patients and seed alone, not from the order in which patients come', () => {
    const patients = study([13, 4, 4, 8]);
    expect(makeFolds([...patients].reverse(), 10, 7)).toEqual(makeFolds(patients, 10, 7));
    expect(makeFolds(patients, 10, 8)).not.toEqual(makeFolds(patients, 10, 7));
  });

  it('are these, for this seed, on every machine', () => {
    expect(makeFolds(study([3, 1, 1, 2]), 3, 1).map(({ testPatients }) => testPatients)).toMatchInlineSnapshot(`
      [
        [
          "0001",
          "1000",
          "3000",
        ],
        [
          "0002",
          "2000",
        ],
        [
          "0000",
          "3001",
        ],
      ]
    `);
  });

  it.each([
    ['one fold', 1],
    ['more folds than patients', 8],
    ['half a fold', 2.5],
  ])('are refused for %s', (_, count) => {
    expect(() => makeFolds(study([3, 1, 1, 2]), count, 1)).toThrow(RangeError);
  });

  it('are refused for a patient listed twice', () => {
    const patients = study([3, 1, 1, 2]);
    expect(() => makeFolds([...patients, patients[0] as FoldPatient], 3, 1)).toThrow(/twice/);
  });
});

describe('the proof of disjointness', () => {
  const folds = foldsOf([['a', 'b'], ['c'], ['d']]);

  it('holds for folds that withhold each patient once', () => {
    expect(folds[1]).toEqual({ number: 2, testPatients: ['c'], trainPatients: ['a', 'b', 'd'] });
    expect(provenDisjoint(folds)).toEqual({ disjoint: true });
  });

  it('names a patient who is in training and test of a fold', () => {
    const leaky = folds.map((fold) => (fold.number === 2 ? { ...fold, trainPatients: ['a', 'b', 'c', 'd'] } : fold));
    expect(provenDisjoint(leaky)).toMatchObject({ disjoint: false, faults: { shared: [{ fold: 2, patient: 'c' }] } });
  });

  it('names a patient withheld twice, one withheld never, and one left out of a fold', () => {
    const twice = folds.map((fold) =>
      fold.number === 3 ? { ...fold, testPatients: ['a'], trainPatients: ['b', 'c'] } : fold,
    );
    expect(provenDisjoint(twice)).toEqual({
      disjoint: false,
      faults: { shared: [], repeated: ['a'], neverWithheld: ['d'], leftOut: [{ fold: 3, patient: 'd' }] },
    });
  });

  it('is not given for no folds at all', () => {
    expect(() => provenDisjoint([])).toThrow(RangeError);
  });
});
