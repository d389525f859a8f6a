/** librosa's defaults, which the paper used (section 4.3, appendix F): every feature and spectrogram is made with these. */

/** Hz; sound is brought to this rate, mono, before anything else. */
export const ANALYSIS_RATE = 22_050;
/** Samples in a frame (n_fft). */
export const FRAME_LENGTH = 2048;
/** Samples between the centres of neighbouring frames (hop_length). */
export const HOP_LENGTH = 512;
/** Distinct frequencies of a frame: bin k lies at k * ANALYSIS_RATE / FRAME_LENGTH Hz. */
export const BINS = FRAME_LENGTH / 2 + 1;
/** Hz from bin to bin. */
export const BIN_WIDTH = ANALYSIS_RATE / FRAME_LENGTH;

/** What the sound is continued with beyond its ends: `constant` = zeros (librosa from 0.10 on), `reflect` = mirrored (before that, so the paper's time). */
export type PadMode = 'constant' | 'reflect';

export interface AnalysisOptions {
  /** `constant` when absent. */
  readonly padMode?: PadMode;
  /** Fraction of a semitone to tune the chroma filters by, instead of the estimate from the sound. */
  readonly tuning?: number;
}

/** Frames that `samples` samples give: frame f is centred on sample 512 f. */
export const frameCount = (samples: number): number => 1 + Math.floor(samples / HOP_LENGTH);
