import { BIN_WIDTH, BINS } from './analysis-settings.ts';

/** Bins looked at for peaks: 150 Hz to below 4,000 Hz (librosa's `piptrack`). */
const LOWEST = Math.ceil(150 / BIN_WIDTH);
const HIGHEST = Math.ceil(4000 / BIN_WIDTH) - 1;

/** Gathers spectral peaks frame by frame, then says how far the sound is tuned away from A = 440 Hz (librosa's `estimate_tuning`). */
export interface TuningEstimate {
  /** Takes the peaks of one frame's power spectrum; `loudest` is its maximum. */
  add(power: Float64Array, loudest: number): void;
  /** Fraction of a semitone from -0.5 to 0.49 in steps of 0.01; 0 where no peak was seen. */
  result(): number;
}

/**
 * Peaks are local maxima above a tenth of their frame's maximum, refined by a parabola. `chroma_stft` hands its power spectrogram on,
 * so it is power that decides here. Of the peaks at or above the median height the fullest of 100 bins wins, the first if tied.
 */
export function createTuningEstimate(): TuningEstimate {
  let pitches = new Float64Array(4096);
  let heights = new Float64Array(4096);
  let count = 0;

  return {
    add(power, loudest) {
      if (count + BINS > pitches.length) {
        pitches = grown(pitches);
        heights = grown(heights);
      }
      const threshold = 0.1 * loudest;
      for (let k = LOWEST; k <= HIGHEST; k++) {
        const here = power[k]!;
        if (!(here > threshold)) continue;
        const below = power[k - 1]!;
        const above = power[k + 1]!;
        // A neighbour at or below the threshold counts as 0, which `here` exceeds either way.
        if (!(here > below && here >= above)) continue;
        const curve = above + below - 2 * here;
        const slope = (above - below) / 2;
        const shift = Math.abs(slope) < Math.abs(curve) ? -slope / curve : 0;
        pitches[count] = (k + shift) * BIN_WIDTH;
        heights[count] = here + 0.5 * slope * shift;
        count++;
      }
    },
    result() {
      if (count === 0) return 0;
      const middle = median(heights.slice(0, count));
      const votes = new Int32Array(100);
      for (let i = 0; i < count; i++) if (heights[i]! >= middle) votes[bin(pitches[i]!)]!++;
      return edge(votes.indexOf(votes.reduce((a, b) => Math.max(a, b))));
    },
  };
}

const grown = (old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const larger = new Float64Array(old.length * 2);
  larger.set(old);
  return larger;
};

function median(values: Float64Array): number {
  values.sort();
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

/** Left edge of a bin (numpy's `linspace(-0.5, 0.5, 101)`). */
const edge = (i: number): number => (i === 100 ? 0.5 : i * 0.01 - 0.5);

/** The bin that holds a pitch's distance from its nearest semitone. */
function bin(hz: number): number {
  let rest = 12 * Math.log2(hz / 27.5);
  rest -= Math.floor(rest);
  if (rest >= 0.5) rest -= 1;
  let i = Math.min(99, Math.max(0, Math.floor((rest + 0.5) * 100)));
  // The edges' own rounding decides, not that of the product above.
  while (i > 0 && rest < edge(i)) i--;
  while (i < 99 && rest >= edge(i + 1)) i++;
  return i;
}
