import { type BestSplit, type NodeRows, type SplitSearch, tooClose } from './best-split.ts';
import type { RankedMatrix } from './ranked-matrix.ts';

/** Bits of a packed row's class and weight; its rank takes the upper 16. */
const CLASS_BITS = 4;
const CODE_BITS = 16;
const MOST_CLASSES = 1 << CLASS_BITS;
const MOST_WEIGHT = (1 << (CODE_BITS - CLASS_BITS)) - 1;

// Below this an insertion sort beats the clearing of bins.
const FEW = 40;
const DIGIT = 256;

/** Whether rank, weight and class of a row fit into one number of 32 bits. */
export const fitsPacked = ({ ranks }: RankedMatrix, classes: number, highestWeight: number): boolean =>
  ranks instanceof Uint16Array && classes <= MOST_CLASSES && highestWeight <= MOST_WEIGHT;

/**
 * The search of `best-split.ts` with each row's rank, weight and class in one number: half the memory to sort, and nothing to look up while
 * scanning. The same splits exactly: among equal ranks the order of rows changes no sum.
 */
export const packedSplitSearch = (matrix: RankedMatrix, node: NodeRows, classes: number): SplitSearch => {
  const { values, starts, sure } = matrix;
  const ranks = matrix.ranks as Uint16Array;
  const capacity = node.rows.length;
  let packed = new Uint32Array(capacity);
  let other = new Uint32Array(capacity);
  const lower = new Uint32Array(DIGIT);
  const upper = new Uint32Array(DIGIT);
  const codes = new Uint32Array(capacity);
  const left = new Float64Array(classes);
  const right = new Float64Array(classes);
  const best: BestSplit = { feature: -1, rank: 0, threshold: 0, score: -Infinity };
  let start = 0;
  let count = 0;
  let counts: Uint32Array = new Uint32Array(classes);
  let weight = 0;
  let squares = 0;

  const begin = (from: number, end: number, nodeCounts: Uint32Array, nodeWeight: number): void => {
    start = from;
    count = end - from;
    counts = nodeCounts;
    weight = nodeWeight;
    squares = 0;
    for (let k = 0; k < classes; k++) squares += (counts[k] as number) ** 2;
    best.feature = -1;
    best.score = -Infinity;
    for (let i = 0; i < count; i++) {
      const code = node.codes[start + i] as number;
      codes[i] = ((code >>> 16) << CLASS_BITS) | (code & 0xffff);
    }
  };

  const byInsertion = (): void => {
    for (let i = 1; i < count; i++) {
      const one = packed[i] as number;
      let j = i - 1;
      for (; j >= 0 && (packed[j] as number) > one; j--) packed[j + 1] = packed[j] as number;
      packed[j + 1] = one;
    }
  };

  /** By the rank's lower byte, then by its upper one where any has one. */
  const byDigits = (widest: number): void => {
    lower.fill(0);
    upper.fill(0);
    for (let i = 0; i < count; i++) {
      const one = packed[i] as number;
      const low = (one >>> CODE_BITS) & 0xff;
      lower[low] = (lower[low] as number) + 1;
      const high = one >>> 24;
      upper[high] = (upper[high] as number) + 1;
    }
    let before = 0;
    let beforeUpper = 0;
    for (let digit = 0; digit < DIGIT; digit++) {
      const size = lower[digit] as number;
      lower[digit] = before;
      before += size;
      const upperSize = upper[digit] as number;
      upper[digit] = beforeUpper;
      beforeUpper += upperSize;
    }
    move(lower, CODE_BITS);
    if (widest >= DIGIT) move(upper, 24);
  };
  const move = (places: Uint32Array, shift: number): void => {
    for (let i = 0; i < count; i++) {
      const one = packed[i] as number;
      const digit = (one >>> shift) & 0xff;
      const at = places[digit] as number;
      places[digit] = at + 1;
      other[at] = one;
    }
    const sorted = other;
    other = packed;
    packed = sorted;
  };

  const take = (feature: number, low: number, key: number, next: number, score: number): void => {
    const lowest = (starts[feature] as number) + low;
    const a = values[lowest + key] as number;
    const b = values[lowest + next] as number;
    if (next - key < (sure[feature] as number) && tooClose(a, b)) return;
    best.feature = feature;
    best.rank = key + low;
    best.threshold = a / 2 + b / 2;
    best.score = score;
  };

  const scanTwo = (feature: number, low: number): void => {
    const [zeros, ones] = [counts[0] as number, counts[1] as number];
    let leftZeros = 0;
    let leftOnes = 0;
    let one = packed[0] as number;
    for (let i = 1; i < count; i++) {
      const w = (one & 0xffff) >>> CLASS_BITS;
      if ((one & (MOST_CLASSES - 1)) === 0) leftZeros += w;
      else leftOnes += w;
      const next = packed[i] as number;
      if (next >>> CODE_BITS !== one >>> CODE_BITS) {
        const rightZeros = zeros - leftZeros;
        const rightOnes = ones - leftOnes;
        const leftWeight = leftZeros + leftOnes;
        const score =
          (leftZeros * leftZeros + leftOnes * leftOnes) / leftWeight +
          (rightZeros * rightZeros + rightOnes * rightOnes) / (weight - leftWeight);
        if (score > best.score) take(feature, low, one >>> CODE_BITS, next >>> CODE_BITS, score);
      }
      one = next;
    }
  };

  const scanMany = (feature: number, low: number): void => {
    for (let k = 0; k < classes; k++) {
      left[k] = 0;
      right[k] = counts[k] as number;
    }
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = squares;
    let one = packed[0] as number;
    for (let i = 1; i < count; i++) {
      const k = one & (MOST_CLASSES - 1);
      const w = (one & 0xffff) >>> CLASS_BITS;
      leftSquares += w * (2 * (left[k] as number) + w);
      rightSquares += w * (w - 2 * (right[k] as number));
      left[k] = (left[k] as number) + w;
      right[k] = (right[k] as number) - w;
      leftWeight += w;
      const next = packed[i] as number;
      if (next >>> CODE_BITS !== one >>> CODE_BITS) {
        const score = leftSquares / leftWeight + rightSquares / (weight - leftWeight);
        if (score > best.score) take(feature, low, one >>> CODE_BITS, next >>> CODE_BITS, score);
      }
      one = next;
    }
  };

  const tryFeature = (feature: number): boolean => {
    let low = 0xffff;
    let high = 0;
    const column = feature * matrix.rows;
    for (let i = 0; i < count; i++) {
      const rank = ranks[column + (node.rows[start + i] as number)] as number;
      packed[i] = (rank << CODE_BITS) | (codes[i] as number);
      if (rank < low) low = rank;
      if (rank > high) high = rank;
    }
    const range = high - low;
    if (range === 0) return false;
    if (range < (sure[feature] as number)) {
      const lowest = (starts[feature] as number) + low;
      if (tooClose(values[lowest] as number, values[lowest + range] as number)) return false;
    }
    if (count <= FEW) {
      byInsertion();
      low = 0;
    } else {
      const base = low << CODE_BITS;
      for (let i = 0; i < count; i++) packed[i] = (packed[i] as number) - base;
      byDigits(range);
    }
    if (classes === 2) scanTwo(feature, low);
    else scanMany(feature, low);
    return true;
  };

  return { best, begin, tryFeature };
};
