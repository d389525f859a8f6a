/** Shares from 0 to 1. */
export interface IntervalFacts {
  readonly low: number;
  readonly high: number;
}

export interface AccuracyRangeFacts {
  readonly above: number;
  readonly upTo: number;
  readonly patients: number;
}

/** Accuracies, shares between 0 and 1. */
export interface BaselineScoresFacts {
  readonly model: string;
  readonly classes: number;
  readonly overall: number | null;
  readonly byClass: readonly { readonly class: string; readonly accuracy: number | null }[];
  readonly ranges: readonly AccuracyRangeFacts[];
  readonly patientsOver50: number | null;
  readonly lowest: readonly string[];
}
