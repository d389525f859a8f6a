import { describe, expect, it } from 'vitest';
import { LANDMARK_VALUES } from '../../../governance/modality.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import { landmarkCollector, runRandomForestLandmarks } from '../../../pipeline/baselines/random-forest-landmarks.ts';
import { foldsOf } from '../../../pipeline/labels/folds.ts';
import { seededRandom } from '../../../pipeline/labels/seeded-random.ts';

const random = seededRandom(11, 0, 0);
const between = (low: number, high: number): number => low + ((high - low) * random.below(1_000_000)) / 1_000_000;

/** Eight patients, half of them in pain, whose brows (points 40 to 80) lie lower then. */
const patients: PatientFacts[] = Array.from({ length: 8 }, (_, index) => ({
  patient: `P${index}`,
  painLevel: index % 2 === 0 ? 'NONE' : 'SEVERE',
  sex: 'F',
  skinType: 'I_III',
  sourceDevice: null,
}));
const frameOf = ({ painLevel }: PatientFacts, told: boolean): Float32Array =>
  Float32Array.from({ length: LANDMARK_VALUES }, (_, i) => {
    const brow = i >= 120 && i < 240 && i % 3 === 1;
    return between(0, 1) + (told && brow && painLevel === 'SEVERE' ? 1.5 : 0);
  });

const rowsOf = (told: boolean) => {
  const collector = landmarkCollector(8 * 12 + 5);
  for (const patient of patients)
    for (let frame = 0; frame < 12; frame++) collector.add(patient.patient, frameOf(patient, told));
  return collector.rows();
};
const folds = foldsOf([
  ['P0', 'P1'],
  ['P2', 'P3'],
  ['P4', 'P5'],
  ['P6', 'P7'],
]);
const run = (told: boolean) =>
  runRandomForestLandmarks({ patients, folds, rows: rowsOf(told), classes: 2, seed: 3, trees: 20 });

describe('landmarks of frames', () => {
  it('are collected column after column, frames without a mesh left out, space for more given back', () => {
    const collector = landmarkCollector(4);
    const first = Float32Array.from({ length: LANDMARK_VALUES }, (_, i) => i);
    expect(collector.add('a', first)).toBe(true);
    expect(
      collector.add(
        'a',
        first.map((value, i) => (i === 700 ? Number.NaN : value)),
      ),
    ).toBe(false);
    expect(
      collector.add(
        'b',
        first.map((value) => -value),
      ),
    ).toBe(true);
    const { patients: codes, matrix } = collector.rows();
    expect(codes).toEqual(['a', 'b']);
    expect([matrix.rows, matrix.columns, matrix.data.length]).toEqual([2, LANDMARK_VALUES, 2 * LANDMARK_VALUES]);
    for (const column of [0, 1, 700, 1403]) {
      expect([...matrix.data.subarray(column * 2, column * 2 + 2)]).toEqual([column, column === 0 ? -0 : -column]);
    }
    expect(() => collector.add('c', new Float32Array(3))).toThrow('A frame has 1404 numbers');
  });

  it('tell pain where it shows, of patients who were withheld', async () => {
    const result = await run(true);
    expect(result.evaluation.overall).toBeGreaterThan(0.9);
    expect([result.experiment, result.frames, result.trees]).toEqual(['random-forest-landmarks', 96, 20]);
    expect(result.folds.map(({ testRows, trainRows }) => [testRows, trainRows])).toEqual(Array(4).fill([24, 72]));
  });

  it('tell nothing where it does not', async () => {
    const { evaluation } = await run(false);
    expect(evaluation.overall).toBeGreaterThan(0.2);
    expect(evaluation.overall).toBeLessThan(0.8);
  });

  it('give nothing away of a patient who is withheld: what tells each of them apart tells them only where they were learnt from', async () => {
    // Each patient's frames carry a sign of their own, and a level that nothing else tells.
    const signed = (code: number): Float32Array =>
      Float32Array.from({ length: LANDMARK_VALUES }, (_, i) => between(0, 1) + (i % 16 === code ? 9 : 0));
    const members: PatientFacts[] = Array.from({ length: 16 }, (_, code) => ({
      ...{ patient: `Q${code}`, painLevel: Math.floor(code / 4) % 2 === code % 2 ? 'NONE' : 'SEVERE' },
      ...{ sex: 'F', skinType: 'I_III', sourceDevice: null },
    }));
    const grown = (owner: (code: number, frame: number) => string, patients: PatientFacts[], groups: string[][]) => {
      const collector = landmarkCollector(16 * 10);
      for (let code = 0; code < 16; code++)
        for (let frame = 0; frame < 10; frame++) collector.add(owner(code, frame), signed(code));
      return runRandomForestLandmarks({
        ...{ patients, folds: foldsOf(groups), rows: collector.rows(), classes: 2, seed: 3, trees: 100 },
      });
    };
    const withheld = await grown(
      (code) => `Q${code}`,
      members,
      [0, 4, 8, 12].map((first) => [0, 1, 2, 3].map((more) => `Q${first + more}`)),
    );
    expect(withheld.evaluation.overall).toBeLessThan(0.75);
    // The same rows, half of each patient's under another name that is not withheld with them: the leak that folds must not have.
    const twins = members.flatMap((one) => [one, { ...one, patient: `${one.patient}twin` }]);
    const leaked = await grown((code, frame) => (frame % 2 === 0 ? `Q${code}` : `Q${code}twin`), twins, [
      members.map(({ patient }) => patient),
      members.map(({ patient }) => `${patient}twin`),
    ]);
    expect(leaked.evaluation.overall).toBeGreaterThan(0.95);
  });

  it('are chance again where levels are dealt to other patients', async () => {
    const dealt = patients.map((one, index) => ({
      ...one,
      painLevel: Math.floor(index / 2) % 2 === 0 ? ('NONE' as const) : ('SEVERE' as const),
    }));
    const { evaluation } = await runRandomForestLandmarks({
      ...{ patients: dealt, folds, rows: rowsOf(true), classes: 2, seed: 3, trees: 20 },
    });
    expect(evaluation.overall).toBeLessThan(0.75);
  });

  it('say of which fold’s training lacks a class that others have', async () => {
    const one = patients.map((each, index) => ({
      ...each,
      painLevel: index < 2 ? ('NONE' as const) : ('LOW' as const),
    }));
    const input = { patients: one, folds, rows: rowsOf(true), classes: 2 as const, seed: 3, trees: 2 };
    expect((await runRandomForestLandmarks(input)).untaught).toEqual([{ fold: 1, classes: [0] }]);
  });
});
