import { seededRandom } from '../labels/seeded-random.ts';

/** Where a mean over patients would lie had others of the same kind been enrolled; shares from 0 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How intervals are made, for the record beside a result. */
export const INTERVALS = {
  method: 'percentile bootstrap over patients',
  level: 0.95,
  resamples: 2000,
} as const;

/**
 * Interval of the mean of patients' accuracies: as many patients are drawn with replacement, again and again, and the
 * middle 95 % of the means kept (Efron's percentile bootstrap). Patients are drawn and not rows, since the rows of one
 * patient resemble each other. Too narrow for a handful of patients, so that small groups are flagged beside it.
 * @param place of the group among those of a result, so that each has a stream of its own
 * @returns null for fewer than two patients
 * @throws RangeError if the seed is out of range
 */
export function patientInterval(accuracies: readonly number[], seed: number, place: number): Interval | null {
  const count = accuracies.length;
  if (count < 2) return null;
  const random = seededRandom(seed, BOOTSTRAP, place);
  const means = new Float64Array(INTERVALS.resamples);
  for (let sample = 0; sample < means.length; sample++) {
    let sum = 0;
    for (let drawn = 0; drawn < count; drawn++) sum += accuracies[random.below(count)] as number;
    means[sample] = sum / count;
  }
  means.sort();
  const tail = (1 - INTERVALS.level) / 2;
  return { low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Stream of the seed that no fold, tree or order of a run uses. */
const BOOTSTRAP = 0xb0075;

/** Linear between the two nearest of sorted values (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}
