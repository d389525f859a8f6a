import { describe, expect, it } from 'vitest';
import { featureMatrix } from '../../../../pipeline/baselines/forest/feature-matrix.ts';
import { fitTree } from '../../../../pipeline/baselines/forest/fit-tree.ts';
import { fitsPacked } from '../../../../pipeline/baselines/forest/packed-split.ts';
import { rankMatrix } from '../../../../pipeline/baselines/forest/ranked-matrix.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';

const COLUMNS = 9;

/** Columns with many values, few, some too close to be told apart, and one that never changes. */
const matrixOf = (rows: number) => {
  const random = seededRandom(5, rows);
  const values = Array.from({ length: rows * COLUMNS }, (_, at) => {
    const column = at % COLUMNS;
    if (column === 8) return 3;
    if (column > 5) return 0.5 + random.below(40) * 2 ** -24;
    return column > 2 ? random.below(6) - 3 : random.next() / 2 ** 31 - 1;
  });
  return rankMatrix(featureMatrix(values, rows, COLUMNS));
};

describe('a tree grown with rank, weight and class in one number', () => {
  it.each([
    [2, 30],
    [2, 900],
    [4, 900],
    [11, 3000],
    [2, 3000],
  ])('of %i classes and %i rows is the one grown without', (classes, rows) => {
    const matrix = matrixOf(rows);
    const random = seededRandom(6, rows, classes);
    const labels = Uint16Array.from({ length: rows }, () => random.below(classes));
    const weights = Uint16Array.from({ length: rows }, () => random.below(4));
    const wide = { ...matrix, ranks: Uint32Array.from(matrix.ranks) };
    expect([fitsPacked(matrix, classes, 3), fitsPacked(wide, classes, 3)]).toEqual([true, false]);
    const grown = (over: typeof matrix) =>
      fitTree({ matrix: over, labels, classes, weights }, { maxFeatures: 3, random: seededRandom(7) });
    const tree = grown(matrix);
    expect(tree).toEqual(grown(wide));
    expect(tree.feature.length).toBeGreaterThan(10);
  });

  it('is not tried where a weight or a class would not fit', () => {
    const matrix = matrixOf(10);
    expect([fitsPacked(matrix, 16, 4095), fitsPacked(matrix, 17, 1), fitsPacked(matrix, 2, 4096)]).toEqual([
      ...[true, false, false],
    ]);
  });
});

describe('how far apart ranks of a column must lie to be told apart for certain', () => {
  it('is one where no two values are too close, and one more than the widest run of those that are', () => {
    const close = [0.5, 0.5 + 2 ** -24, 0.5 + 2 ** -23, 0.75, 0.25];
    const { sure } = rankMatrix(featureMatrix([...close.flatMap((value, at) => [value, at])], close.length, 2));
    expect([...sure]).toEqual([3, 1]);
  });
});
