import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../pipeline/synthetic/random.ts';

const many = (draw: () => number, count = 20_000): number[] => Array.from({ length: count }, draw);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('a stream of random numbers', () => {
  test('is the same for the same seed and keys, and another for others', () => {
    const first = many(randomFor(1, '9001', 'face').next, 5);
    expect(many(randomFor(1, '9001', 'face').next, 5)).toEqual(first);
    for (const other of [randomFor(2, '9001', 'face'), randomFor(1, '9002', 'face'), randomFor(1, '9001', 'voice')]) {
      expect(many(other.next, 5)).not.toEqual(first);
    }
  });

  test('is uniform, normal and whole as its names say', () => {
    const random = randomFor(9, 'test');
    const uniform = many(() => random.uniform(2, 4));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...uniform)).toBeLessThan(4);
    expect(mean(uniform)).toBeCloseTo(3, 1);
    const normal = many(() => random.normal(5, 2));
    expect(mean(normal)).toBeCloseTo(5, 1);
    expect(Math.sqrt(mean(normal.map((value) => (value - 5) ** 2)))).toBeCloseTo(2, 1);
    expect(new Set(many(() => random.integer(1, 3)))).toEqual(new Set([1, 2, 3]));
  });

  test('picks by weight and shuffles without loss', () => {
    const random = randomFor(9, 'pick');
    const share = many(() =>
      random.weighted([
        [1, 3],
        [0, 1],
      ] as const),
    );
    expect(mean(share)).toBeCloseTo(0.75, 1);
    expect(random.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(() => random.pick([])).toThrow(RangeError);
    expect(() => random.weighted([])).toThrow(RangeError);
  });
});
