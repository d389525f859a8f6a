import type { BaselineKey } from './baselines.ts';

/** Patients by the range their accuracy falls into (paper, Table 12). */
export interface PublishedAccuracyRanges {
  readonly key: BaselineKey;
  /** Patients in 0-25 %, 25-50 %, 50-75 % and 75-100 %. */
  readonly patients: readonly [number, number, number, number];
  readonly patientsOver50: number;
}

/** One row for each model; that of random-forest-pain counts 28 patients, not 29. */
export const PUBLISHED_ACCURACY_RANGES: readonly PublishedAccuracyRanges[] = [
  { key: 'resnet50-4-static', patients: [13, 7, 3, 6], patientsOver50: 9 },
  { key: 'resnet50-2-static', patients: [6, 9, 1, 13], patientsOver50: 14 },
  { key: 'random-forest-landmarks', patients: [15, 3, 5, 6], patientsOver50: 11 },
  { key: 'random-forest-pain', patients: [7, 2, 4, 15], patientsOver50: 19 },
  { key: 'fusion-1', patients: [11, 3, 4, 11], patientsOver50: 15 },
  { key: 'fusion-2', patients: [8, 3, 3, 15], patientsOver50: 18 },
  { key: 'fusion-3', patients: [7, 1, 6, 15], patientsOver50: 21 },
  { key: 'static-audio', patients: [9, 7, 7, 6], patientsOver50: 13 },
];
