import type { FeatureMatrix } from './feature-matrix.ts';
import type { RankedMatrix } from './ranked-matrix.ts';

/**
 * A classification tree as arrays over its nodes, in preorder: node 0 is the root, a left child follows its parent.
 * The arrays can be handed between threads without copying.
 */
export interface Tree {
  readonly classes: number;
  /** Column that a node asks about; -1 in a leaf. */
  readonly feature: Int32Array;
  /** A row goes left when its float32 value is at most this double; 0 in a leaf. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Weight of each class in a node: `counts[node * classes + class]`. */
  readonly counts: Uint32Array;
  /** Different rows in a node. */
  readonly samples: Uint32Array;
}

/** Weight of all rows in a node. */
export const nodeWeight = (tree: Tree, node: number): number => {
  let weight = 0;
  for (let k = 0; k < tree.classes; k++) weight += tree.counts[node * tree.classes + k] as number;
  return weight;
};

/** Gini impurity of a node: 1 - sum of squared shares. */
export const nodeImpurity = (tree: Tree, node: number): number => {
  const weight = nodeWeight(tree, node);
  let impurity = 1;
  for (let k = 0; k < tree.classes; k++) {
    const share = (tree.counts[node * tree.classes + k] as number) / weight;
    impurity -= share * share;
  }
  return impurity;
};

/** Levels below the root. */
export const treeDepth = (tree: Tree): number => {
  const depth = new Uint32Array(tree.feature.length);
  let deepest = 0;
  for (let node = 0; node < tree.feature.length; node++) {
    if ((tree.feature[node] as number) < 0) continue;
    const below = (depth[node] as number) + 1;
    depth[tree.left[node] as number] = below;
    depth[tree.right[node] as number] = below;
    if (below > deepest) deepest = below;
  }
  return deepest;
};

const valuesOf = (matrix: FeatureMatrix | RankedMatrix): ((column: number, row: number) => number) => {
  const { rows } = matrix;
  if ('data' in matrix) {
    const { data } = matrix;
    return (column, row) => data[column * rows + row] as number;
  }
  const { ranks, values, starts } = matrix;
  return (column, row) => values[(starts[column] as number) + (ranks[column * rows + row] as number)] as number;
};

/**
 * Adds, for each of `rows` of the matrix, the class shares of the leaf it ends in.
 * @param shares rows.length x classes, row after row; added to
 */
export const addLeafShares = (
  tree: Tree,
  matrix: FeatureMatrix | RankedMatrix,
  rows: ArrayLike<number>,
  shares: Float64Array,
): void => {
  const { classes, feature, threshold, left, right, counts } = tree;
  const valueAt = valuesOf(matrix);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    let node = 0;
    for (let f = feature[0] as number; f >= 0; f = feature[node] as number) {
      const value = valueAt(f, row);
      node = (value <= (threshold[node] as number) ? left[node] : right[node]) as number;
    }
    const weight = nodeWeight(tree, node);
    for (let k = 0; k < classes; k++) {
      const at = i * classes + k;
      shares[at] = (shares[at] as number) + (counts[node * classes + k] as number) / weight;
    }
  }
};
