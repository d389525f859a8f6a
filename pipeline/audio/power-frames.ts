import FFT from 'fft.js';
import { BINS, FRAME_LENGTH, frameCount, HOP_LENGTH, type PadMode } from './analysis-settings.ts';

/** Periodic Hann window (scipy's `get_window('hann')`). */
const WINDOW = Float64Array.from(
  { length: FRAME_LENGTH },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME_LENGTH),
);

/** Beyond this ratio of peaks, a pair's rounding errors would show in the quieter frame (1e-16 of the louder one's spectrum). */
const PAIRABLE_RATIO = 1e4;

/**
 * Calls `visit` with the power spectrum (|STFT|^2, 1,025 bins, in double) of every frame in order. The array is used again for later
 * frames, so keep a copy of what you keep.
 *
 * Two frames go through one complex transform, one as its real and one as its imaginary part: 10 us a frame against 16 for fft.js's
 * own real transform on the machine this was written on.
 *
 * @param y mono samples at 22,050 Hz
 * @throws RangeError if there is no sample, or one that is not finite (librosa refuses both too)
 */
export function forEachPowerFrame(
  y: Float32Array,
  padMode: PadMode,
  visit: (power: Float64Array, frame: number) => void,
): void {
  requireSound(y);
  const frames = frameCount(y.length);
  const fft = new FFT(FRAME_LENGTH);
  const input = fft.createComplexArray();
  const output = fft.createComplexArray();
  const padded = new Float32Array(FRAME_LENGTH);
  const even = new Float64Array(BINS);
  const odd = new Float64Array(BINS);

  const load = (frame: number, part: 0 | 1): number => {
    const at = frame * HOP_LENGTH - FRAME_LENGTH / 2;
    if (at >= 0 && at + FRAME_LENGTH <= y.length) return windowed(y, at, input, part);
    for (let i = 0; i < FRAME_LENGTH; i++) padded[i] = sampleBeyond(y, at + i, padMode);
    return windowed(padded, 0, input, part);
  };
  const alone = (frame: number, power: Float64Array): void => {
    if (load(frame, 0) === 0) {
      power.fill(0);
      return;
    }
    for (let i = 1; i < input.length; i += 2) input[i] = 0;
    fft.transform(output, input);
    for (let k = 0; k < BINS; k++) power[k] = output[2 * k]! * output[2 * k]! + output[2 * k + 1]! * output[2 * k + 1]!;
  };

  for (let frame = 0; frame < frames; frame += 2) {
    const last = frame + 1 === frames;
    const loud = last ? 0 : load(frame, 0);
    const louder = last ? 0 : load(frame + 1, 1);
    if (loud * PAIRABLE_RATIO > louder && louder * PAIRABLE_RATIO > loud) {
      fft.transform(output, input);
      separate(output, even, odd);
      visit(even, frame);
      visit(odd, frame + 1);
    } else {
      // Also the way of digital silence: its power is exactly 0, which the features rely on.
      alone(frame, even);
      visit(even, frame);
      if (last) continue;
      alone(frame + 1, odd);
      visit(odd, frame + 1);
    }
  }
}

function requireSound(y: Float32Array): void {
  if (y.length === 0) throw new RangeError('There is no sample to analyse.');
  // A sum is finite only if all its terms are: doubles cannot overflow from float32 terms.
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += y[i]!;
  if (!Number.isFinite(sum))
    throw new RangeError(`Sample ${y.findIndex((v) => !Number.isFinite(v))} is not a finite number.`);
}

/** Puts 2,048 windowed samples into the real (0) or imaginary (1) part of `input`; returns their peak (0 if the window hides all there is). */
function windowed(source: Float32Array, at: number, input: number[], part: 0 | 1): number {
  let peak = 0;
  const window = WINDOW;
  for (let i = 0, o: number = part; i < window.length; i++, o += 2) {
    const sample = source[at + i]! * window[i]!;
    if (sample > peak) peak = sample;
    else if (-sample > peak) peak = -sample;
    input[o] = sample;
  }
  return peak;
}

/** With z = a + jb, A[k] = (Z[k] + conj Z[N - k]) / 2 and B[k] = (Z[k] - conj Z[N - k]) / 2j. */
function separate(z: number[], even: Float64Array, odd: Float64Array): void {
  even[0] = z[0]! * z[0]!;
  odd[0] = z[1]! * z[1]!;
  for (let k = 1, lo = 2, hi = z.length - 2; k < even.length; k++, lo += 2, hi -= 2) {
    const aRe = z[lo]! + z[hi]!;
    const aIm = z[lo + 1]! - z[hi + 1]!;
    const bRe = z[lo + 1]! + z[hi + 1]!;
    const bIm = z[hi]! - z[lo]!;
    even[k] = 0.25 * (aRe * aRe + aIm * aIm);
    odd[k] = 0.25 * (bRe * bRe + bIm * bIm);
  }
}

/** Sample `i` of the endless continuation of `y` (numpy.pad, also where the pad is longer than the sound). */
function sampleBeyond(y: Float32Array, i: number, padMode: PadMode): number {
  if (i >= 0 && i < y.length) return y[i]!;
  if (padMode === 'constant') return 0;
  const period = 2 * (y.length - 1);
  if (period === 0) return y[0]!;
  const within = ((i % period) + period) % period;
  return y[within < y.length ? within : period - within]!;
}
