import { ANALYSIS_RATE } from './analysis-settings.ts';
import { createBandLimiter } from './band-limiter.ts';
import { createFractionalDelays } from './fractional-delays.ts';

/** dB by which images and aliases are down, and the share of the lower Nyquist frequency that passes unchanged: those of soxr's HQ (20 bits). */
const ATTENUATION = 120;
const PASSBAND = 0.913;
/**
 * Rounding errors of the transform (about 1e-16) would otherwise fill digital silence beside sound, and the features of a frame do not
 * depend on how loud it is. 200 dB down; also what counts as 0 in the zero crossings.
 */
const NOISE = 1e-10;

/** Brings PCM to 22,050 Hz mono as it arrives, in memory that does not depend on the length of the sound. */
export interface Resampler {
  /** Takes whole sample frames (a sample of every channel, interleaved) and gives what can be said of the result so far. */
  push(pcm: Int16Array): Float32Array;
  /** The rest. Nothing can be pushed afterwards. */
  flush(): Float32Array;
}

/**
 * The mean of the channels at 22,050 Hz; sample = int16 / 32768; ceil(length * 22050 / rate) samples, like `librosa.load`.
 * @param pcm interleaved 16-bit samples
 * @throws RangeError if channels or rate are no positive integer, or the length is no multiple of the channels
 */
export function toMono22050(pcm: Int16Array, channels: number, sampleRate: number): Float32Array {
  const resampler = createResampler(channels, sampleRate);
  return joined([resampler.push(pcm), resampler.flush()]);
}

/**
 * The same as a stream: whatever the pushes, the samples are bit for bit those of `toMono22050`.
 *
 * Two steps. A steep linear-phase lowpass at the lower of the two Nyquist frequencies (Kaiser window, 120 dB) runs by FFT at the rate of
 * the input, or twice that where the output is nearly as fast. What it leaves is oversampled, so a filter of some 15 taps for each phase
 * suffices to read it at any other rate. A single polyphase filter of this quality would need 380 taps a sample, ten times the work.
 */
export function createResampler(channels: number, sampleRate: number): Resampler {
  requirePositive('channels', channels);
  requirePositive('sample rate', sampleRate);
  return sampleRate === ANALYSIS_RATE ? downmix(channels) : rateConverter(channels, sampleRate);
}

function downmix(channels: number): Resampler {
  const open = gate(channels);
  return {
    push(pcm) {
      const samples = open.take(pcm);
      return Float32Array.from({ length: samples }, (_, i) => meanOfChannels(pcm, i, channels));
    },
    flush() {
      open.close();
      return new Float32Array(0);
    },
  };
}

function rateConverter(channels: number, sampleRate: number): Resampler {
  const open = gate(channels);
  const stuffing = sampleRate >= 2 * ANALYSIS_RATE ? 1 : 2;
  const rate = sampleRate * stuffing;
  const divisor = gcd(rate, ANALYSIS_RATE);
  const phases = ANALYSIS_RATE / divisor;
  const advance = rate / divisor;
  const wholeStep = Math.floor(advance / phases);
  const partStep = advance % phases;
  const nyquist = Math.min(sampleRate, ANALYSIS_RATE) / 2;
  const pass = PASSBAND * nyquist;
  const limiter = createBandLimiter({ rate, pass, stop: nyquist, attenuation: ATTENUATION, gain: stuffing });
  const delays = createFractionalDelays(phases, pass / rate, (rate - nyquist) / rate, ATTENUATION);

  // `waiting` holds samples for the lowpass (one to spare, as stuffing adds two at a time), `smooth` what came out of it and is
  // still needed: `smooth[0]` is sample `smoothFrom` of the smooth signal. Silence goes before the first sample.
  const waiting = new Float64Array(limiter.span + 1);
  let waitingCount = limiter.reach + delays.before;
  const smooth = new Float64Array(limiter.hop + delays.before + delays.after);
  let smoothFrom = -delays.before;
  let smoothCount = 0;
  let taken = 0;
  let given = 0;
  // Place of the next output in the smooth signal: `at` + `phase` / `phases`.
  let at = 0;
  let phase = 0;

  /** Filters one full `waiting`, writes what can be read from it at `out[count]` and on, and returns the new count. */
  const runBlock = (out: Float32Array, count: number): number => {
    limiter.run(waiting, smooth.subarray(smoothCount));
    waiting.copyWithin(0, limiter.hop);
    waitingCount -= limiter.hop;
    smoothCount += limiter.hop;
    const end = smoothFrom + smoothCount - delays.after;
    let next = count;
    while (at < end && next < out.length) {
      const value = delays.read(smooth, at - smoothFrom, phase);
      out[next++] = Math.abs(value) < NOISE ? 0 : value;
      at += wholeStep;
      phase += partStep;
      if (phase >= phases) {
        phase -= phases;
        at++;
      }
    }
    const done = Math.min(smoothCount, at - delays.before - smoothFrom);
    smooth.copyWithin(0, done, smoothCount);
    smoothFrom += done;
    smoothCount -= done;
    given += next - count;
    return next;
  };
  const mostPerBlock = Math.ceil((limiter.hop * phases) / advance) + 1;

  return {
    push(pcm) {
      const samples = open.take(pcm);
      taken += samples;
      const out = new Float32Array(mostPerBlock * Math.floor((waitingCount + samples * stuffing) / limiter.hop));
      let count = 0;
      for (let i = 0; i < samples; i++) {
        waiting[waitingCount] = meanOfChannels(pcm, i, channels);
        if (stuffing === 2) waiting[waitingCount + 1] = 0;
        waitingCount += stuffing;
        if (waitingCount >= limiter.span) count = runBlock(out, count);
      }
      return out.slice(0, count);
    },
    flush() {
      open.close();
      // What is still due can be less than a block gives, never more than was put in: blocks of silence push it out.
      const out = new Float32Array(Math.max(0, Math.ceil((taken * ANALYSIS_RATE) / sampleRate) - given));
      for (let count = 0; count < out.length; ) {
        waiting.fill(0, waitingCount);
        waitingCount = limiter.span;
        count = runBlock(out, count);
      }
      return out;
    },
  };
}

function gate(channels: number): { take(pcm: Int16Array): number; close(): void } {
  let open = true;
  const requireOpen = (): void => {
    if (!open) throw new Error('This resampler has been flushed; make another for another sound.');
  };
  return {
    take(pcm) {
      requireOpen();
      if (pcm.length % channels !== 0)
        throw new RangeError(`${pcm.length} samples are not whole frames of ${channels} channels.`);
      return pcm.length / channels;
    },
    close() {
      requireOpen();
      open = false;
    },
  };
}

function meanOfChannels(pcm: Int16Array, i: number, channels: number): number {
  if (channels === 1) return pcm[i]! / 32768;
  if (channels === 2) return (pcm[2 * i]! + pcm[2 * i + 1]!) / 65536;
  let sum = 0;
  for (let c = i * channels, end = c + channels; c < end; c++) sum += pcm[c]!;
  return sum / channels / 32768;
}

function requirePositive(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`The ${what} must be a positive whole number, not ${value}.`);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
