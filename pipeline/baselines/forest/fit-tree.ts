import type { SeededRandom } from '../../labels/seeded-random.ts';
import { splitSearch } from './best-split.ts';
import { fitsPacked, packedSplitSearch } from './packed-split.ts';
import type { RankedMatrix } from './ranked-matrix.ts';
import type { Tree } from './tree.ts';

/** What a tree learns from. Everything in it is only read, so threads may share it. */
export interface TreeTraining {
  readonly matrix: RankedMatrix;
  /** Class of each row, 0 to `classes` - 1. A class that no row has changes nothing. */
  readonly labels: Uint16Array;
  readonly classes: number;
  /** How often each row counts; rows of weight 0 take no part. At most 65,535. */
  readonly weights: Uint16Array;
}

export interface TreeOptions {
  /** Features drawn at a node, 1 to the number of columns. */
  readonly maxFeatures: number;
  /** Levels below the root; without it a tree grows until its leaves are pure or cannot be split. */
  readonly maxDepth?: number;
  readonly random: SeededRandom;
}

/** The first `maxFeatures` columns of a fresh draw at each node, and more while all of those were constant. */
const drawFeatures = (
  columns: Uint32Array,
  maxFeatures: number,
  random: SeededRandom,
  tryFeature: (feature: number) => boolean,
): void => {
  let informative = 0;
  for (let drawn = 0; drawn < columns.length && (drawn < maxFeatures || informative === 0); drawn++) {
    const at = drawn + random.below(columns.length - drawn);
    const feature = columns[at] as number;
    columns[at] = columns[drawn] as number;
    columns[drawn] = feature;
    if (tryFeature(feature)) informative++;
  }
};

/**
 * Grows a classification tree (CART, Gini) by the rules of scikit-learn's DecisionTreeClassifier with its defaults: a node is a
 * leaf when it is pure, holds one row, lies at `maxDepth`, or when every feature is constant in it; a split that gains nothing is
 * still made. Features are drawn without replacement, constant ones count. The random stream is our own.
 * @throws RangeError if no row has a weight, a label is no class, or sizes do not fit together
 */
export const fitTree = (training: TreeTraining, options: TreeOptions): Tree => {
  const { matrix, labels, classes, weights } = training;
  const { maxFeatures, maxDepth = Infinity, random } = options;
  if (labels.length !== matrix.rows || weights.length !== matrix.rows)
    throw new RangeError('A label and a weight a row');
  if (!Number.isInteger(maxFeatures) || maxFeatures < 1 || maxFeatures > matrix.columns) {
    throw new RangeError(`${maxFeatures} features cannot be drawn out of ${matrix.columns}`);
  }
  const size = weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
  if (size === 0) throw new RangeError('There is no row to learn from');

  const rows = new Uint32Array(size);
  const codes = new Uint32Array(size);
  for (let row = 0, at = 0; row < matrix.rows; row++) {
    const weight = weights[row] as number;
    if (weight === 0) continue;
    const label = labels[row] as number;
    if (label >= classes) throw new RangeError(`The label ${label} of row ${row} is none of ${classes} classes`);
    rows[at] = row;
    codes[at++] = ((weight << 16) | label) >>> 0;
  }

  // A tree over n rows has at most n leaves.
  const feature = new Int32Array(2 * size - 1).fill(-1);
  const threshold = new Float64Array(2 * size - 1);
  const left = new Int32Array(2 * size - 1).fill(-1);
  const right = new Int32Array(2 * size - 1).fill(-1);
  const counts = new Uint32Array((2 * size - 1) * classes);
  const samples = new Uint32Array(2 * size - 1);

  /** Puts the rows of a node that go left before the others; the place where the others begin. */
  const partition = (start: number, end: number, column: number, rank: number): number => {
    const offset = column * matrix.rows;
    let low = start;
    let high = end;
    while (low < high) {
      const row = rows[low] as number;
      if ((matrix.ranks[offset + row] as number) <= rank) {
        low++;
        continue;
      }
      const code = codes[low] as number;
      high--;
      rows[low] = rows[high] as number;
      codes[low] = codes[high] as number;
      rows[high] = row;
      codes[high] = code;
    }
    return low;
  };

  const highestWeight = weights.reduce((highest, weight) => Math.max(highest, weight), 0);
  const searchBy = fitsPacked(matrix, classes, highestWeight) ? packedSplitSearch : splitSearch;
  const search = searchBy(matrix, { rows, codes }, classes);
  const columns = Uint32Array.from({ length: matrix.columns }, (_, column) => column);
  let nodes = 0;
  // Depth first, left before right; a right child is waiting while everything left of it is grown.
  const waiting = [{ start: 0, end: size, depth: 0, parent: -1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { start, end, depth, parent } = next;
    const node = nodes++;
    if (parent >= 0) {
      if (parent === node - 1) left[parent] = node;
      else right[parent] = node;
    }
    const own = counts.subarray(node * classes, (node + 1) * classes);
    let weight = 0;
    for (let i = start; i < end; i++) {
      const code = codes[i] as number;
      own[code & 0xffff] = (own[code & 0xffff] as number) + (code >>> 16);
      weight += code >>> 16;
    }
    samples[node] = end - start;
    if (end - start < 2 || depth >= maxDepth || own.includes(weight)) continue;

    search.begin(start, end, own, weight);
    drawFeatures(columns, maxFeatures, random, search.tryFeature);
    const { best } = search;
    if (best.feature < 0) continue;
    feature[node] = best.feature;
    threshold[node] = best.threshold;
    const middle = partition(start, end, best.feature, best.rank);
    waiting.push({ start: middle, end, depth: depth + 1, parent: node });
    waiting.push({ start, end: middle, depth: depth + 1, parent: node });
  }
  return {
    classes,
    feature: feature.slice(0, nodes),
    threshold: threshold.slice(0, nodes),
    left: left.slice(0, nodes),
    right: right.slice(0, nodes),
    counts: counts.slice(0, nodes * classes),
    samples: samples.slice(0, nodes),
  };
};
