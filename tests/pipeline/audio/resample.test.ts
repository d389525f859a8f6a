import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResampler, toMono22050 } from '../../../pipeline/audio/resample.ts';
import { furthest } from './golden.ts';
import { asFloat, noise, tone } from './sounds.ts';

const RATES = [8000, 11_025, 16_000, 24_000, 32_000, 44_056, 44_100, 48_000, 96_000];

/** Amplitude of one frequency in the middle second of a sound at 22,050 Hz, by a windowed Fourier sum: noise of rounding averages out. */
function amplitudeAt(hz: number, y: Float32Array): number {
  const from = Math.floor((y.length - 22_050) / 2);
  let re = 0;
  let im = 0;
  for (let i = 0; i < 22_050; i++) {
    const window = 1 - Math.cos((2 * Math.PI * i) / 22_050);
    re += y[from + i]! * window * Math.cos((2 * Math.PI * hz * i) / 22_050);
    im += y[from + i]! * window * Math.sin((2 * Math.PI * hz * i) / 22_050);
  }
  return (2 * Math.hypot(re, im)) / 22_050;
}

describe('resampling to 22,050 Hz', () => {
  it.each(RATES)('from %i Hz keeps a tone in place and level up to 0.9 of the lower Nyquist frequency', (rate) => {
    for (const share of [0.05, 0.4, 0.9]) {
      // A prime's distance from a round number: rounding to 16 bits must not repeat itself soon.
      const hz = Math.round((share * Math.min(rate, 22_050)) / 2) - 7;
      const y = toMono22050(tone(hz, 1.5, rate), 1, rate);
      const want = asFloat(tone(hz, 1.5));
      // Both are rounded to 16 bits: one step each, and a little for the filter.
      expect(furthest(y.subarray(2000, 30_000), want.subarray(2000, 30_000))).toBeLessThan(3 / 32768);
      expect(amplitudeAt(hz, y)).toBeCloseTo((0.5 * 32767) / 32768, 5);
    }
  });

  it.each([
    24_000, 32_000, 44_100, 48_000, 96_000,
  ])('from %i Hz leaves no alias of what lies above 11,025 Hz', (rate) => {
    for (const hz of [11_100, 11_900, 15_000, 21_000].filter((f) => f < rate / 2)) {
      const y = toMono22050(tone(hz, 1.5, rate), 1, rate);
      // -110 dB; measured at the alias, where the 16-bit noise of the input averages out.
      expect(amplitudeAt(22_050 - hz, y) / 0.5).toBeLessThan(3.2e-6);
    }
  });

  it.each([8000, 11_025, 16_000])('from %i Hz leaves no image above the old Nyquist frequency', (rate) => {
    const y = toMono22050(tone(0.4 * rate, 1.5, rate), 1, rate);
    if (0.6 * rate < 11_025) expect(amplitudeAt(0.6 * rate, y) / 0.5).toBeLessThan(3.2e-6);
  });

  it('keeps a constant constant', () => {
    const y = toMono22050(new Int16Array(48_000).fill(16_384), 1, 48_000);
    for (let i = 2000; i < 20_000; i++) expect(Math.abs(y[i]! - 0.5)).toBeLessThan(2e-6);
  });

  it('gives ceil(samples x 22050 / rate) samples', () => {
    const cases: [number, number, number][] = [
      [177_152, 44_100, 88_576],
      [1, 44_100, 1],
      [3, 44_100, 2],
      [1, 8000, 3],
      [48_000, 48_000, 22_050],
      [48_001, 48_000, 22_051],
      [0, 48_000, 0],
      [777, 22_050, 777],
    ];
    for (const [samples, rate, want] of cases) expect(toMono22050(noise(samples), 1, rate)).toHaveLength(want);
  });

  it('takes the mean of the channels', () => {
    expect(toMono22050(Int16Array.of(100, 300, -32768, -32768), 2, 22_050)).toEqual(Float32Array.of(200 / 32768, -1));
    expect(toMono22050(Int16Array.of(3, 6, 12), 3, 22_050)).toEqual(Float32Array.of(7 / 32768));
    const mono = noise(5000);
    const stereo = Int16Array.from({ length: 10_000 }, (_, i) => mono[i >> 1]!);
    expect(toMono22050(stereo, 2, 44_100)).toEqual(toMono22050(mono, 1, 44_100));
  });

  it('gives silence for silence, exactly', () => {
    expect(toMono22050(new Int16Array(20_000), 2, 44_100)).toEqual(new Float32Array(5000));
  });

  it.each([16_000, 44_100, 48_000])('from %i Hz leaves digital silence between sounds silent', (rate) => {
    const pcm = noise(rate);
    pcm.fill(0, rate * 0.4, rate * 0.6);
    const y = toMono22050(pcm, 1, rate);
    expect(y.subarray(22_050 * 0.45, 22_050 * 0.55).every((v) => v === 0)).toBe(true);
    expect(y.subarray(0, 8000).some((v) => v === 0)).toBe(false);
  });

  it('gives the same samples from a stream, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES, 22_050),
        fc.constantFrom(1, 2, 3),
        fc.array(fc.nat({ max: 4000 }), { maxLength: 12 }),
        fc.integer(),
        (rate, channels, cuts, seed) => {
          const pcm = noise(cuts.reduce((a, b) => a + b, 0) * channels, 0.9, seed);
          const stream = createResampler(channels, rate);
          const parts: number[] = [];
          let at = 0;
          for (const cut of cuts) {
            parts.push(...stream.push(pcm.subarray(at, at + cut * channels)));
            at += cut * channels;
          }
          parts.push(...stream.flush());
          expect(Float32Array.from(parts)).toEqual(toMono22050(pcm, channels, rate));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('holds back no more than a fraction of a second', () => {
    const stream = createResampler(1, 48_000);
    let given = 0;
    for (let second = 1; second <= 20; second++) {
      given += stream.push(noise(48_000)).length;
      expect(second * 22_050 - given).toBeLessThan(2500);
    }
  });

  it('refuses what cannot be right', () => {
    expect(() => createResampler(0, 44_100)).toThrow('The channels must be a positive whole number, not 0.');
    expect(() => createResampler(1, 44_100.5)).toThrow('The sample rate must be a positive whole number, not 44100.5.');
    expect(() => toMono22050(new Int16Array(3), 2, 44_100)).toThrow('3 samples are not whole frames of 2 channels.');
    const done = createResampler(1, 48_000);
    done.flush();
    expect(() => done.push(new Int16Array(1))).toThrow(/has been flushed/);
    expect(() => done.flush()).toThrow(/has been flushed/);
  });
});
