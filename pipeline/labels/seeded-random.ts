/** A stream of pseudo-random numbers that is the same for the same seed on every machine. Not for secrets. */
export interface SeededRandom {
  /** The next 32 bits, 0 to 2^32 - 1. */
  next(): number;
  /** A whole number from 0 to `bound` - 1, each equally likely; 1 <= bound <= 2^32. */
  below(bound: number): number;
}

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** xoshiro128** 1.1 (Blackman and Vigna, 2018) from its four words of state, not all zero. */
export const xoshiro128 = (s0: number, s1: number, s2: number, s3: number): SeededRandom => {
  let [a, b, c, d] = [s0 | 0, s1 | 0, s2 | 0, s3 | 0];
  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
  const below = (bound: number): number => {
    // As many high bits as `bound` needs, drawn again while too large: no value is likelier than another.
    const shift = Math.clz32(bound - 1);
    if (shift === 32) return 0;
    let drawn = next() >>> shift;
    while (drawn >= bound) drawn = next() >>> shift;
    return drawn;
  };
  return { next, below };
};

/** A bijection of 32 bits in which every input bit moves every output bit (the finalizer of MurmurHash3). */
const mix = (x: number): number => {
  const y = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  const z = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
};

/**
 * A stream for a seed and, beside it, for the place it is used in (a fold, a tree): streams of different places are
 * independent, so work may be done in any order, or in threads, with the same result.
 * @throws RangeError if a number is no whole number from 0 to 2^32 - 1
 */
export const seededRandom = (seed: number, ...place: readonly number[]): SeededRandom => {
  const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  for (const part of [seed, ...place, place.length]) {
    if (!Number.isInteger(part) || part < 0 || part > 0xffffffff) {
      throw new RangeError(`A seed is a whole number from 0 to 4294967295, not ${part}`);
    }
    for (let i = 0; i < 4; i++) {
      words[i] =
        mix((words[i] as number) ^ Math.imul(part, 0x9e3779b1 + 2 * i) ^ Math.imul(part >>> 16, 0x85ebca77)) + i;
    }
    // Each word takes up its neighbour, so that all four depend on all that came before.
    for (let i = 0; i < 4; i++) words[i] = mix((words[i] as number) + Math.imul(words[(i + 1) % 4] as number, 5) + 1);
  }
  const [a, b, c, d] = words as [number, number, number, number];
  return xoshiro128(a, b, c, (a | b | c | d) === 0 ? 1 : d);
};

/** The items in an order drawn from `random` (Fisher-Yates); the list given is left as it is. */
export const shuffled = <T>(items: readonly T[], random: SeededRandom): T[] => {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
};
