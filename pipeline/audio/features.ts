import { analyseAudio } from './analyse-audio.ts';
import type { AnalysisOptions } from './analysis-settings.ts';
import { MFCC_COUNT } from './mel.ts';

/** The 25 features in the order of Figure 8 of the paper; each is a mean over frames. */
export const AUDIO_FEATURE_NAMES: readonly string[] = [
  'chroma',
  'spectral_centroid',
  'spectral_bandwidth',
  'spectral_rolloff',
  'zero_crossing_rate',
  ...Array.from({ length: MFCC_COUNT }, (_, i) => `mfcc_${i + 1}`),
];

export interface AudioFeatures {
  /** 25 numbers in the order of `AUDIO_FEATURE_NAMES`: chroma 0-1, centroid, bandwidth and roll-off in Hz, crossings per sample, MFCC in dB. */
  readonly vector: Float64Array;
  /** Fraction of a semitone, -0.5 to 0.49, that the chroma filters were tuned by. */
  readonly tuning: number;
  readonly frames: number;
}

/**
 * The 25 audio features of a sound, calculated in double. `analyseAudio` gives the spectrogram in the same pass.
 * @param y mono samples at 22,050 Hz, int16 / 32768
 * @throws RangeError if there is no sample or one that is not finite
 */
export function audioFeatures(y: Float32Array, options: AnalysisOptions = {}): AudioFeatures {
  const { vector, tuning, frames } = analyseAudio(y, options);
  return { vector, tuning, frames };
}
