import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkBounds, chunkSamples } from '../../../pipeline/audio/chunks.ts';
import { hasShared } from '../../support/shared.ts';
import { readTsv } from './golden.ts';

describe('chunks of four seconds', () => {
  it('are numbered from 0, and the shorter last one is kept', () => {
    expect(chunkBounds(9.5)).toEqual([
      { number: 0, startSeconds: 0, endSeconds: 4 },
      { number: 1, startSeconds: 4, endSeconds: 8 },
      { number: 2, startSeconds: 8, endSeconds: 9.5 },
    ]);
  });

  it('number ceil(d / 4)', () => {
    const counts: [number, number][] = [
      [0, 0],
      [0.001, 1],
      [4, 1],
      [4.004, 2],
      [8, 2],
      [14.976, 4],
      [60, 15],
    ];
    for (const [seconds, count] of counts) expect(chunkBounds(seconds)).toHaveLength(count);
  });

  it('are not made of rounding errors', () => {
    expect(chunkBounds(0.1 + 0.2, 0.1)).toHaveLength(3);
    expect(chunkBounds(12.000000000000002)).toHaveLength(3);
  });

  it('can have another length', () => {
    expect(chunkBounds(5, 2.5).map((c) => c.endSeconds)).toEqual([2.5, 5]);
  });

  it('need a length and a duration', () => {
    expect(() => chunkBounds(-1)).toThrow('A duration must be 0 or more seconds, not -1.');
    expect(() => chunkBounds(Number.NaN)).toThrow(RangeError);
    expect(() => chunkBounds(1, 0)).toThrow('A chunk must be longer than 0 seconds, not 0.');
  });

  it('cover every sample of every channel once, in order, whatever the container says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.constantFrom(1, 2),
        fc.double({ min: 0.01, max: 40, noNaN: true }),
        (n, channels, d) => {
          const pcm = Int16Array.from({ length: n * channels }, (_, i) => i);
          const parts = chunkSamples(pcm, chunkBounds(d), 100, channels);
          expect(parts.flatMap((p) => [...p])).toEqual([...pcm]);
          expect(parts.every((p) => p.length % channels === 0)).toBe(true);
        },
      ),
    );
  });

  it('have the samples between their bounds; the last has the rest', () => {
    const sound = Float32Array.from({ length: 1010 }, (_, i) => i);
    const parts = chunkSamples(sound, chunkBounds(9), 100);
    expect(parts.map((p) => [p[0], p.length])).toEqual([
      [0, 400],
      [400, 400],
      [800, 210],
    ]);
  });

  it('are empty beyond the end of the sound', () => {
    expect(chunkSamples(new Int16Array(300), chunkBounds(9), 100).map((p) => p.length)).toEqual([300, 0, 0]);
  });
});

describe.skipIf(!hasShared)('chunks of the real sound tracks (needs ../shared)', () => {
  it('are as many and as long as the reference has', () => {
    const rows = hasShared
      ? readTsv('video_features.tsv').filter((r) => r.status === 'ok' && r.pad_mode === 'constant')
      : [];
    const wholes = rows.filter((r) => r.part === 'whole' && r.resampler === 'soxr_hq');
    expect(wholes.length).toBeGreaterThan(0);
    for (const whole of wholes) {
      const want = rows
        .filter((r) => r.video === whole.video && r.part?.startsWith('chunk_'))
        .map((r) => Number(r.samples));
      const sound = new Float32Array(Number(whole.samples));
      const parts = chunkSamples(sound, chunkBounds(Number(whole.container_s)), 22_050);
      expect(parts.map((p) => p.length)).toEqual(want);
    }
  });
});
