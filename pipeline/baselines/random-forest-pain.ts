import { setImmediate } from 'node:timers/promises';
import { sexCode, skinTypeCode } from '../labels/demographics.ts';
import { type Fold, provenDisjoint } from '../labels/folds.ts';
import { painCode } from '../labels/pain.ts';
import { SURVEY_ITEMS, type Survey, surveyNumbers } from '../labels/survey.ts';
import { type Timeframe, timeframeCode } from '../labels/timeframe.ts';
import { besidePublished, type PublishedComparison } from './beside-published.ts';
import { type Evaluation, evaluate, type PatientFacts, type Prediction } from './evaluate.ts';
import { type FeatureMatrix, featureMatrix } from './forest/feature-matrix.ts';
import { FOREST_TREES, forestProbabilities, forestTree, likeliestClasses } from './forest/random-forest.ts';
import { rankMatrix } from './forest/ranked-matrix.ts';
import type { Tree } from './forest/tree.ts';

/** A submission as experiment 3 reads it. */
export interface ScoredSubmission {
  readonly patient: string;
  /** `YYYYMMDDTHHMMSS`, true or shifted by whole days: it orders a patient's rows and is no feature. */
  readonly timestamp: string;
  readonly timeframe: Timeframe;
  /** null where the patient gave no survey: nine zeros then, as in the paper (patient 0015). */
  readonly survey: Survey | null;
}

export interface RandomForestPainInput {
  readonly patients: readonly PatientFacts[];
  readonly submissions: readonly ScoredSubmission[];
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

export interface RandomForestPainResult {
  readonly experiment: 'random-forest-pain';
  readonly classes: 2 | 4;
  readonly seed: number;
  readonly trees: number;
  readonly features: readonly string[];
  readonly submissions: number;
  /** Submissions whose survey is absent and counted as zeros. */
  readonly surveysAbsent: number;
  readonly folds: readonly FoldResult[];
  readonly evaluation: Evaluation;
  readonly published: PublishedComparison;
}

/** What the forest reads of a submission, in order. */
export const PAIN_FEATURES: readonly string[] = [...SURVEY_ITEMS, 'sex', 'skin', 'timeframe'];

/** One row a submission, in order of patient and timestamp whatever order they come in: the same data give the same forest. */
const painRows = (
  submissions: readonly ScoredSubmission[],
  facts: ReadonlyMap<string, PatientFacts>,
): { rows: readonly ScoredSubmission[]; matrix: FeatureMatrix } => {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const rows = [...submissions].sort((a, b) => order(a.patient, b.patient) || order(a.timestamp, b.timestamp));
  const values = rows.flatMap(({ patient, survey, timeframe }) => {
    const known = facts.get(patient);
    if (known === undefined) throw new RangeError(`Nothing is known of patient ${patient}`);
    return [...surveyNumbers(survey), sexCode(known.sex), skinTypeCode(known.skinType), timeframeCode(timeframe)];
  });
  return { rows, matrix: featureMatrix(values, rows.length, PAIN_FEATURES.length) };
};

/**
 * Experiment 3 of the paper: for each fold a random forest learns from the submissions of the other folds' patients and predicts
 * the pain of those withheld, from nine scores, sex, skin type and timeframe. Gives way to other work after every tree.
 * @throws RangeError if the folds share a patient, a patient with submissions is in no fold or unknown, a fold to be run does not
 *   exist or leaves nothing to learn from, or the seed is out of range; the signal's reason when it is aborted
 */
export const runRandomForestPain = async (input: RandomForestPainInput): Promise<RandomForestPainResult> => {
  const { classes, seed, trees = FOREST_TREES, onProgress, signal } = input;
  if (!provenDisjoint(input.folds).disjoint) throw new RangeError('The folds are not disjoint');
  const folds = input.folds.filter(({ number }) => input.only?.includes(number) ?? true);
  const missing = input.only?.find((wanted) => !folds.some(({ number }) => number === wanted));
  if (missing !== undefined || folds.length === 0) throw new RangeError(`There is no fold ${missing ?? ''}`.trim());

  const facts = new Map(input.patients.map((known) => [known.patient, known]));
  const { rows, matrix } = painRows(input.submissions, facts);
  const inFolds = new Set(input.folds.flatMap(({ testPatients }) => testPatients));
  const outside = rows.find(({ patient }) => !inFolds.has(patient));
  if (outside !== undefined) throw new RangeError(`Patient ${outside.patient} is in no fold`);
  const ranked = rankMatrix(matrix);
  const labelOf = ({ patient }: ScoredSubmission): number =>
    painCode((facts.get(patient) as PatientFacts).painLevel, classes);
  const labels = Uint16Array.from(rows, labelOf);

  const predictions: Prediction[] = [];
  const results: Omit<FoldResult, 'accuracy'>[] = [];
  for (const [at, fold] of folds.entries()) {
    const withheld = new Set(fold.testPatients);
    const isTest = (row: number): boolean => withheld.has(rows[row]?.patient ?? '');
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
      predictions.push({ patient: rows[row]?.patient as string, predicted: predicted[i] as number });
    });
  }

  const evaluation = evaluate(predictions, input.patients, classes);
  const accuracyOf = (codes: readonly string[]): number | null => {
    const own = evaluation.byPatient.filter(({ patient }) => codes.includes(patient));
    return own.length === 0 ? null : own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length;
  };
  return {
    experiment: 'random-forest-pain',
    classes,
    seed,
    trees,
    features: PAIN_FEATURES,
    submissions: rows.length,
    surveysAbsent: rows.filter(({ survey }) => survey === null).length,
    folds: results.map((result) => ({ ...result, accuracy: accuracyOf(result.testPatients) })),
    evaluation,
    published: besidePublished(evaluation, 'random-forest-pain'),
  };
};
