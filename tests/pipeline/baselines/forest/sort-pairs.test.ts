import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairSorter } from '../../../../pipeline/baselines/forest/sort-pairs.ts';

describe('sorting pairs', () => {
  it('orders by key and keeps equal keys in their order, few or many, close together or far apart', () => {
    const widths = fc.constantFrom(1, 7, 255, 256, 1199, 1200, 1499, 65_536, 2 ** 24, 2 ** 32 - 1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), widths, fc.integer(), (count, maxKey, seed) => {
        const keys = fc.sample(fc.nat({ max: Math.min(maxKey, 0x7fffffff) }), { numRuns: count, seed });
        // The highest key itself is always there, at the end of the scratch space.
        keys[count - 1] = maxKey;
        const sorter = pairSorter(count);
        keys.forEach((key, i) => {
          sorter.keys[i] = key;
          sorter.items[i] = i;
        });
        sorter.sort(count, maxKey);
        const wanted = keys.map((key, i) => [key, i] as const).sort(([a, i], [b, j]) => a - b || i - j);
        expect([...sorter.keys]).toEqual(wanted.map(([key]) => key));
        expect([...sorter.items]).toEqual(wanted.map(([, i]) => i));
      }),
      { seed: 4, numRuns: 400 },
    );
  });

  it('leaves what lies beyond the count alone', () => {
    const sorter = pairSorter(40);
    sorter.keys.set(Array.from({ length: 40 }, (_, i) => 100 - i));
    sorter.sort(30, 100);
    expect([...sorter.keys.subarray(30)]).toEqual(Array.from({ length: 10 }, (_, i) => 70 - i));
    expect(sorter.keys[0]).toBe(71);
  });
});
