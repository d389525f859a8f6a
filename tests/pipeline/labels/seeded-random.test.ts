import { describe, expect, it } from 'vitest';
import { seededRandom, shuffled, xoshiro128 } from '../../../pipeline/labels/seeded-random.ts';

const take = (random: { next(): number }, count: number) => Array.from({ length: count }, () => random.next());

describe('seeded random numbers', () => {
  it('are those of xoshiro128** for a known state', () => {
    const known = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    expect(take(xoshiro128(1, 2, 3, 4), 10)).toEqual(known);
  });

  it('are the same for the same seed and place, and others for any other', () => {
    const places = [[0], [1], [0, 0], [0, 1], [1, 0], [0, 0, 0], [65536], [2 ** 31], [2 ** 32 - 1]];
    const streams = places.map(([seed, ...place]) => take(seededRandom(seed as number, ...place), 4).join());
    expect(new Set(streams).size).toBe(places.length);
    expect(take(seededRandom(0, 1), 4).join()).toBe(streams[3]);
  });

  it('fill every bound evenly', () => {
    const random = seededRandom(3);
    for (const bound of [1, 2, 3, 10, 37]) {
      const counts = new Array<number>(bound).fill(0);
      for (let i = 0; i < 2000 * bound; i++) counts[random.below(bound)]! += 1;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
      expect(chiSquare).toBeLessThan(bound + 4 * Math.sqrt(2 * bound));
    }
  });

  it('are unlike each other between neighbouring seeds: half the bits differ', () => {
    let different = 0;
    for (let seed = 0; seed < 1000; seed++) {
      let bits = seededRandom(seed).next() ^ seededRandom(seed + 1).next();
      for (; bits !== 0; bits &= bits - 1) different++;
    }
    expect(different / 32_000).toBeCloseTo(0.5, 1);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('are refused for the seed %s', (seed) => {
    expect(() => seededRandom(seed)).toThrow(RangeError);
  });

  it('shuffle into each order equally often, and leave the list alone', () => {
    const items = ['a', 'b', 'c'] as const;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = shuffled(items, seededRandom(seed)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
    expect(items).toEqual(['a', 'b', 'c']);
  });
});
