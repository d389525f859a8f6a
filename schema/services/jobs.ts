import type { Failed } from './result.ts';

export interface JobProgressFacts {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly rate?: number;
  readonly secondsLeft?: number;
  readonly loss?: number;
}

export interface JobErrorFacts {
  readonly code: string;
  readonly message: string;
  /** Codes, some with what they are about after a space. */
  readonly reasons?: readonly string[];
}

export interface FoldFailed<Code extends string> extends Failed<Code> {
  /** Numbers of the folds that there are. */
  readonly folds: readonly number[];
}
