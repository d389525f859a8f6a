import { setImmediate } from 'node:timers/promises';
import { type Fold, provenDisjoint } from '../labels/folds.ts';
import { painCode } from '../labels/pain.ts';
import type { BaselineKey } from '../published/baselines.ts';
import { besidePublished, type PublishedComparison } from './beside-published.ts';
import { type Evaluation, evaluate, type PatientFacts, type Prediction } from './evaluate.ts';
import type { FeatureMatrix } from './forest/feature-matrix.ts';
import { FOREST_TREES, forestProbabilities, forestTree, likeliestClasses } from './forest/random-forest.ts';
import { rankMatrix } from './forest/ranked-matrix.ts';
import type { Tree } from './forest/tree.ts';

/** How a run is made, whatever its forests read. */
export interface ForestRunOptions {
  readonly patients: readonly PatientFacts[];
  /** All folds of the study. */
  readonly folds: readonly Fold[];
  /** Numbers of the folds to run; all without it. */
  readonly only?: readonly number[];
  readonly classes: 2 | 4;
  /** 0 to 4294967295. */
  readonly seed: number;
  /** Trees in each forest; 100, as in the paper, without it. */
  readonly trees?: number;
  /** Called after every tree. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Looked at before every tree. */
  readonly signal?: AbortSignal;
}

export interface RunProgress {
  /** Trees grown, of all in the run. */
  readonly done: number;
  readonly total: number;
  /** Number of the fold at work. */
  readonly fold: number;
}

export interface FoldResult {
  readonly number: number;
  readonly testPatients: readonly string[];
  readonly trainRows: number;
  readonly testRows: number;
  /** Mean over the fold's test patients; null where none of them has rows. */
  readonly accuracy: number | null;
}

/** What every experiment gives. */
export interface BaselineResult {
  readonly experiment: BaselineKey;
  readonly classes: 2 | 4;
  readonly seed: number;
  readonly folds: readonly FoldResult[];
  readonly evaluation: Evaluation;
  readonly published: PublishedComparison;
}

export interface ForestResult extends BaselineResult {
  readonly trees: number;
}

/**
 * For each fold a random forest learns from the rows of the other folds' patients and predicts the pain of those
 * withheld (paper, section 4). Gives way to other work after every tree.
 * @param rows patient of each row of the matrix
 * @throws RangeError if the folds share a patient, a patient with rows is in no fold or unknown, a fold to be run does
 *   not exist or leaves nothing to learn from, or the seed is out of range; the signal's reason when it is aborted
 */
export const runForestExperiment = async (
  experiment: BaselineKey,
  rows: readonly string[],
  matrix: FeatureMatrix,
  options: ForestRunOptions,
): Promise<ForestResult> => {
  const { classes, seed, trees = FOREST_TREES, onProgress, signal } = options;
  if (!provenDisjoint(options.folds).disjoint) throw new RangeError('The folds are not disjoint');
  const folds = options.folds.filter(({ number }) => options.only?.includes(number) ?? true);
  const missing = options.only?.find((wanted) => !folds.some(({ number }) => number === wanted));
  if (missing !== undefined || folds.length === 0) throw new RangeError(`There is no fold ${missing ?? ''}`.trim());

  const facts = new Map(options.patients.map((known) => [known.patient, known]));
  const inFolds = new Set(options.folds.flatMap(({ testPatients }) => testPatients));
  const outside = rows.find((patient) => !inFolds.has(patient));
  if (outside !== undefined) throw new RangeError(`Patient ${outside} is in no fold`);
  const labels = Uint16Array.from(rows, (patient) => {
    const known = facts.get(patient);
    if (known === undefined) throw new RangeError(`Nothing is known of patient ${patient}`);
    return painCode(known.painLevel, classes);
  });
  const ranked = rankMatrix(matrix);

  const predictions: Prediction[] = [];
  const results: Omit<FoldResult, 'accuracy'>[] = [];
  for (const [at, fold] of folds.entries()) {
    const withheld = new Set(fold.testPatients);
    const isTest = (row: number): boolean => withheld.has(rows[row] ?? '');
    const train = Uint32Array.from(rows.keys()).filter((row) => !isTest(row));
    const test = Uint32Array.from(rows.keys()).filter(isTest);
    const { number, testPatients } = fold;
    results.push({ number, testPatients, trainRows: train.length, testRows: test.length });
    const problem = { matrix: ranked, labels, classes, rows: train, seed, stream: number };
    const forest: Tree[] = [];
    for (let index = 0; index < trees; index++) {
      await setImmediate();
      signal?.throwIfAborted();
      forest.push(forestTree(problem, index));
      onProgress?.({ done: at * trees + index + 1, total: folds.length * trees, fold: number });
    }
    const predicted = likeliestClasses(forestProbabilities(forest, matrix, test), classes);
    test.forEach((row, i) => {
      predictions.push({ patient: rows[row] as string, predicted: predicted[i] as number });
    });
  }

  const evaluation = evaluate(predictions, options.patients, classes);
  const accuracyOf = (codes: readonly string[]): number | null => {
    const own = evaluation.byPatient.filter(({ patient }) => codes.includes(patient));
    return own.length === 0 ? null : own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length;
  };
  return {
    experiment,
    classes,
    seed,
    trees,
    folds: results.map((result) => ({ ...result, accuracy: accuracyOf(result.testPatients) })),
    evaluation,
    published: besidePublished(evaluation, experiment),
  };
};
