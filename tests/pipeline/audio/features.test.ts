import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyseAudio } from '../../../pipeline/audio/analyse-audio.ts';
import type { PadMode } from '../../../pipeline/audio/analysis-settings.ts';
import { AUDIO_FEATURE_NAMES, audioFeatures } from '../../../pipeline/audio/features.ts';
import { mfcc } from '../../../pipeline/audio/mel.ts';
import { readWav } from '../../../pipeline/audio/wav.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { furthest, type Row, readFloats, readTsv } from './golden.ts';
import { asFloat, noise, tone } from './sounds.ts';

const PAD_MODES: readonly PadMode[] = ['constant', 'reflect'];

describe('the 25 features', () => {
  it('are named in the order of the paper: chroma, centroid, bandwidth, roll-off, crossings, MFCC 1 to 20', () => {
    expect(AUDIO_FEATURE_NAMES).toHaveLength(25);
    expect(AUDIO_FEATURE_NAMES.slice(0, 7)).toEqual([
      'chroma',
      'spectral_centroid',
      'spectral_bandwidth',
      'spectral_rolloff',
      'zero_crossing_rate',
      'mfcc_1',
      'mfcc_2',
    ]);
    expect(AUDIO_FEATURE_NAMES[24]).toBe('mfcc_20');
  });

  it('of a 440 Hz tone: centroid at 440 Hz, 880 crossings a second, roll-off within a bin or two', () => {
    const { series } = analyseAudio(asFloat(tone(440, 2)));
    const middle = Math.floor(series.centroid.length / 2);
    expect(Math.abs(series.centroid[middle]! - 440)).toBeLessThan(3);
    expect(series.zeroCrossingRate[middle]! * 22_050).toBeGreaterThan(870);
    expect(series.zeroCrossingRate[middle]! * 22_050).toBeLessThan(890);
    expect(Math.abs(series.rolloff[middle]! - 440)).toBeLessThan(22);
  });

  it('of a 440 Hz tone: A is the strongest of the twelve chroma rows, which start at C', () => {
    const { series } = analyseAudio(asFloat(tone(440, 1)));
    const row = [...series.chroma.subarray(12 * 20, 12 * 21)];
    expect(row.indexOf(1)).toBe(9);
    expect(Math.max(...row)).toBe(1);
  });

  it('tell a tone 30 cents sharp', () => {
    const sharp = asFloat(tone(440 * 2 ** (0.3 / 12), 2));
    expect(audioFeatures(sharp).tuning).toBeCloseTo(0.3, 1);
    expect(audioFeatures(sharp, { tuning: 0 }).tuning).toBe(0);
  });

  it.each(PAD_MODES)('of silence are 0 but for the first MFCC (%s)', (padMode) => {
    const { vector, tuning, frames } = audioFeatures(new Float32Array(22_050), { padMode });
    expect(vector[5]).toBeCloseTo(-100 * Math.sqrt(128), 9);
    expect([...vector].filter((v, i) => i !== 5 && Math.abs(v) > 1e-9)).toEqual([]);
    expect({ tuning, frames }).toEqual({ tuning: 0, frames: 44 });
  });

  it('leave digital silence silent in frames beside loud ones', () => {
    const y = new Float32Array(22_050);
    y.set(asFloat(noise(8192)), 11_264);
    const { series } = analyseAudio(y);
    expect(series.centroid[19]).toBe(0);
    expect([...series.chroma.subarray(12 * 19, 12 * 20)]).toEqual(new Array(12).fill(0));
    expect(series.centroid[21]).toBeGreaterThan(1000);
  });

  it('take a frame for silent whose only sample the window hides', () => {
    const y = new Float32Array(8192);
    // Sample 0 is the first of frame 2, where the window is 0; sample 2,300 is in its partner, frame 3, alone.
    y[0] = 0.9;
    y[2300] = 0.9;
    const { series } = analyseAudio(y);
    expect([series.centroid[2], ...series.chroma.subarray(24, 36)]).toEqual(new Array(13).fill(0));
    expect(series.centroid[3]).toBeGreaterThan(0);
  });

  it.each(PAD_MODES)('of one sample are numbers (%s)', (padMode) => {
    const { vector, frames } = audioFeatures(Float32Array.of(0.25), { padMode });
    expect(frames).toBe(1);
    expect(vector.every(Number.isFinite)).toBe(true);
  });

  it('do not exist without a sample or with one that is no number', () => {
    expect(() => audioFeatures(new Float32Array(0))).toThrow(new RangeError('There is no sample to analyse.'));
    expect(() => audioFeatures(Float32Array.of(0, 1, Number.NaN))).toThrow(/^Sample 2 is not a finite number\.$/);
  });

  it('are the same for a sound too long for its spectra to be kept', () => {
    // 3,072,000 samples are 6,001 frames, one more than is kept; in a period of 512 all frames but those at the ends are equal.
    const cycle = asFloat(noise(512));
    const long = Float32Array.from({ length: 6000 * 512 }, (_, i) => cycle[i % 512]!);
    const short = long.subarray(0, 100 * 512);
    const [a, b] = [analyseAudio(long), analyseAudio(short)];
    expect(a.frames).toBe(6001);
    expect(furthest(a.series.chroma.subarray(600, 612), b.series.chroma.subarray(600, 612))).toBeLessThan(1e-9);
    expect(furthest(a.series.chroma.subarray(60_000, 60_012), b.series.chroma.subarray(600, 612))).toBeLessThan(1e-9);
  });
});

const read = (signal: string): Float32Array => {
  const reading = readWav(readFileSync(sharedPath('golden', 'audio', 'signals', `${signal}.wav`)));
  if (!reading.ok) throw new Error(reading.message);
  return asFloat(reading.wav.pcm);
};
const numbers = (row: Row): number[] =>
  ['chroma', 'centroid', 'bandwidth', 'rolloff', 'zcr', ...Array.from({ length: 20 }, (_, i) => `mfcc_${i + 1}`)].map(
    (name) => Number(row[name]),
  );

describe.skipIf(!hasShared)("librosa's features (needs ../shared)", () => {
  const rows = hasShared
    ? readTsv('features.tsv').filter((r) => r.librosa === '0.11.0' && r.dtype === 'float64' && r.signal !== 'empty')
    : [];

  it('cover 16 signals in both pad modes; the seventeenth has no sample', () => {
    expect(rows).toHaveLength(32);
    expect(() => audioFeatures(read('empty'))).toThrow('There is no sample');
  });

  it.each(
    rows.map((row) => [row.signal!, row.pad_mode as PadMode, row] as const),
  )('are met: %s, %s', (signal, padMode, row) => {
    // The spectrum of the impulses is flat: rounding decides what is a peak, so the tuning is given there (golden/README.md).
    const given = signal === 'impulses' ? { tuning: Number(row.tuning) } : {};
    const { vector, tuning, frames } = audioFeatures(read(signal), { padMode, ...given });
    const want = numbers(row);
    expect(frames).toBe(Number(row.frames));
    expect(tuning).toBeCloseTo(Number(row.tuning), 9);
    // Far inside the suggested 1e-4 relative and 1e-3: the reference has nine digits.
    for (let i = 0; i < 5; i++) expect(Math.abs(vector[i]! - want[i]!)).toBeLessThanOrEqual(1e-7 * Math.abs(want[i]!));
    expect(furthest(vector.subarray(5), want.slice(5))).toBeLessThan(1e-5);
  });

  it('are met by the impulses without help to 0.5 % in chroma', () => {
    const row = rows.find((r) => r.signal === 'impulses')!;
    const want = numbers(row);
    const { vector } = audioFeatures(read('impulses'), { padMode: 'constant' });
    expect(Math.abs(vector[0]! / want[0]! - 1)).toBeLessThan(0.005);
    expect(furthest(vector.subarray(5), want.slice(5))).toBeLessThan(1e-5);
  });

  it.each(PAD_MODES)('are met frame by frame by four seconds of speech (%s)', (padMode) => {
    const want = readFloats('arrays', `speech_4s_${padMode}_frames.f32`);
    const { frames, series } = analyseAudio(read('speech_4s'), { padMode });
    const got = new Float64Array(want.length);
    for (let f = 0; f < frames; f++) {
      const column = [
        ...series.chroma.subarray(12 * f, 12 * f + 12),
        series.centroid[f]!,
        series.bandwidth[f]!,
        series.rolloff[f]!,
        series.zeroCrossingRate[f]!,
        ...mfcc(series.decibels.subarray(128 * f, 128 * f + 128)),
      ];
      for (const [row, value] of column.entries()) got[row * frames + f] = value;
    }
    for (const [i, value] of want.entries())
      expect(Math.abs(got[i]! - value)).toBeLessThan(i < 16 * frames ? 1e-5 * Math.abs(value) + 1e-6 : 1e-3);
  });
});
