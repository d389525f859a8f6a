import { describe, expect, test } from 'vitest';
import { type CoupledModality, couplingParameters } from '../../../pipeline/synthetic/coupling.ts';
import { randomFor } from '../../../pipeline/synthetic/random.ts';
import { syntheticStudy } from '../../../pipeline/synthetic/study.ts';

const study = syntheticStudy({ seed: 11, patients: 800, submissionsPerPatient: 2 });
const modalities: CoupledModality[] = ['face', 'voice', 'survey'];

const correlation = (x: readonly number[], y: readonly number[]): number => {
  const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0);
  const xy = sum((i) => (x[i]! - mx) * (y[i]! - my));
  return xy / Math.sqrt(sum((i) => (x[i]! - mx) ** 2) * sum((i) => (y[i]! - my) ** 2));
};

/** A patient's mean signal of a modality, and the pain target. */
const means = (modality: CoupledModality): number[] =>
  study.patients.map(
    (_, i) => (study.submissions[2 * i]!.signals[modality] + study.submissions[2 * i + 1]!.signals[modality]) / 2,
  );
const targets = study.patients.map(({ painTarget }) => painTarget);

describe('the pain target in synthetic data', () => {
  test.each(modalities)('shows in the %s of patients, but far from perfectly', (modality) => {
    const r = correlation(means(modality), targets);
    expect(r).toBeGreaterThan(0.6);
    // The signal itself; people's own shapes, poses and pitches hide much of it from a model.
    expect(r).toBeLessThan(0.92);
  });

  test('shows in the answers themselves', () => {
    const answered = study.submissions.filter(({ survey }) => survey !== null);
    const target = new Map(study.patients.map(({ code, painTarget }) => [code, painTarget]));
    const r = correlation(
      answered.map(({ survey }) => survey!.activity),
      answered.map(({ patient }) => target.get(patient)!),
    );
    expect(r).toBeGreaterThan(0.45);
    expect(r).toBeLessThan(0.85);
  });

  test.each(modalities)('is gone from the %s once the targets are shuffled between patients', (modality) => {
    const r = correlation(means(modality), randomFor(1, 'permutation').shuffle(targets));
    expect(Math.abs(r)).toBeLessThan(0.1);
  });

  test.each(modalities)('has noise in the %s that stays with a patient: recordings of one are alike', (modality) => {
    const [first, second] = [0, 1].map((k) =>
      study.patients.map((_, i) => study.submissions[2 * i + k]!.signals[modality]),
    );
    // Beyond what the target alone makes alike.
    const r = correlation(means(modality), targets);
    expect(correlation(first!, second!)).toBeGreaterThan(r ** 2 + 0.1);
  });

  test('is stated as data, with a sentence for each parameter', () => {
    for (const { value, meaning } of Object.values(couplingParameters)) {
      expect(Number.isFinite(value)).toBe(true);
      expect(meaning).toMatch(/^[A-Z].+\.$/);
    }
  });
});
