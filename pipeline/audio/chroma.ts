import { BIN_WIDTH, BINS, FRAME_LENGTH } from './analysis-settings.ts';

export const CHROMA_BINS = 12;

/** Frames whose maximum is below this stay as they are (the smallest normal double, as in librosa's `normalize`). */
const TINY = 2.2250738585072014e-308;

/**
 * Weights of the 1,025 FFT bins in the 12 pitch classes, bin by bin (bin k's are at 12 k .. 12 k + 11, C first), for a tuning in
 * fractions of a semitone (librosa's `filters.chroma`: Gaussian, two octaves wide around the fifth, columns of unit length).
 */
export function chromaFilters(tuning: number): Float64Array {
  const reference = (440 * 2 ** (tuning / CHROMA_BINS)) / 16;
  const pitch = new Float64Array(FRAME_LENGTH);
  for (let k = 1; k < FRAME_LENGTH; k++) pitch[k] = CHROMA_BINS * Math.log2((k * BIN_WIDTH) / reference);
  // 0 Hz has no pitch; librosa places it an octave and a half below bin 1.
  pitch[0] = pitch[1]! - 1.5 * CHROMA_BINS;
  const filters = new Float64Array(BINS * CHROMA_BINS);
  for (let k = 0; k < BINS; k++) {
    const width = Math.max(pitch[k + 1]! - pitch[k]!, 1);
    const octaveWeight = Math.exp(-0.5 * ((pitch[k]! / CHROMA_BINS - 5) / 2) ** 2);
    const at = k * CHROMA_BINS;
    let energy = 0;
    for (let row = 0; row < CHROMA_BINS; row++) {
      // The pitch counts from A; rows start at C, three semitones up.
      const distance = modulo(pitch[k]! - ((row + 3) % CHROMA_BINS) + 126, CHROMA_BINS) - 6;
      const weight = Math.exp(-0.5 * ((2 * distance) / width) ** 2);
      filters[at + row] = weight;
      energy += weight * weight;
    }
    for (let row = 0; row < CHROMA_BINS; row++) filters[at + row]! *= octaveWeight / Math.sqrt(energy);
  }
  return filters;
}

const modulo = (a: number, n: number): number => ((a % n) + n) % n;

/**
 * The 12 pitch classes of one power spectrum (at `from` in `power`) divided by the strongest, into `chroma` from `at`; all 0 for silence.
 * Written out, as this product is the largest single cost after the transform.
 */
export function chroma(
  filters: Float64Array,
  power: Float64Array,
  from: number,
  chroma: Float64Array,
  at: number,
): void {
  let c0 = 0;
  let c1 = 0;
  let c2 = 0;
  let c3 = 0;
  let c4 = 0;
  let c5 = 0;
  let c6 = 0;
  let c7 = 0;
  let c8 = 0;
  let c9 = 0;
  let c10 = 0;
  let c11 = 0;
  for (let k = from, f = 0; f < filters.length; k++, f += 12) {
    const p = power[k]!;
    c0 += p * filters[f]!;
    c1 += p * filters[f + 1]!;
    c2 += p * filters[f + 2]!;
    c3 += p * filters[f + 3]!;
    c4 += p * filters[f + 4]!;
    c5 += p * filters[f + 5]!;
    c6 += p * filters[f + 6]!;
    c7 += p * filters[f + 7]!;
    c8 += p * filters[f + 8]!;
    c9 += p * filters[f + 9]!;
    c10 += p * filters[f + 10]!;
    c11 += p * filters[f + 11]!;
  }
  const strongest = Math.max(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11);
  const by = strongest < TINY ? 1 : strongest;
  const all = [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11];
  for (let row = 0; row < CHROMA_BINS; row++) chroma[at + row] = all[row]! / by;
}
