import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureMatrix } from '../../../../pipeline/baselines/forest/feature-matrix.ts';
import { fitTree } from '../../../../pipeline/baselines/forest/fit-tree.ts';
import { rankMatrix } from '../../../../pipeline/baselines/forest/ranked-matrix.ts';
import {
  addLeafShares,
  nodeImpurity,
  nodeWeight,
  type Tree,
  treeDepth,
} from '../../../../pipeline/baselines/forest/tree.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';
import { parityWith } from '../../../support/parity.ts';
import { hasShared, sharedPath } from '../../../support/shared.ts';
import { goldenTable, numbers, SCORE_COLUMNS } from './golden.ts';

interface Nested {
  n_node_samples: number;
  weight: number;
  value: number[];
  impurity: number;
  feature?: number;
  threshold?: number;
  left?: Nested;
  right?: Nested;
}

/** A tree as the nested objects of the golden files, impurities to twelve digits. */
const nested = (tree: Tree, node = 0): Nested => {
  const own = {
    n_node_samples: tree.samples[node] as number,
    weight: nodeWeight(tree, node),
    value: [...tree.counts.subarray(node * tree.classes, (node + 1) * tree.classes)],
    impurity: Number(nodeImpurity(tree, node).toFixed(12)),
  };
  const feature = tree.feature[node] as number;
  if (feature < 0) return own;
  const threshold = tree.threshold[node] as number;
  const [left, right] = [tree.left[node] as number, tree.right[node] as number];
  return { ...own, feature, threshold, left: nested(tree, left), right: nested(tree, right) };
};

const rounded = (node: Nested): Nested => ({
  ...node,
  impurity: Number(node.impurity.toFixed(12)),
  ...(node.left && { left: rounded(node.left) }),
  ...(node.right && { right: rounded(node.right) }),
});

interface Rows {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly weights?: readonly number[];
}

/** A tree that looks at every feature in every node, so that chance decides nothing but between equals. */
const grow = ({ x, y, weights }: Rows, classes: number, maxDepth?: number, seed = 1): Tree => {
  const columns = x[0]?.length ?? 0;
  return fitTree(
    {
      matrix: rankMatrix(featureMatrix(x.flat(), x.length, columns)),
      labels: Uint16Array.from(y),
      classes,
      weights: Uint16Array.from(weights ?? y.map(() => 1)),
    },
    { maxFeatures: columns, random: seededRandom(seed), ...(maxDepth === undefined ? {} : { maxDepth }) },
  );
};

const shares = (tree: Tree, x: readonly (readonly number[])[]): number[] => {
  const matrix = featureMatrix(x.flat(), x.length, x[0]?.length ?? 0);
  const result = new Float64Array(x.length * tree.classes);
  addLeafShares(tree, matrix, [...x.keys()], result);
  return [...result];
};

/** The best score of a node by trying every split in whole numbers (BigInt cross products), for comparison. */
const bestGain = (x: readonly (readonly number[])[], y: readonly number[], classes: number): [bigint, bigint] => {
  let best: [bigint, bigint] = [-1n, 1n];
  for (let column = 0; column < (x[0]?.length ?? 0); column++) {
    for (const cut of new Set(x.map((row) => row[column] as number))) {
      const sides = [true, false].map((isLeft) => {
        const own = y.filter((_, i) => (x[i]?.[column] as number) <= cut === isLeft);
        const squares = Array.from(
          { length: classes },
          (_, k) => BigInt(own.filter((label) => label === k).length) ** 2n,
        );
        return [squares.reduce((a, b) => a + b, 0n), BigInt(own.length)] as const;
      });
      const [[a = 0n, b = 0n] = [], [c = 0n, d = 0n] = []] = sides;
      if (d === 0n) continue;
      const score: [bigint, bigint] = [a * d + c * b, b * d];
      if (score[0] * best[1] > best[0] * score[1]) best = score;
    }
  }
  return best;
};

describe('a tree', () => {
  it('splits halfway between neighbours, left up to the threshold, until its leaves are pure', () => {
    expect(nested(grow({ x: [[1], [2], [4], [8]], y: [0, 0, 1, 1] }, 2))).toEqual({
      n_node_samples: 4,
      weight: 4,
      value: [2, 2],
      impurity: 0.5,
      feature: 0,
      threshold: 3,
      left: { n_node_samples: 2, weight: 2, value: [2, 0], impurity: 0 },
      right: { n_node_samples: 2, weight: 2, value: [0, 2], impurity: 0 },
    });
  });

  it('sends a row exactly at the threshold left', () => {
    const tree = grow({ x: [[1], [3]], y: [0, 1] }, 2);
    expect(shares(tree, [[2], [2.0000002]])).toEqual([1, 0, 0, 1]);
  });

  it('still makes a split that gains nothing, as for the exclusive or', () => {
    const tree = grow(
      {
        x: [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        y: [0, 1, 1, 0],
      },
      2,
    );
    expect([...tree.counts].slice(0, 2)).toEqual([2, 2]);
    expect(tree.feature.length).toBe(7);
    expect(treeDepth(tree)).toBe(2);
  });

  it('leaves rows together that no feature tells apart, with their shares', () => {
    const x = [
      [5, 1],
      [5, 1],
      [5, 1],
      [6, 1],
    ];
    expect(shares(grow({ x, y: [0, 1, 1, 2] }, 3), x)).toEqual([
      ...[1 / 3, 2 / 3, 0],
      ...[1 / 3, 2 / 3, 0],
      ...[1 / 3, 2 / 3, 0],
      ...[0, 0, 1],
    ]);
  });

  it('does not tell values apart that a ten-millionth added in float32 bridges', () => {
    // Seen in scikit-learn 1.9.1: of the float32 values above 0.5, 6.0e-8 apart, the third is the first that is split from it.
    const ulp = 2 ** -24;
    const nodes = [1, 2, 3].map((steps) => grow({ x: [[0.5], [0.5 + steps * ulp]], y: [0, 1] }, 2).feature.length);
    expect(nodes).toEqual([1, 1, 3]);
    expect(grow({ x: [[0.5], [0.5 + 3 * ulp]], y: [0, 1] }, 2).threshold[0]).toBe(0.5 + 1.5 * ulp);
  });

  it('compares neighbours, so that a chain of close values is never cut', () => {
    const ulp = 2 ** -24;
    const x = [0, 1, 2, 3, 4].map((step) => [0.5 + step * ulp]);
    expect(grow({ x, y: [0, 0, 1, 1, 1] }, 2).feature.length).toBe(1);
  });

  it('takes 0 and -0, and values equal in float32, for one value', () => {
    expect(grow({ x: [[0], [-0], [0]], y: [0, 1, 1] }, 2).feature.length).toBe(1);
    expect(grow({ x: [[16_777_216], [16_777_217]], y: [0, 1] }, 2).feature.length).toBe(1);
  });

  it('orders negative values below positive ones', () => {
    const tree = grow({ x: [[-3], [-1], [2], [0]], y: [0, 0, 1, 1] }, 2);
    expect([tree.threshold[0], tree.feature.length]).toEqual([-0.5, 3]);
  });

  it('counts a row of weight 3 as three, and one of weight 0 not at all', () => {
    const tree = grow({ x: [[1], [2], [3]], y: [0, 1, 0], weights: [3, 1, 0] }, 2);
    expect(nested(tree)).toMatchObject({
      n_node_samples: 2,
      weight: 4,
      value: [3, 1],
      impurity: 0.375,
      threshold: 1.5,
    });
  });

  it('stops at the depth it is given', () => {
    const x = Array.from({ length: 16 }, (_, i) => [i]);
    expect(treeDepth(grow({ x, y: x.map((_, i) => i % 2) }, 2, 3))).toBe(3);
  });

  it('cuts every node where an exhaustive search would, for any small data', () => {
    const data = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 9 }))
      .chain(([columns, rows, range]) =>
        fc.record({
          x: fc.array(fc.array(fc.nat(range), { minLength: columns, maxLength: columns }), {
            minLength: rows,
            maxLength: rows,
          }),
          y: fc.array(fc.nat(2), { minLength: rows, maxLength: rows }),
        }),
      );
    fc.assert(
      fc.property(data, fc.nat(), ({ x, y }, seed) => {
        const tree = grow({ x, y }, 3, undefined, seed);
        const check = (node: number, rows: number[]): void => {
          const own = rows.map((row) => x[row] as number[]);
          const labels = rows.map((row) => y[row] as number);
          expect(tree.samples[node]).toBe(rows.length);
          const feature = tree.feature[node] as number;
          const [gain, over] = bestGain(own, labels, 3);
          if (feature < 0) {
            expect(new Set(labels).size === 1 || gain < 0n).toBe(true);
            return;
          }
          const goesLeft = (row: number) => (x[row]?.[feature] as number) <= (tree.threshold[node] as number);
          const sides = [rows.filter(goesLeft), rows.filter((row) => !goesLeft(row))];
          const [a, b] = sides.map((side) => {
            const own = [0, 1, 2].map((k) => BigInt(side.filter((row) => y[row] === k).length) ** 2n);
            return [own.reduce((p, q) => p + q, 0n), BigInt(side.length)] as const;
          }) as [readonly [bigint, bigint], readonly [bigint, bigint]];
          // Equal to the best, in fractions.
          expect((a[0] * b[1] + b[0] * a[1]) * over === gain * (a[1] * b[1])).toBe(true);
          check(tree.left[node] as number, sides[0] as number[]);
          check(tree.right[node] as number, sides[1] as number[]);
        };
        check(0, [...x.keys()]);
      }),
      { seed: 3, numRuns: 150 },
    );
  });

  it('is the same however its values are sorted: many rows and few values, or all different', () => {
    const random = seededRandom(5);
    const x = Array.from({ length: 600 }, () => [random.below(4), random.below(2 ** 20), random.below(300)]);
    const y = x.map(([a = 0, b = 0]) => Number(a * 300_000 + b > 900_000));
    const tree = grow({ x, y }, 2);
    const predicted = shares(tree, x);
    expect(y.every((label, i) => predicted[2 * i + label] === 1)).toBe(true);
    // Values turned into their squares keep their order, so the tree keeps its shape.
    const squared = grow({ x: x.map((row) => row.map((value) => value * value)), y }, 2);
    expect([...squared.feature]).toEqual([...tree.feature]);
    expect([...squared.counts]).toEqual([...tree.counts]);
  });

  it.each([
    ['no rows', { x: [[1]], y: [0], weights: [0] }],
    ['a label that is no class', { x: [[1], [2]], y: [0, 2] }],
    ['a value that is not a number', { x: [[1], [Number.NaN]], y: [0, 1] }],
    ['a value beyond float32', { x: [[1], [1e39]], y: [0, 1] }],
  ])('is refused for %s', (_, rows) => {
    expect(() => grow(rows, 2)).toThrow(RangeError);
  });
});

describe.skipIf(!hasShared)('scikit-learn’s trees (skipped where ../shared is absent)', () => {
  const file = (name: string): Nested => JSON.parse(readFileSync(sharedPath('golden/forests', name), 'utf8')).tree;
  const four = ['x0', 'x1', 'x2', 'x3'];
  const cut = (list: number[], width: number) =>
    Array.from({ length: list.length / width }, (_, i) => list.slice(i * width, (i + 1) * width));

  it.each([
    ['tree_small.json', 'p', false],
    ['tree_small_weighted.json', 'weighted_p', true],
  ])('%s is reproduced node for node, with its leaf shares', (name, prefix, weighted) => {
    const rows = goldenTable('tree_small.tsv');
    const x = cut(numbers(rows, four), 4);
    const y = numbers(rows, ['class']);
    const tree = grow({ x, y, ...(weighted && { weights: numbers(rows, ['weight']) }) }, 3);
    expect(nested(tree)).toEqual(rounded(file(name)));
    const asked = goldenTable('tree_small_proba.tsv');
    const wanted = numbers(
      asked,
      [0, 1, 2].map((k) => `${prefix}${k}`),
    );
    const parity = parityWith('forests/tree_small.tsv', `leaf shares of ${name}`, Number.MIN_VALUE);
    shares(tree, cut(numbers(asked, four), 4)).forEach((share, i) => {
      parity.add(share - wanted[i]!);
    });
    parity.end();
  });

  it.each([2, 4])('tree_scores_%s.json is reproduced node for node, with its leaf shares', (classes) => {
    const rows = goldenTable('tree_scores.tsv');
    const x = cut(numbers(rows, SCORE_COLUMNS), 12);
    const y = numbers(rows, [`class${classes}`]);
    const weights = rows.map((row) => (row.fold === '1' ? 0 : 1));
    const tree = grow({ x, y, weights }, classes, 4);
    expect(nested(tree)).toEqual(rounded(file(`tree_scores_${classes}.json`)));
    const asked = goldenTable('tree_scores_proba.tsv');
    const columns = Array.from({ length: classes }, (_, k) => `${classes === 2 ? 'two' : 'four'}_p${k}`);
    const predicted = shares(
      tree,
      asked.map((row) => x[Number(row.row)] as number[]),
    );
    const parity = parityWith('forests/tree_scores_proba.tsv', `leaf shares of ${classes} classes`, 1e-12);
    numbers(asked, columns).forEach((share, i) => {
      parity.add(predicted[i]! - share);
    });
    parity.end();
  });
});
