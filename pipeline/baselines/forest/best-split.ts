import type { RankedMatrix } from './ranked-matrix.ts';
import { pairSorter } from './sort-pairs.ts';

/** The rows of the node being split, as places `start` to `end` - 1 of lists that the tree builder keeps in order of nodes. */
export interface NodeRows {
  /** Row of the matrix at each place. */
  readonly rows: Uint32Array;
  /** Its weight and class: `(weight << 16) | class`. */
  readonly codes: Uint32Array;
}

/** The best split seen so far in a node. */
export interface BestSplit {
  /** -1 while there is none. */
  feature: number;
  /** Rows with a rank up to this one go left. */
  rank: number;
  /** Halfway to the next value in the node, as a double. */
  threshold: number;
  /** Sum over both sides of the squared class weights, each by the side's weight: largest where Gini impurity falls most. */
  score: number;
}

export interface SplitSearch {
  readonly best: BestSplit;
  /** Begins with a node: its places, the weight of each of its classes, and their sum. */
  begin(start: number, end: number, counts: Uint32Array, weight: number): void;
  /** Tries every split of the node by a feature. False where the feature is constant in the node. */
  tryFeature(feature: number): boolean;
}

/**
 * Whether two float32 values, `b` the larger, are too close to be told apart: scikit-learn adds its FEATURE_THRESHOLD of 1e-7 in
 * float32, so near 0.5, where values lie 6.0e-8 apart, neighbours but one (1.2e-7) still count as one.
 */
export const tooClose = (a: number, b: number): boolean => b <= Math.fround(a + THRESHOLD);
const THRESHOLD = Math.fround(1e-7);

/**
 * Searches a node's splits exactly. Weights are whole numbers, so the sums are exact; a split must be strictly better
 * than the best before it, so the first of equals stays (ascending values, features in the order they are tried).
 */
export const splitSearch = (matrix: RankedMatrix, node: NodeRows, classes: number): SplitSearch => {
  const { ranks, values, starts } = matrix;
  const sorter = pairSorter(node.rows.length);
  const { keys, items } = sorter;
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
  };

  const tryFeature = (feature: number): boolean => {
    const column = feature * matrix.rows;
    let low = 0xffffffff;
    let high = 0;
    for (let i = 0; i < count; i++) {
      const rank = ranks[column + (node.rows[start + i] as number)] as number;
      keys[i] = rank;
      items[i] = node.codes[start + i] as number;
      if (rank < low) low = rank;
      if (rank > high) high = rank;
    }
    const lowest = (starts[feature] as number) + low;
    if (tooClose(values[lowest] as number, values[lowest + high - low] as number)) return false;
    for (let i = 0; i < count; i++) keys[i] = (keys[i] as number) - low;
    sorter.sort(count, high - low);

    for (let k = 0; k < classes; k++) {
      left[k] = 0;
      right[k] = counts[k] as number;
    }
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = squares;
    let key = keys[0] as number;
    for (let i = 0; i + 1 < count; i++) {
      const code = items[i] as number;
      const k = code & 0xffff;
      const w = code >>> 16;
      leftSquares += w * (2 * (left[k] as number) + w);
      rightSquares += w * (w - 2 * (right[k] as number));
      left[k] = (left[k] as number) + w;
      right[k] = (right[k] as number) - w;
      leftWeight += w;
      const next = keys[i + 1] as number;
      if (next === key) continue;
      const a = values[lowest + key] as number;
      const b = values[lowest + next] as number;
      if (!tooClose(a, b)) {
        const score = leftSquares / leftWeight + rightSquares / (weight - leftWeight);
        if (score > best.score) {
          best.feature = feature;
          best.rank = key + low;
          best.threshold = a / 2 + b / 2;
          best.score = score;
        }
      }
      key = next;
    }
    return true;
  };

  return { best, begin, tryFeature };
};
