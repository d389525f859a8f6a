import { describe, expect, it } from 'vitest';
import { evaluate, type PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import { patientInterval } from '../../../pipeline/baselines/patient-interval.ts';

const share = (count: number, of: number) => Array.from({ length: of }, (_, i) => (i < count ? 1 : 0));

describe('an interval over patients', () => {
  it('is that of the binomial where patients are either right or wrong', () => {
    // 20 of 29: a mean of means drawn with replacement is Binomial(29, 20/29) / 29, whose 2.5 % and 97.5 % points are 15 and 25.
    const { low, high } = patientInterval(share(20, 29), 7, 0)!;
    expect(low * 29).toBeCloseTo(15, 6);
    expect(high * 29).toBeCloseTo(25, 6);
  });

  it('is the same again from the same seed, and holds the mean', () => {
    const accuracies = [0.2, 0.9, 0.55, 1, 0, 0.31, 0.77];
    expect(patientInterval(accuracies, 3, 1)).toEqual(patientInterval(accuracies, 3, 1));
    expect(patientInterval(accuracies, 3, 1)).not.toEqual(patientInterval(accuracies, 4, 1));
    const { low, high } = patientInterval(accuracies, 3, 1)!;
    const mean = accuracies.reduce((a, b) => a + b) / 7;
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  });

  it('becomes narrower with the root of the number of patients', () => {
    const width = (patients: number) => {
      const { low, high } = patientInterval(share(patients / 2, patients), 1, 0)!;
      return high - low;
    };
    expect(width(40) / width(160)).toBeGreaterThan(1.7);
    expect(width(40) / width(160)).toBeLessThan(2.3);
  });

  it('does not exist of one patient, nor of none, and is no wider than a point where all are equal', () => {
    expect(patientInterval([0.5], 0, 0)).toBeNull();
    expect(patientInterval([], 0, 0)).toBeNull();
    expect(patientInterval([0.5, 0.5, 0.5], 0, 0)).toEqual({ low: 0.5, high: 0.5 });
  });

  it('draws patients, not rows: a thousand rows of each patient make it no narrower', () => {
    const patients = Array.from({ length: 8 }, (_, i): PatientFacts => {
      return { patient: `p${i}`, painLevel: 'NONE', sex: 'M', skinType: 'I_III', sourceDevice: null };
    });
    const predictions = (rows: number) =>
      patients.flatMap(({ patient }, i) => Array.from({ length: rows }, () => ({ patient, predicted: i % 2 })));
    const [few, many] = [evaluate(predictions(1), patients, 2, 5), evaluate(predictions(1000), patients, 2, 5)];
    expect(few.interval).toEqual(many.interval);
    expect(few.interval!.high - few.interval!.low).toBeGreaterThan(0.5);
  });
});
