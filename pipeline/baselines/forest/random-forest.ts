import { seededRandom } from '../../labels/seeded-random.ts';
import type { FeatureMatrix } from './feature-matrix.ts';
import { fitTree } from './fit-tree.ts';
import type { RankedMatrix } from './ranked-matrix.ts';
import { addLeafShares, type Tree } from './tree.ts';

/**
 * What a forest learns, and from which rows. Only read, so threads may share it: tree t depends on nothing but the problem
 * and t, whoever grows it and in whatever order.
 */
export interface ForestProblem {
  readonly matrix: RankedMatrix;
  /** Class of each row of the matrix, 0 to `classes` - 1. */
  readonly labels: Uint16Array;
  readonly classes: number;
  /** Rows to learn from. */
  readonly rows: Uint32Array;
  /** 0 to 4294967295. */
  readonly seed: number;
  /** Which forest of the seed, such as the number of the fold; 0 without it. */
  readonly stream?: number;
}

/** Trees of the paper's forests (section 4). */
export const FOREST_TREES = 100;

/** Features drawn at a node: the square root of their number, rounded down, at least 1. */
export const featuresPerNode = (columns: number): number => Math.max(1, Math.floor(Math.sqrt(columns)));

/**
 * Tree `index` of a forest: as many rows drawn with replacement as there are, the draws counted as weights, and a tree grown on them.
 * @throws RangeError if there are no rows or the seed is out of range
 */
export const forestTree = (problem: ForestProblem, index: number): Tree => {
  const { matrix, labels, classes, rows, seed, stream = 0 } = problem;
  if (rows.length === 0) throw new RangeError('There is no row to learn from');
  const random = seededRandom(seed, stream, index);
  const weights = new Uint16Array(matrix.rows);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[random.below(rows.length)] as number;
    weights[row] = (weights[row] as number) + 1;
  }
  return fitTree({ matrix, labels, classes, weights }, { maxFeatures: featuresPerNode(matrix.columns), random });
};

/** A whole forest, grown in this thread. */
export const fitForest = (problem: ForestProblem, trees = FOREST_TREES): Tree[] =>
  Array.from({ length: trees }, (_, index) => forestTree(problem, index));

/**
 * Probability of each class for rows of a matrix: the mean over trees of the shares in the leaves they end in.
 * @returns rows.length x classes, row after row
 * @throws RangeError for a forest without trees
 */
export const forestProbabilities = (
  forest: readonly Tree[],
  matrix: FeatureMatrix | RankedMatrix,
  rows: ArrayLike<number>,
): Float64Array => {
  const classes = forest[0]?.classes;
  if (classes === undefined) throw new RangeError('A forest without trees predicts nothing');
  const shares = new Float64Array(rows.length * classes);
  for (const tree of forest) addLeafShares(tree, matrix, rows, shares);
  return shares.map((share) => share / forest.length);
};

/** The likeliest class of each row of `probabilities`; of equals the lowest. */
export const likeliestClasses = (probabilities: Float64Array, classes: number): Uint16Array => {
  const predicted = new Uint16Array(probabilities.length / classes);
  for (let row = 0; row < predicted.length; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if ((probabilities[row * classes + k] as number) > (probabilities[row * classes + best] as number)) best = k;
    }
    predicted[row] = best;
  }
  return predicted;
};
