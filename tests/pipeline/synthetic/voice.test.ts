import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../pipeline/synthetic/random.ts';
import { drawVoiceShape, type Speech, speak, type VoiceShape } from '../../../pipeline/synthetic/voice.ts';

const man: VoiceShape = { pitch: 110, tract: 1, melody: 3, rate: 4, breath: 0.04, jitter: 0.008 };
const woman: VoiceShape = { ...man, pitch: 205, tract: 0.86 };

const say = (shape: VoiceShape, signal = 0, seconds = 4, key = 'a'): Speech =>
  speak(shape, { seconds, sampleRate: 22_050, signal, loudness: 0.5 }, randomFor(3, key));

/** Pitch in Hz of each 50 ms that is voiced, by autocorrelation between 60 and 400 Hz. */
const pitches = ({ pcm, sampleRate }: Speech): number[] => {
  const size = Math.round(sampleRate * 0.05);
  const found: number[] = [];
  for (let at = 0; at + 2 * size < pcm.length; at += size) {
    const energy = (lag: number): number => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += pcm[at + i]! * pcm[at + i + lag]!;
      return sum;
    };
    const whole = energy(0);
    if (whole / size < 1e6) continue;
    let best = 0;
    let bestLag = 0;
    for (let lag = Math.floor(sampleRate / 400); lag < sampleRate / 60; lag++) {
      const value = energy(lag);
      if (value > best) [best, bestLag] = [value, lag];
    }
    if (best > 0.5 * whole) found.push(sampleRate / bestLag);
  }
  return found.sort((a, b) => a - b);
};
const middle = (values: readonly number[]): number => values[Math.floor(values.length / 2)]!;
/** Share of 10 ms pieces that are 30 dB or more under the peak. */
const silence = ({ pcm, sampleRate }: Speech): number => {
  const size = sampleRate / 100;
  let quiet = 0;
  let pieces = 0;
  for (let at = 0; at + size <= pcm.length; at += size, pieces++) {
    let peak = 0;
    for (let i = Math.floor(at); i < at + size; i++) peak = Math.max(peak, Math.abs(pcm[i]!));
    if (peak < 16384 / 31.6) quiet++;
  }
  return quiet / pieces;
};

describe('a synthetic voice', () => {
  test('is the same for the same seed, to the sample, and another for another', () => {
    // As bytes: a failing comparison of long arrays element by element takes minutes to print.
    const bytesOf = ({ pcm }: Speech): Buffer => Buffer.from(pcm.buffer);
    const first = say(man);
    expect(bytesOf(first).equals(bytesOf(say(man)))).toBe(true);
    expect(say(man).opening).toEqual(first.opening);
    expect(bytesOf(first).equals(bytesOf(say(man, 0, 4, 'b')))).toBe(false);
  });

  test('has the length, rate and peak that were asked for', () => {
    const speech = speak(man, { seconds: 1.5, sampleRate: 44_100, signal: 0.3, loudness: 0.5 }, randomFor(1));
    expect(speech.pcm).toHaveLength(66_150);
    const peak = speech.pcm.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
    expect(peak / 32767).toBeGreaterThan(0.47);
    expect(peak / 32767).toBeLessThan(0.53);
  });

  test('has the pitch of its person', () => {
    expect(middle(pitches(say(man)))).toBeGreaterThan(90);
    expect(middle(pitches(say(man)))).toBeLessThan(135);
    expect(middle(pitches(say(woman)))).toBeGreaterThan(170);
    expect(middle(pitches(say(woman)))).toBeLessThan(250);
  });

  test('pauses longer and sings less the stronger the voice signal', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const mean = (f: (key: string) => number): number => keys.reduce((sum, key) => sum + f(key), 0) / keys.length;
    expect(mean((key) => silence(say(man, 1, 6, key)))).toBeGreaterThan(mean((key) => silence(say(man, 0, 6, key))));
    const range = (key: string, signal: number): number => {
      const found = pitches(say(man, signal, 6, key));
      return found[Math.floor(found.length * 0.9)]! / found[Math.floor(found.length * 0.1)]!;
    };
    expect(mean((key) => range(key, 1))).toBeLessThan(mean((key) => range(key, 0)));
  });

  test('opens the mouth while it sounds and shuts it in pauses, between 0 and 1', () => {
    const { opening } = say(man);
    expect(Math.min(...opening)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...opening)).toBeLessThanOrEqual(1);
    expect(Math.max(...opening)).toBeGreaterThan(0.4);
    expect(opening.filter((value) => value < 0.05).length).toBeGreaterThan(10);
  });

  test('is deeper in men than in women', () => {
    const of = (sex: 'M' | 'F'): number[] =>
      Array.from({ length: 50 }, (_, i) => drawVoiceShape(sex, randomFor(1, i)).pitch);
    expect(Math.max(...of('M'))).toBeLessThan(160);
    expect(middle(of('M').sort((a, b) => a - b)) * 1.5).toBeLessThan(middle(of('F').sort((a, b) => a - b)));
  });

  test.each([
    [0, 22_050],
    [-1, 22_050],
    [Number.NaN, 22_050],
    [1, 0],
  ])('refuses %d s at %d Hz', (seconds, sampleRate) => {
    expect(() => speak(man, { seconds, sampleRate, signal: 0, loudness: 0.5 }, randomFor(1))).toThrow(RangeError);
  });
});
