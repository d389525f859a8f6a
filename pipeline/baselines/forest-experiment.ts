import { setImmediate } from 'node:timers/promises';
import type { BaselineKey } from '../published/baselines.ts';
import { type BaselineResult, type RunOptions, runExperiment } from './experiment.ts';
import type { FeatureMatrix } from './forest/feature-matrix.ts';
import { FOREST_TREES, forestProbabilities, forestTree, likeliestClasses } from './forest/random-forest.ts';
import { rankMatrix } from './forest/ranked-matrix.ts';
import type { Tree } from './forest/tree.ts';

export interface ForestRunOptions extends RunOptions {
  /** Trees in each forest; 100, as in the paper, without it. */
  readonly trees?: number;
}

export interface ForestResult extends BaselineResult {
  readonly trees: number;
}

/**
 * For each fold a random forest learns from the rows of the other folds' patients and predicts the pain of those
 * withheld. Gives way to other work after every tree.
 * @param rows patient of each row of the matrix
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
  const ranked = rankMatrix(matrix);
  const result = await runExperiment(
    experiment,
    rows,
    options,
    async ({ number, train, test }, labels, { index: at, of }) => {
      const problem = { matrix: ranked, labels, classes, rows: train, seed, stream: number };
      const forest: Tree[] = [];
      for (let index = 0; index < trees; index++) {
        await setImmediate();
        signal?.throwIfAborted();
        forest.push(forestTree(problem, index));
        onProgress?.({ done: at * trees + index + 1, total: of * trees, fold: number });
      }
      return likeliestClasses(forestProbabilities(forest, matrix, test), classes);
    },
  );
  return { ...result, trees };
};
