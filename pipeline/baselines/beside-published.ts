import { PUBLISHED_ACCURACY_RANGES, type PublishedAccuracyRanges } from '../published/accuracy-ranges.ts';
import { type BaselineKey, type PublishedBaseline, publishedBaseline } from '../published/baselines.ts';
import { PUBLISHED_LOWEST_PATIENTS } from '../published/lowest-patients.ts';
import type { Evaluation } from './evaluate.ts';

/** A line of the table that shows a run beside the paper. */
export interface ComparedAccuracy {
  /** `ALL` or the name of a class. */
  readonly scope: string;
  readonly patients: number;
  readonly accuracy: number | null;
  /** null where the paper has no such figure. */
  readonly published: number | null;
}

export interface PublishedComparison {
  readonly key: BaselineKey;
  readonly accuracies: readonly ComparedAccuracy[];
  /** null where the run tells other classes apart than the published model. */
  readonly publishedRanges: PublishedAccuracyRanges | null;
  readonly publishedLowest: readonly string[] | null;
}

/** A run's accuracies beside those of Table 5, and what Tables 12 and 13 say of the model; no figures of a model with other classes. */
export const besidePublished = (evaluation: Evaluation, key: BaselineKey): PublishedComparison => {
  const row: PublishedBaseline = publishedBaseline(key);
  const same = row.classes === evaluation.classes;
  const scores: Readonly<Record<string, number | undefined>> = same ? row.accuracyByClass : {};
  const all = { scope: 'ALL', patients: evaluation.patients, accuracy: evaluation.overall };
  return {
    key,
    accuracies: [
      { ...all, published: same ? row.accuracy : null },
      ...evaluation.byClass.map(({ group, patients, accuracy }) => {
        return { scope: group, patients, accuracy, published: scores[group] ?? null };
      }),
    ],
    publishedRanges: (same && PUBLISHED_ACCURACY_RANGES.find((one) => one.key === key)) || null,
    publishedLowest: (same && PUBLISHED_LOWEST_PATIENTS[key]) || null,
  };
};
