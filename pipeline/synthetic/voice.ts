import type { Sex } from '../labels/demographics.ts';
import { couplingParameters } from './coupling.ts';
import { clamp, mix, type Random } from './random.ts';

/** What stays the same in a synthetic person's voice. */
export type VoiceShape = {
  /** Median pitch in Hz. */
  readonly pitch: number;
  /** Length of the vocal tract relative to an average man's: formants are divided by it. */
  readonly tract: number;
  /** Semitones that the pitch moves up and down in lively speech. */
  readonly melody: number;
  /** Syllables per second. */
  readonly rate: number;
  /** Breath noise relative to the voiced sound. */
  readonly breath: number;
  /** Relative change of one glottal period against the next. */
  readonly jitter: number;
};

export function drawVoiceShape(sex: Sex, random: Random): VoiceShape {
  const male = sex === 'M';
  return {
    pitch: (male ? 115 : 195) * 2 ** (clamp(random.normal(0, 2.2), -5, 5) / 12),
    tract: (male ? 1 : 0.86) * random.uniform(0.96, 1.04),
    melody: random.uniform(2.2, 4.2),
    rate: random.uniform(3.6, 5.2),
    breath: random.uniform(0.02, 0.07),
    jitter: random.uniform(0.004, 0.014),
  };
}

/** Sound of one recording, and how far the mouth is open along it. */
export type Speech = {
  readonly sampleRate: number;
  /** One channel. */
  readonly pcm: Int16Array;
  /** Mouth opening, 0 to 1, 100 values a second. */
  readonly opening: Float32Array;
};

/** First three formants in Hz of a man's vowels (rounded from G. E. Peterson and H. L. Barney, JASA 24, 1952), and how open the mouth is. */
const vowels: readonly { readonly formants: readonly [number, number, number]; readonly open: number }[] = [
  { formants: [270, 2290, 3010], open: 0.3 },
  { formants: [390, 1990, 2550], open: 0.45 },
  { formants: [530, 1840, 2480], open: 0.65 },
  { formants: [660, 1720, 2410], open: 0.9 },
  { formants: [730, 1090, 2440], open: 1 },
  { formants: [570, 840, 2410], open: 0.75 },
  { formants: [300, 870, 2240], open: 0.35 },
  { formants: [640, 1190, 2390], open: 0.7 },
  { formants: [490, 1350, 1690], open: 0.5 },
];
const bandwidths = [70, 100, 140, 220] as const;

type Syllable = { from: number; to: number; vowel: number; loudness: number; burst: number; pitch: number };

/** Syllables with pauses between phrases; `signal` (0 to 1) lengthens the pauses and flattens the melody. */
function phrases(shape: VoiceShape, seconds: number, signal: number, random: Random): Syllable[] {
  const pauses = 0.1 + couplingParameters.pauseShare.value * signal;
  const melody = shape.melody * (1 - couplingParameters.pitchFlattening.value * signal);
  const result: Syllable[] = [];
  let at = random.uniform(0.05, 0.2);
  while (at < seconds - 0.12) {
    const count = random.integer(2, 5);
    const start = at;
    for (let i = 0; i < count && at < seconds - 0.1; i++) {
      const length = (random.uniform(0.75, 1.35) * (1 - pauses * 0.4)) / shape.rate;
      // A phrase falls by about a third of its range, with single syllables raised.
      const pitch = melody * (0.5 - i / count + random.normal(0, 0.35));
      result.push({
        from: at,
        to: Math.min(at + length, seconds - 0.03),
        vowel: random.integer(0, vowels.length - 1),
        loudness: random.uniform(0.6, 1),
        burst: random.chance(0.55) ? random.uniform(0.04, 0.16) : 0,
        pitch,
      });
      at += length;
    }
    at += (at - start) * (pauses / (1 - pauses)) * random.uniform(0.6, 1.4);
  }
  return result;
}

/** Two-pole resonators in a row, one per formant, with unit gain at 0 Hz (D. H. Klatt, JASA 67, 1980). */
function resonators(sampleRate: number) {
  const count = bandwidths.length;
  const a = new Float64Array(count);
  const b = new Float64Array(count);
  const c = new Float64Array(count);
  const y1 = new Float64Array(count);
  const y2 = new Float64Array(count);
  return {
    tune(formants: readonly number[]): void {
      for (let k = 0; k < count; k++) {
        const r = Math.exp((-Math.PI * bandwidths[k]!) / sampleRate);
        b[k] = 2 * r * Math.cos((2 * Math.PI * formants[k]!) / sampleRate);
        c[k] = -r * r;
        a[k] = 1 - b[k]! - c[k]!;
      }
    },
    step(input: number): number {
      let x = input;
      for (let k = 0; k < count; k++) {
        const y = a[k]! * x + b[k]! * y1[k]! + c[k]! * y2[k]!;
        y2[k] = y1[k]!;
        y1[k] = y;
        x = y;
      }
      return x;
    },
  };
}

/**
 * Voice-like sound: glottal pulses with jitter and vibrato through formant filters, syllables with onsets, breath and pauses. No word
 * is said. `signal` is the voice signal of the submission (0 to 1, coupling.ts), `loudness` the peak relative to full scale.
 * Throws RangeError for a length or rate that is not positive.
 */
export function speak(
  shape: VoiceShape,
  { seconds, sampleRate, signal, loudness }: { seconds: number; sampleRate: number; signal: number; loudness: number },
  random: Random,
): Speech {
  if (!(seconds > 0 && sampleRate > 0)) throw new RangeError(`${seconds} s at ${sampleRate} Hz`);
  const syllables = phrases(shape, seconds, signal, random);
  const total = Math.round(seconds * sampleRate);
  const block = Math.round(sampleRate / 100);
  const raw = new Float32Array(total);
  const opening = new Float32Array(Math.ceil(seconds * 100) + 1);
  const filter = resonators(sampleRate);
  const breath = shape.breath + couplingParameters.breathiness.value * signal;
  const vibrato = random.uniform(4.5, 6);
  const formants = [500, 1500, 2500, 3500 / shape.tract];
  let voicing = 0;
  let burst = 0;
  let pitch = shape.pitch;
  let phase = 0;
  let wobble = 1;
  let index = 0;
  let peak = 1e-9;
  let lastNoise = 0;
  for (let i = 0; i < total; i++) {
    if (i % block === 0) {
      const t = i / sampleRate;
      while (index < syllables.length - 1 && t >= syllables[index]!.to) index++;
      const syllable = syllables[index];
      const within = syllable !== undefined && t >= syllable.from && t < syllable.to;
      let level = 0;
      burst = 0;
      if (syllable !== undefined && within) {
        const share = (t - syllable.from) / (syllable.to - syllable.from);
        level = syllable.loudness * Math.sin(Math.PI * clamp(share, 0.02, 0.98)) ** 0.6;
        burst = share < 0.22 ? syllable.burst : 0;
        const target = vowels[syllable.vowel]!;
        for (let k = 0; k < 3; k++) formants[k] = mix(formants[k]!, target.formants[k]! / shape.tract, 0.35);
        const aim = shape.pitch * 2 ** ((syllable.pitch + 0.25 * Math.sin(2 * Math.PI * vibrato * t)) / 12);
        pitch = mix(pitch, aim, 0.3);
        opening[Math.round(t * 100)] = level * target.open;
      }
      voicing = mix(voicing, level, 0.6);
      filter.tune(formants);
    }
    phase += (pitch * wobble) / sampleRate;
    if (phase >= 1) {
      phase -= 1;
      wobble = 1 + shape.jitter * (2 * random.next() - 1) * 1.7;
    }
    // Slope of A. E. Rosenberg's pulse (JASA 49, 1971): opens over 0.4 of the period, closes over 0.16, then rests shut.
    const glottis =
      phase < 0.4
        ? 0.25 * Math.sin((Math.PI * phase) / 0.4)
        : phase < 0.56
          ? -Math.sin(((Math.PI / 2) * (phase - 0.4)) / 0.16)
          : 0;
    const noise = 2 * random.next() - 1;
    const hiss = noise - lastNoise;
    lastNoise = noise;
    const sound = filter.step(voicing * (glottis + breath * noise * (phase < 0.56 ? 1 : 0.4))) + burst * hiss * 0.05;
    raw[i] = sound + 0.0007 * noise; // the room is never quite silent
    if (Math.abs(sound) > peak) peak = Math.abs(sound);
  }
  const gain = (32767 * loudness) / peak;
  const pcm = new Int16Array(total);
  for (let i = 0; i < total; i++) pcm[i] = Math.round(clamp(raw[i]! * gain, -32767, 32767));
  smooth(opening);
  return { sampleRate, pcm, opening };
}

/** A mouth follows the sound within about 30 ms. */
function smooth(values: Float32Array): void {
  let last = 0;
  for (let i = 0; i < values.length; i++) last = values[i] = mix(last, values[i]!, 0.4);
}
