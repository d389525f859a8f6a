import { kaiserBeta, kaiserReach, kaiserWindow, sinc } from './kaiser.ts';

/** Short filters that read a band-limited signal between its samples, one for each fraction of a sample that occurs. */
export interface FractionalDelays {
  /** Samples needed before and after index `at`. */
  readonly before: number;
  readonly after: number;
  /** Value at `at + phase / phases` of `signal`; needs indexes `at - before` .. `at + after`. */
  read(signal: Float64Array, at: number, phase: number): number;
}

/**
 * @param phases fractions 0 .. phases - 1 of `phases`; with 1 the samples themselves are read
 * @param pass highest frequency of the signal, @param stop its lowest image, both as shares of the sampling rate
 */
export function createFractionalDelays(
  phases: number,
  pass: number,
  stop: number,
  attenuation: number,
): FractionalDelays {
  if (phases === 1) return { before: 0, after: 0, read: (signal, at) => signal[at]! };
  const reach = kaiserReach(attenuation, stop - pass);
  const taps = 2 * reach + 2;
  const cutoff = pass + stop;
  const beta = kaiserBeta(attenuation);
  const table = new Float64Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - reach - phase / phases;
      const weight = sinc(cutoff * distance) * kaiserWindow(distance / (reach + 1), beta);
      table[phase * taps + tap] = weight;
      sum += weight;
    }
    // Every phase passes 0 Hz alike, or a constant would ripple.
    for (let tap = 0; tap < taps; tap++) table[phase * taps + tap]! /= sum;
  }
  return {
    before: reach,
    after: reach + 1,
    read(signal, at, phase) {
      let sum = 0;
      for (let tap = phase * taps, end = tap + taps, i = at - reach; tap < end; tap++, i++)
        sum += table[tap]! * signal[i]!;
      return sum;
    },
  };
}
