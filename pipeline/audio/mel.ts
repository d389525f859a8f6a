import { ANALYSIS_RATE, BIN_WIDTH, BINS } from './analysis-settings.ts';

export const MEL_BANDS = 128;
export const MFCC_COUNT = 20;
/** dB below the loudest value of the whole signal at which everything quieter is cut off (top_db). */
export const DYNAMIC_RANGE_DB = 80;

/** Triangular filters as runs of FFT bins: band b weighs bins `first[b]` .. by `weights[start[b]]` .. `weights[start[b + 1] - 1]`. */
export interface MelFilters {
  readonly first: Int32Array;
  readonly start: Int32Array;
  readonly weights: Float64Array;
}

/** 128 bands from 0 to 11,025 Hz, Slaney's scale and area norm, rounded to float32 like librosa's `filters.mel`. */
export function melFilters(): MelFilters {
  const top = hzToMel(ANALYSIS_RATE / 2);
  const edges = Array.from({ length: MEL_BANDS + 2 }, (_, i) => melToHz((top * i) / (MEL_BANDS + 1)));
  const first = new Int32Array(MEL_BANDS);
  const start = new Int32Array(MEL_BANDS + 1);
  const weights: number[] = [];
  for (let band = 0; band < MEL_BANDS; band++) {
    const [low, centre, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    first[band] = Math.floor(low / BIN_WIDTH) + 1;
    for (let k = first[band]!; k < BINS && k * BIN_WIDTH < high; k++) {
      const hz = k * BIN_WIDTH;
      const height = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      // Rounded before and after the norm, as librosa keeps them in float32 throughout.
      weights.push(Math.fround((Math.fround(height) * 2) / (high - low)));
    }
    start[band + 1] = weights.length;
  }
  return { first, start, weights: Float64Array.from(weights) };
}

/** Slaney's scale: linear below 1 kHz (15 mel), logarithmic above with 27 steps for each factor of 6.4. */
const LOG_STEP = Math.log(6.4) / 27;
const hzToMel = (hz: number): number => (hz < 1000 ? (hz * 3) / 200 : 15 + Math.log(hz / 1000) / LOG_STEP);
const melToHz = (mel: number): number => (mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp((mel - 15) * LOG_STEP));

const FILTERS = melFilters();

/** Mel power of one frame: 128 numbers into `mel` from `at`. */
export function melPower(power: Float64Array, mel: Float64Array, at: number): void {
  const { first, start, weights } = FILTERS;
  for (let band = 0, w = 0; band < first.length; band++) {
    let sum = 0;
    const end = start[band + 1]!;
    for (let k = first[band]!; w < end; k++, w++) sum += power[k]! * weights[w]!;
    mel[at + band] = sum;
  }
}

/**
 * Mel power in place to dB against 1.0, nothing below 1e-10, and at least 80 dB below the loudest value of all (librosa's `power_to_db`).
 * Returns that loudest value in dB.
 */
export function toDecibels(mel: Float64Array): number {
  let loudest = 1e-10;
  for (let i = 0; i < mel.length; i++) if (mel[i]! > loudest) loudest = mel[i]!;
  const top = 10 * Math.log10(loudest);
  const floor = top - DYNAMIC_RANGE_DB;
  for (let i = 0; i < mel.length; i++) {
    const db = 10 * Math.log10(Math.max(1e-10, mel[i]!));
    mel[i] = db > floor ? db : floor;
  }
  return top;
}

/** First 20 rows of the orthonormal DCT-II over 128 bands. */
const DCT = Float64Array.from({ length: MFCC_COUNT * MEL_BANDS }, (_, i) => {
  const row = Math.floor(i / MEL_BANDS);
  const scale = Math.sqrt((row === 0 ? 1 : 2) / MEL_BANDS);
  return scale * Math.cos((Math.PI * row * (2 * (i % MEL_BANDS) + 1)) / (2 * MEL_BANDS));
});

/** The 20 cepstral coefficients of 128 band levels in dB. Linear, so the mean of many frames' MFCC is the MFCC of their mean. */
export function mfcc(decibels: Float64Array): Float64Array {
  const out = new Float64Array(MFCC_COUNT);
  for (let row = 0; row < MFCC_COUNT; row++) {
    let sum = 0;
    for (let band = 0; band < MEL_BANDS; band++) sum += DCT[row * MEL_BANDS + band]! * decibels[band]!;
    out[row] = sum;
  }
  return out;
}
