import { seededRandom } from '../labels/seeded-random.ts';

/** A stream of random numbers that is the same on every machine for the same seed and keys. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [from, to). */
  uniform(from: number, to: number): number;
  /** Whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number;
  /** Normal with the mean and standard deviation (Box-Muller). */
  normal(mean: number, deviation: number): number;
  chance(probability: number): boolean;
  /** Throws RangeError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** Item with a probability in proportion to its weight. Throws RangeError for an empty list. */
  weighted<T>(items: readonly (readonly [T, number])[]): T;
  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
};

/** A number for a name: FNV-1a, which is enough since seededRandom mixes it further. */
function numberOf(key: string | number): number {
  let h = 0x811c9dc5;
  const text = String(key);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/**
 * The stream for a seed and a path of keys, such as `randomFor(7, '9001', 'face')`. Streams of different keys are independent,
 * so a new draw in one place moves no number elsewhere. Throws RangeError for a seed that is no whole number from 0 to 2^32 - 1.
 */
export function randomFor(seed: number, ...keys: readonly (string | number)[]): Random {
  const source = seededRandom(seed, ...keys.map(numberOf));
  const next = (): number => source.next() / 4294967296;
  const uniform = (from: number, to: number): number => from + (to - from) * next();
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    uniform,
    integer,
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError('cannot pick from an empty list');
      return items[integer(0, items.length - 1)] as T;
    },
    weighted: <T>(items: readonly (readonly [T, number])[]): T => {
      let left = uniform(
        0,
        items.reduce((sum, [, weight]) => sum + weight, 0),
      );
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      const last = items.at(-1);
      if (last === undefined) throw new RangeError('cannot pick from an empty list');
      return last[0];
    },
    shuffle: <T>(items: readonly T[]): T[] => {
      const result = [...items];
      for (let i = result.length - 1; i > 0; i--) {
        const j = integer(0, i);
        [result[i], result[j]] = [result[j] as T, result[i] as T];
      }
      return result;
    },
  };
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export const mix = (from: number, to: number, share: number): number => from + (to - from) * share;
