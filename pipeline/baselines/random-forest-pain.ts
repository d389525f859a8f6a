import { sexCode, skinTypeCode } from '../labels/demographics.ts';
import { SURVEY_ITEMS, type Survey, surveyNumbers } from '../labels/survey.ts';
import { type Timeframe, timeframeCode } from '../labels/timeframe.ts';
import type { PatientFacts } from './evaluate.ts';
import { type FeatureMatrix, featureMatrix } from './forest/feature-matrix.ts';
import { type ForestResult, type ForestRunOptions, runForestExperiment } from './forest-experiment.ts';

/** A submission as experiment 3 reads it. */
export interface ScoredSubmission {
  readonly patient: string;
  /** `YYYYMMDDTHHMMSS`, true or shifted by whole days: it orders a patient's rows and is no feature. */
  readonly timestamp: string;
  readonly timeframe: Timeframe;
  /** null where the patient gave no survey: nine zeros then, as in the paper (patient 0015). */
  readonly survey: Survey | null;
}

export interface RandomForestPainInput extends ForestRunOptions {
  readonly submissions: readonly ScoredSubmission[];
}

export interface RandomForestPainResult extends ForestResult {
  readonly experiment: 'random-forest-pain';
  readonly features: readonly string[];
  readonly submissions: number;
  /** Submissions whose survey is absent and counted as zeros. */
  readonly surveysAbsent: number;
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
 * Experiment 3 of the paper: from nine scores, sex, skin type and timeframe of each submission.
 * @throws what `runForestExperiment` throws
 */
export const runRandomForestPain = async (input: RandomForestPainInput): Promise<RandomForestPainResult> => {
  const facts = new Map(input.patients.map((known) => [known.patient, known]));
  const { rows, matrix } = painRows(input.submissions, facts);
  const result = await runForestExperiment(
    'random-forest-pain',
    rows.map(({ patient }) => patient),
    matrix,
    input,
  );
  return {
    ...result,
    experiment: 'random-forest-pain',
    features: PAIN_FEATURES,
    submissions: rows.length,
    surveysAbsent: rows.filter(({ survey }) => survey === null).length,
  };
};
