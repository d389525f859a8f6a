import { describe, expect, it } from 'vitest';
import { featureMatrix } from '../../../../pipeline/baselines/forest/feature-matrix.ts';
import { fitTree } from '../../../../pipeline/baselines/forest/fit-tree.ts';
import {
  type ForestProblem,
  featuresPerNode,
  fitForest,
  forestProbabilities,
  forestTree,
  likeliestClasses,
} from '../../../../pipeline/baselines/forest/random-forest.ts';
import { rankMatrix } from '../../../../pipeline/baselines/forest/ranked-matrix.ts';
import { treeDepth } from '../../../../pipeline/baselines/forest/tree.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';
import { parityWith } from '../../../support/parity.ts';
import { hasShared } from '../../../support/shared.ts';
import { goldenLandmarks, goldenTable, mean, numbers } from './golden.ts';

/** Two noisy columns out of four tell two classes apart. */
const noisy = (rows: number, seed: number): ForestProblem => {
  const random = seededRandom(seed);
  const labels = Uint16Array.from({ length: rows }, () => random.below(2));
  const values = [...labels].flatMap((label) => [
    random.below(100) + 40 * label,
    random.below(100),
    random.below(100) - 40 * label,
    7,
  ]);
  const matrix = rankMatrix(featureMatrix(values, rows, 4));
  return { matrix, labels, classes: 2, rows: Uint32Array.from(labels.keys()), seed };
};

describe('a forest', () => {
  it('draws the square root of the features at a node, rounded down, at least one', () => {
    expect([1, 2, 3, 4, 12, 30, 64, 1404].map(featuresPerNode)).toEqual([1, 1, 1, 2, 3, 5, 8, 37]);
  });

  it('is the same for the same seed, and each tree of it whoever grows it and when', () => {
    const problem = noisy(80, 4);
    const forest = fitForest(problem, 6);
    expect(forestTree(problem, 3)).toEqual(forest[3]);
    expect(fitForest(problem, 6)).toEqual(forest);
    expect(forestTree({ ...problem, seed: 5 }, 3)).not.toEqual(forest[3]);
    expect(forestTree({ ...problem, stream: 1 }, 3)).not.toEqual(forest[3]);
    expect(forest[4]).not.toEqual(forest[3]);
  });

  it('gives each tree as many draws as there are rows, about 63 % of them different', () => {
    const problem = noisy(400, 6);
    const forest = fitForest(problem, 50);
    for (const tree of forest) expect((tree.counts[0] as number) + (tree.counts[1] as number)).toBe(400);
    expect(mean(forest.map((tree) => tree.samples[0] as number)) / 400).toBeCloseTo(1 - Math.exp(-1), 2);
  });

  it('learns from the rows it is given and no others', () => {
    const problem = noisy(100, 7);
    const rows = problem.rows.filter((row) => row % 2 === 0);
    const blind = { ...problem, labels: problem.labels.map((label, row) => (row % 2 === 0 ? label : 1 - label)) };
    expect(fitForest({ ...blind, rows }, 5)).toEqual(fitForest({ ...problem, rows }, 5));
  });

  it('grows the same whatever numbers withheld rows hold, though all are ranked together', () => {
    const random = seededRandom(12);
    const values = Array.from({ length: 120 * 3 }, () => random.below(1000) / 7);
    const labels = Uint16Array.from({ length: 120 }, (_, row) => Number((values[row * 3] as number) > 70));
    const rows = Uint32Array.from(labels.keys()).filter((row) => row % 3 > 0);
    const grown = (withheld: (value: number) => number) => {
      const own = values.map((value, at) => (Math.floor(at / 3) % 3 === 0 ? withheld(value) : value));
      return fitForest({ matrix: rankMatrix(featureMatrix(own, 120, 3)), labels, classes: 2, rows, seed: 3 }, 8);
    };
    const forest = grown((value) => value);
    for (const other of [(value: number) => 500 - value, () => 0, (value: number) => value + 0.01])
      expect(grown(other)).toEqual(forest);
  });

  it('counts a constant feature among those drawn, but draws on until one is not constant', () => {
    // Of four columns a is perfect, b weaker, two are constant; two are drawn. a wins when drawn: {a, b} and {a, constant}
    // 3 of 6 pairs, and half of the draws that go on after {constant, constant}: 7/12. Were constants skipped, always.
    const values = Array.from({ length: 20 }, (_, i) => [i, i % 7, 1, 2]).flat();
    const matrix = rankMatrix(featureMatrix(values, 20, 4));
    const labels = Uint16Array.from({ length: 20 }, (_, i) => Number(i >= 10));
    const weights = new Uint16Array(20).fill(1);
    const roots = Array.from({ length: 4000 }, (_, seed) => {
      const options = { maxFeatures: 2, maxDepth: 1, random: seededRandom(seed) };
      return fitTree({ matrix, labels, classes: 2, weights }, options).feature[0];
    });
    expect(roots.filter((root) => root === 0).length / 4000).toBeCloseTo(7 / 12, 1);
    expect(roots.filter((root) => root === 1).length / 4000).toBeCloseTo(5 / 12, 1);
  });

  it('takes the mean of shares, not of votes, and of equal classes the lowest', () => {
    const matrix = featureMatrix([0], 1, 1);
    const leaf = (...counts: number[]) => ({
      classes: 2,
      feature: Int32Array.of(-1),
      threshold: Float64Array.of(0),
      left: Int32Array.of(-1),
      right: Int32Array.of(-1),
      counts: Uint32Array.from(counts),
      samples: Uint32Array.of(4),
    });
    // Two trees of three lean to class 0, but less than the third leans to class 1.
    const shares = forestProbabilities([leaf(5, 3), leaf(5, 3), leaf(0, 8)], matrix, [0]);
    expect([...shares]).toEqual([10 / 8 / 3, 14 / 8 / 3]);
    expect([...likeliestClasses(shares, 2)]).toEqual([1]);
    expect([...likeliestClasses(Float64Array.of(0.2, 0.4, 0.4), 3)]).toEqual([1]);
  });

  it('is unmoved by a class that no row has', () => {
    const problem = noisy(60, 8);
    const matrix = featureMatrix([50, 50, 50, 7], 1, 4);
    const two = forestProbabilities(fitForest(problem, 10), matrix, [0]);
    const three = forestProbabilities(fitForest({ ...problem, classes: 3 }, 10), matrix, [0]);
    expect([...three]).toEqual([...two, 0]);
  });

  it('cannot be grown from nothing, nor predict without trees', () => {
    expect(() => fitForest({ ...noisy(10, 1), rows: new Uint32Array() })).toThrow(RangeError);
    expect(() => forestProbabilities([], featureMatrix([0], 1, 1), [0])).toThrow(RangeError);
  });
});

describe.skipIf(!hasShared)('scikit-learn’s forests (skipped where ../shared is absent)', () => {
  const long = process.env.ISS_SLOW_TESTS !== undefined;

  const load = (name: string) => {
    if (name === 'landmarks') {
      const rows = goldenTable('landmarks_labels.tsv');
      return { rows, values: goldenLandmarks(), columns: 1404 };
    }
    const rows = goldenTable(`${name}.tsv`);
    const columns = Object.keys(rows[0] ?? {}).filter((column) => column.startsWith('x'));
    return { rows, values: numbers(rows, columns), columns: columns.length };
  };

  // Seeds: by default few, with the bound that so few allow (three standard errors of the difference), 20 and the bounds
  // of the golden README with ISS_SLOW_TESTS.
  it.each([
    { name: 'digits', few: 8, accuracyBound: 0.005, truthBound: 0.005 },
    { name: 'breast_cancer', few: 20, accuracyBound: 0.005, truthBound: 0.005 },
    { name: 'landmarks', few: 6, accuracyBound: 0.012, truthBound: 0.005 },
  ])('agree with ours on $name, in accuracy, certainty and size', ({ name, few, accuracyBound, truthBound }) => {
    const { rows, values, columns } = load(name);
    const x = featureMatrix(values, rows.length, columns);
    const matrix = rankMatrix(x);
    const labels = Uint16Array.from(rows, (row) => Number(row.class));
    const classes = Math.max(...labels) + 1;
    const isTest = (row: number) => rows[row]?.test === '1';
    const train = Uint32Array.from(labels.keys()).filter((row) => !isTest(row));
    const test = Uint32Array.from(labels.keys()).filter(isTest);

    const seeds = long ? 20 : few;
    const ours = Array.from({ length: seeds }, (_, seed) => {
      const forest = fitForest({ matrix, labels, classes, rows: train, seed });
      const probabilities = forestProbabilities(forest, x, test);
      const predicted = likeliestClasses(probabilities, classes);
      const truths = [...test].map((row) => labels[row] as number);
      return {
        accuracy: mean(truths.map((truth, i) => Number(predicted[i] === truth))),
        truth: mean(truths.map((truth, i) => probabilities[i * classes + truth] as number)),
        nodes: mean(forest.map((tree) => tree.feature.length)),
        depth: mean(forest.map(treeDepth)),
      };
    });

    const theirs = goldenTable(`${name}_accuracy_1.9.1.tsv`);
    const compare = (what: keyof (typeof ours)[number], column: string, least: number) => {
      const reference = theirs.map((row) => Number(row[column]));
      const sd = Math.sqrt(
        reference.reduce((sum, value) => sum + (value - mean(reference)) ** 2, 0) / (reference.length - 1),
      );
      const bound = Math.max(least, 3 * sd * Math.sqrt(1 / seeds + 1 / reference.length));
      const own = mean(ours.map((one) => one[what]));
      const parity = parityWith(`forests/${name}_accuracy_1.9.1.tsv`, `${column}, mean over ${seeds} seeds`, bound);
      parity.add(own - mean(reference), bound, `ours ${own}, theirs ${mean(reference)}`);
      parity.end();
    };
    compare('accuracy', 'accuracy', accuracyBound);
    compare('truth', 'mean_probability_of_truth', truthBound);
    compare('nodes', 'mean_nodes', 0);
    compare('depth', 'mean_depth', 0);
  }, 300_000);
});
