import { setImmediate } from 'node:timers/promises';
import type { BaselineKey } from '../published/baselines.ts';
import { type BaselineResult, type RunOptions, runExperiment } from './experiment.ts';
import type { FeatureMatrix } from './forest/feature-matrix.ts';
import { coresAtHand, type ForestThreads, forestThreads } from './forest/forest-threads.ts';
import {
  FOREST_TREES,
  type ForestProblem,
  forestProbabilities,
  forestTree,
  likeliestClasses,
} from './forest/random-forest.ts';
import { rankInPlace } from './forest/ranked-matrix.ts';
import type { Tree } from './forest/tree.ts';

export interface ForestRunOptions extends RunOptions {
  /** Trees in each forest; 100, as in the paper, without it. */
  readonly trees?: number;
  /** Threads that grow trees; without it two, or as many as there are cores, where there is enough to do. The result is the same. */
  readonly threads?: number;
}

export interface ForestResult extends BaselineResult {
  readonly trees: number;
}

/** Cells of a matrix from which starting threads is worth it: below, a whole forest takes less than they do. */
const MANY_CELLS = 1_000_000;

const threadsFor = ({ rows, columns }: FeatureMatrix): number =>
  rows * columns < MANY_CELLS ? 0 : Math.min(2, coresAtHand());

/**
 * For each fold a random forest learns from the rows of the other folds' patients and predicts the pain of those
 * withheld. Large ones are grown by threads over one shared matrix; small ones here, giving way to other work after every tree.
 * @param rows patient of each row of the matrix
 * @param matrix used up: its memory holds something else afterwards
 * @throws RangeError as `runExperiment`, if a fold leaves nothing to learn from, or the seed is out of range; the
 *   signal's reason when it is aborted
 */
export const runForestExperiment = async (
  experiment: BaselineKey,
  rows: readonly string[],
  matrix: FeatureMatrix,
  options: ForestRunOptions,
): Promise<ForestResult> => {
  const { classes, seed, trees = FOREST_TREES, onProgress, signal } = options;
  const ranked = rankInPlace(matrix);
  const count = options.threads ?? threadsFor(matrix);
  const threads: ForestThreads | null = count > 0 ? forestThreads(ranked, count, signal) : null;
  const grown = async (problem: ForestProblem, onTree: () => void): Promise<Tree[]> => {
    if (threads !== null) return threads.grow(problem, trees, onTree);
    const forest: Tree[] = [];
    for (let index = 0; index < trees; index++) {
      await setImmediate();
      signal?.throwIfAborted();
      forest.push(forestTree(problem, index));
      onTree();
    }
    return forest;
  };
  try {
    const result = await runExperiment(
      experiment,
      rows,
      options,
      async ({ number, train, test }, labels, { index: at, of }) => {
        const problem = { labels, classes, rows: train, seed, stream: number };
        let done = at * trees;
        const forest = await grown({ ...problem, matrix: ranked }, () =>
          onProgress?.({ done: ++done, total: of * trees, fold: number }),
        );
        return likeliestClasses(forestProbabilities(forest, ranked, test), classes);
      },
    );
    return { ...result, trees };
  } finally {
    await threads?.stop();
  }
};
