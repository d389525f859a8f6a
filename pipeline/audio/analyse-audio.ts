import { type AnalysisOptions, BINS, frameCount } from './analysis-settings.ts';
import { CHROMA_BINS, chroma, chromaFilters } from './chroma.ts';
import { MEL_BANDS, melPower, mfcc } from './mel.ts';
import { forEachPowerFrame } from './power-frames.ts';
import { type SpectralShape, spectralShape } from './spectral-shape.ts';
import { type MelSpectrogram, melInDecibels } from './spectrogram.ts';
import { createTuningEstimate } from './tuning.ts';
import { zeroCrossingRates } from './zero-crossings.ts';

/** Values per frame, whose means are the first five features. */
export interface FrameSeries {
  /** 12 x frames, frame by frame, C first. */
  readonly chroma: Float64Array;
  /** Hz. */
  readonly centroid: Float64Array;
  readonly bandwidth: Float64Array;
  readonly rolloff: Float64Array;
  /** Share of 2,048 samples. */
  readonly zeroCrossingRate: Float64Array;
  /** 128 x frames, frame by frame: mel levels in dB against 1.0 with the 80 dB floor, what the MFCC are made of. */
  readonly decibels: Float64Array;
}

export interface AudioAnalysis {
  /** The 25 features in the order of `AUDIO_FEATURE_NAMES`. */
  readonly vector: Float64Array;
  /** Fraction of a semitone that the chroma filters were tuned by. */
  readonly tuning: number;
  readonly frames: number;
  readonly spectrogram: MelSpectrogram;
  readonly series: FrameSeries;
}

/** Power spectra are kept for the chroma, which need the whole signal's tuning first, up to 48 MB (70 s); beyond that they are made again. */
const KEPT_FRAMES = 6000;

/**
 * Everything that is calculated from sound, in one pass: the 25 features (in double) and the mel spectrogram.
 * Silence gives 0 everywhere but for MFCC 1 (-1131.37); a sound shorter than a frame is padded.
 *
 * @param y mono samples at 22,050 Hz, int16 / 32768
 * @throws RangeError if there is no sample or one that is not finite
 */
export function analyseAudio(
  y: Float32Array,
  { padMode = 'constant', tuning: given }: AnalysisOptions = {},
): AudioAnalysis {
  const frames = frameCount(y.length);
  const centroid = new Float64Array(frames);
  const bandwidth = new Float64Array(frames);
  const rolloff = new Float64Array(frames);
  const mel = new Float64Array(MEL_BANDS * frames);
  const kept = frames <= KEPT_FRAMES ? new Float64Array(BINS * frames) : undefined;
  const magnitude = new Float64Array(BINS);
  const shape: SpectralShape = { centroid: 0, bandwidth: 0, rolloff: 0 };
  const tuningEstimate = createTuningEstimate();

  forEachPowerFrame(y, padMode, (power, frame) => {
    kept?.set(power, frame * BINS);
    tuningEstimate.add(power, magnitudes(power, magnitude));
    melPower(power, mel, frame * MEL_BANDS);
    spectralShape(magnitude, shape);
    centroid[frame] = shape.centroid;
    bandwidth[frame] = shape.bandwidth;
    rolloff[frame] = shape.rolloff;
  });

  const tuning = given ?? tuningEstimate.result();
  const filters = chromaFilters(tuning);
  const classes = new Float64Array(CHROMA_BINS * frames);
  if (kept) for (let f = 0; f < frames; f++) chroma(filters, kept, f * BINS, classes, f * CHROMA_BINS);
  else forEachPowerFrame(y, padMode, (power, f) => chroma(filters, power, 0, classes, f * CHROMA_BINS));

  const zeroCrossingRate = zeroCrossingRates(y);
  const { spectrogram, absolute: decibels } = melInDecibels(mel);
  const vector = Float64Array.of(
    mean(classes),
    mean(centroid),
    mean(bandwidth),
    mean(rolloff),
    mean(zeroCrossingRate),
    ...mfcc(meanColumn(decibels, frames)),
  );
  const series = { chroma: classes, centroid, bandwidth, rolloff, zeroCrossingRate, decibels };
  return { vector, tuning, frames, spectrogram, series };
}

/** Square roots of `power` into `magnitude`; returns the largest power. */
function magnitudes(power: Float64Array, magnitude: Float64Array): number {
  let loudest = 0;
  for (let k = 0; k < magnitude.length; k++) {
    const p = power[k]!;
    if (p > loudest) loudest = p;
    magnitude[k] = Math.sqrt(p);
  }
  return loudest;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function meanColumn(columns: Float64Array, count: number): Float64Array {
  const out = new Float64Array(MEL_BANDS);
  for (let i = 0; i < columns.length; ) for (let band = 0; band < MEL_BANDS; band++, i++) out[band]! += columns[i]!;
  for (let band = 0; band < MEL_BANDS; band++) out[band]! /= count;
  return out;
}
