import { type Fold, provenDisjoint } from '../labels/folds.ts';
import { painCode } from '../labels/pain.ts';
import type { BaselineKey } from '../published/baselines.ts';
import { besidePublished, type PublishedComparison } from './beside-published.ts';
import { type Evaluation, evaluate, type PatientFacts, type Prediction } from './evaluate.ts';

/** How a run is made, whatever it reads and learns with. */
export interface RunOptions {
  readonly patients: readonly PatientFacts[];
  /** All folds of the study. */
  readonly folds: readonly Fold[];
  /** Numbers of the folds to run; all without it. */
  readonly only?: readonly number[];
  readonly classes: 2 | 4;
  /** 0 to 4294967295. */
  readonly seed: number;
  /** Called after every step: a tree, a batch. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Looked at before every step. */
  readonly signal?: AbortSignal;
}

export interface RunProgress {
  /** Steps made, of all in the run. */
  readonly done: number;
  readonly total: number;
  /** Number of the fold at work. */
  readonly fold: number;
  /** Of `done`, what an earlier attempt has made and this one took up. */
  readonly before?: number;
  /** Of a network: from 1, and the mean loss of the epoch's batches so far. */
  readonly epoch?: number;
  readonly loss?: number;
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
  /** Folds whose training rows lack a class that others have, with its number: nothing can be predicted to be of it. */
  readonly untaught: readonly { readonly fold: number; readonly classes: readonly number[] }[];
  readonly evaluation: Evaluation;
  readonly published: PublishedComparison;
}

/** One fold of a run: places of the rows to learn from and of those withheld. */
export interface RunFold {
  readonly number: number;
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** Learns from a fold's rows and predicts those that it withholds: a class for each of `test`. */
export type Learn = (
  fold: RunFold,
  labels: Uint16Array,
  at: { readonly index: number; readonly of: number },
) => Promise<Uint16Array>;

/**
 * Runs an experiment fold by fold (paper, section 4): every patient is predicted by a model that never saw them.
 * @param rows patient of each row
 * @throws RangeError if the folds share a patient, a patient with rows is in no fold or unknown, or a fold to be run does not exist
 */
export const runExperiment = async (
  experiment: BaselineKey,
  rows: readonly string[],
  options: RunOptions,
  learn: Learn,
): Promise<BaselineResult> => {
  const { classes, seed } = options;
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

  const predictions: Prediction[] = [];
  const results: Omit<FoldResult, 'accuracy'>[] = [];
  const untaught: { fold: number; classes: number[] }[] = [];
  for (const [index, { number, testPatients }] of folds.entries()) {
    const withheld = new Set(testPatients);
    const isTest = (row: number): boolean => withheld.has(rows[row] ?? '');
    const train = Uint32Array.from(rows.keys()).filter((row) => !isTest(row));
    const test = Uint32Array.from(rows.keys()).filter(isTest);
    const missing = lackingClasses(train, labels);
    if (missing.length > 0) untaught.push({ fold: number, classes: missing });
    results.push({ number, testPatients, trainRows: train.length, testRows: test.length });
    const predicted = await learn({ number, train, test }, labels, { index, of: folds.length });
    test.forEach((row, i) => {
      predictions.push({ patient: rows[row] as string, predicted: predicted[i] as number });
    });
  }
  const evaluation = evaluate(predictions, options.patients, classes, seed);
  const accuracyOf = (codes: readonly string[]): number | null => {
    const own = evaluation.byPatient.filter(({ patient }) => codes.includes(patient));
    return own.length === 0 ? null : own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length;
  };
  return {
    experiment,
    classes,
    seed,
    folds: results.map((result) => ({ ...result, accuracy: accuracyOf(result.testPatients) })),
    untaught,
    evaluation,
    published: besidePublished(evaluation, experiment),
  };
};

/** Classes that a fold's training rows lack and other rows have. */
const lackingClasses = (train: Uint32Array, labels: Uint16Array): number[] => {
  const taught = new Set(Array.from(train, (row) => labels[row] as number));
  return [...new Set(labels)].filter((label) => !taught.has(label)).sort((a, b) => a - b);
};
