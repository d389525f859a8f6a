import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyseAudio } from '../../../pipeline/audio/analyse-audio.ts';
import type { PadMode } from '../../../pipeline/audio/analysis-settings.ts';
import { perceptualColours } from '../../../pipeline/audio/colour-map.ts';
import { melFilters } from '../../../pipeline/audio/mel.ts';
import { forEachPowerFrame } from '../../../pipeline/audio/power-frames.ts';
import { melSpectrogramDb } from '../../../pipeline/audio/spectrogram.ts';
import { spectrogramPicture } from '../../../pipeline/audio/spectrogram-picture.ts';
import { readWav } from '../../../pipeline/audio/wav.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { furthest, readFloats, readTsv } from './golden.ts';
import { asFloat, noise, tone } from './sounds.ts';

/** Power of one bin by the definition: 2,048 samples around the frame's centre, Hann window, discrete Fourier sum. */
function powerByDefinition(y: Float32Array, frame: number, bin: number, padMode: PadMode): number {
  let re = 0;
  let im = 0;
  for (let i = 0; i < 2048; i++) {
    let at = frame * 512 - 1024 + i;
    if (padMode === 'reflect') at = at < 0 ? -at : at >= y.length ? 2 * (y.length - 1) - at : at;
    const value = (y[at] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 2048));
    re += value * Math.cos((2 * Math.PI * bin * i) / 2048);
    im -= value * Math.sin((2 * Math.PI * bin * i) / 2048);
  }
  return re * re + im * im;
}

describe('power frames', () => {
  it.each(['constant', 'reflect'] as const)('are the Fourier sums of centred, windowed frames (%s)', (padMode) => {
    // Five frames: two pairs and one alone; the second pair's frames differ in loudness.
    const y = asFloat(noise(2100));
    for (let i = 1300; i < y.length; i++) y[i]! *= 0.01;
    let seen = 0;
    forEachPowerFrame(y, padMode, (power, frame) => {
      expect(frame).toBe(seen++);
      for (const bin of [0, 1, 2, 40, 511, 1023, 1024]) {
        const want = powerByDefinition(y, frame, bin, padMode);
        expect(Math.abs(power[bin]! - want)).toBeLessThan(1e-10 * want + 1e-12);
      }
    });
    expect(seen).toBe(5);
  });

  it('keep a frame 140 dB below its neighbour exact', () => {
    // Frames 2 and 3 go through one transform; only frame 3 reaches the loud part.
    const y = new Float32Array(4096);
    y.set(asFloat(tone(1000, 1)).subarray(0, 512), 2048);
    y[700] = 1e-7;
    forEachPowerFrame(y, 'constant', (power, frame) => {
      if (frame !== 2) return;
      const want = powerByDefinition(y, 2, 300, 'constant');
      expect(want).toBeGreaterThan(0);
      expect(Math.abs(power[300]! / want - 1)).toBeLessThan(1e-9);
    });
  });
});

describe('the mel spectrogram', () => {
  it('has 128 bands and a frame for every 512 samples, 0 dB at most and -80 at least', () => {
    const { bands, frames, data, power } = melSpectrogramDb(asFloat(tone(1000, 1)));
    expect({ bands, frames }).toEqual({ bands: 128, frames: 44 });
    expect(data).toHaveLength(128 * 44);
    expect(power).toHaveLength(128 * 44);
    expect(data.reduce((a, b) => Math.max(a, b))).toBe(0);
    expect(data.reduce((a, b) => Math.min(a, b))).toBe(-80);
  });

  it('has its ridge in the band of the tone', () => {
    const { frames, data } = melSpectrogramDb(asFloat(tone(1000, 1)));
    const column = Array.from({ length: 128 }, (_, band) => data[band * frames + 20]!);
    // 1,000 Hz is mel 15 of 50.17; bands stand every 50.17 / 129 mel.
    expect(column.indexOf(Math.max(...column))).toBe(Math.round((15 / 50.1747) * 129) - 1);
  });

  it('is all zeros for silence', () => {
    expect(melSpectrogramDb(new Float32Array(2000)).data).toEqual(new Float32Array(128 * 4));
  });

  it('is the same from the pass that makes the features', () => {
    const y = asFloat(noise(9000));
    expect(analyseAudio(y).spectrogram).toEqual(melSpectrogramDb(y));
    expect(analyseAudio(y, { padMode: 'reflect' }).spectrogram).toEqual(melSpectrogramDb(y, { padMode: 'reflect' }));
  });
});

describe('the picture of a spectrogram', () => {
  it('has low bands at the bottom, time to the right, and a fixed scale', () => {
    const data = new Float32Array(128 * 2).fill(-80);
    data[0] = 0; // band 0, frame 0
    data[127 * 2 + 1] = -40; // band 127, frame 1
    const { width, height, rgb } = spectrogramPicture({ bands: 128, frames: 2, data });
    const colours = perceptualColours();
    const pixel = (x: number, y: number) => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const colour = (i: number) => [...colours.subarray(i * 3, i * 3 + 3)];
    expect({ width, height }).toEqual({ width: 2, height: 128 });
    expect(pixel(0, 127)).toEqual(colour(255));
    expect(pixel(1, 0)).toEqual(colour(128));
    expect(pixel(0, 0)).toEqual(colour(0));
    expect(pixel(1, 127)).toEqual(colour(0));
  });

  it('has colours that only become lighter, from near black to near white', () => {
    const colours = perceptualColours();
    const luminance = Array.from({ length: 256 }, (_, i) => {
      const [r, g, b] = [0, 1, 2].map((c) => (colours[3 * i + c]! / 255) ** 2.2);
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    });
    expect(luminance[0]).toBeLessThan(0.005);
    expect(luminance[255]).toBeGreaterThan(0.9);
    for (let i = 8; i < 256; i += 4) expect(luminance[i]).toBeGreaterThan(luminance[i - 4]!);
  });
});

describe.skipIf(!hasShared)("librosa's spectrograms (needs ../shared)", () => {
  const names = hasShared
    ? readTsv('arrays.tsv')
        .filter((r) => r.what === 'mel')
        .map((r) => [r.signal!, r.pad_mode as PadMode] as const)
    : [];

  it.each(names)('are met: %s, %s', (signal, padMode) => {
    const reading = readWav(readFileSync(sharedPath('golden', 'audio', 'signals', `${signal}.wav`)));
    if (!reading.ok) throw new Error(reading.message);
    const { data, power } = melSpectrogramDb(asFloat(reading.wav.pcm), { padMode });
    const mel = readFloats('arrays', `${signal}_${padMode}_mel.f32`);
    const db = readFloats('arrays', `${signal}_${padMode}_db.f32`);
    const loudest = mel.reduce((a, b) => Math.max(a, b));
    expect(furthest(power, mel)).toBeLessThanOrEqual(1e-6 * loudest);
    expect(furthest(data, db)).toBeLessThan(1e-4);
  });

  it('have the same filters', () => {
    const { first, start, weights } = melFilters();
    for (const row of readTsv('mel_filters.tsv')) {
      const band = Number(row.band);
      const own = weights.subarray(start[band], start[band + 1]);
      const peak = own.reduce((a, b) => Math.max(a, b));
      expect([first[band], first[band]! + own.length - 1, first[band]! + own.indexOf(peak)]).toEqual([
        Number(row.first_bin),
        Number(row.last_bin),
        Number(row.peak_bin),
      ]);
      expect(peak).toBeCloseTo(Number(row.peak), 9);
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(Number(row.sum), 8);
    }
  });
});
