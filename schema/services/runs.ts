import type { Modality } from '../../governance/modality.ts';
import type { Reason } from '../../governance/reasons.ts';
import type { FoldFailed, JobErrorFacts, JobProgressFacts } from './jobs.ts';
import type { Failed, Result, Seen } from './result.ts';
import type { AccuracyRangeFacts, BaselineScoresFacts, IntervalFacts } from './scores.ts';

export interface RunFacts {
  readonly id: string;
  readonly state: string;
  readonly progress: JobProgressFacts | null;
  readonly error: JobErrorFacts | null;
  readonly study: string;
  readonly synthetic: boolean;
  readonly release: { readonly id: string; readonly version: string };
  readonly grantId: string | null;
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  readonly fold: number | null;
  readonly seed: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** False until it has succeeded. */
  readonly hasResult: boolean;
  /** What the paper has beside it; null where nothing of it may stand there. */
  readonly published: BaselineScoresFacts | null;
  /** Whether it may be read beside the published results. */
  readonly comparable: string | null;
  /** Whether somebody whose data it was made with has withdrawn since. */
  readonly marked: boolean;
}

/** What a run would be, before it is asked for. */
export interface RunPreviewFacts {
  readonly study: string;
  readonly release: string;
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  readonly fold: number | null;
  readonly seed: number;
  readonly reads: readonly Modality[];
  readonly comparable: string;
  readonly secondsTypical: number | null;
  /** Runs that would be taken before it. */
  readonly waiting: number;
  /** Or why they are not the reader's to see. */
  readonly folds: Seen<readonly RunPreviewFold[]>;
}

export interface RunPreviewFold {
  readonly fold: number;
  readonly trainPatients: number;
  readonly testPatients: number;
  readonly trainRows: number;
  readonly testRows: number;
}

/** When a waiting run will begin, as long as nobody else asks for one. */
export interface RunQueueFacts {
  /** From 1. */
  readonly place: number;
  /** Runs that wait, of everybody. */
  readonly waiting: number;
  /** null while it is not known how long runs before it take. */
  readonly secondsToStart: number | null;
  readonly secondsToEnd: number | null;
}

export interface GroupAccuracyFacts {
  readonly group: string;
  readonly patients: number;
  readonly accuracy: number | null;
  /** Too few patients to say much. */
  readonly small: boolean;
  /** Missing in results from before there were any. */
  readonly interval?: IntervalFacts | null;
}

export interface PatientAccuracyFacts {
  readonly patient: string;
  readonly painLevel: string;
  readonly truth: string;
  readonly rows: number;
  readonly correct: number;
  readonly accuracy: number;
}

export interface FoldAccuracyFacts {
  readonly fold: number;
  readonly testPatients: readonly string[];
  readonly trainRows: number;
  readonly testRows: number;
  readonly accuracy: number | null;
}

/** Figures of a run, each of them as far as its reader may see it. */
export interface RunResultFacts {
  readonly patients: number;
  readonly rows: number;
  readonly overall: number;
  readonly interval: IntervalFacts | null;
  readonly byClass: readonly GroupAccuracyFacts[];
  readonly byLevel: readonly GroupAccuracyFacts[];
  readonly bySex: readonly GroupAccuracyFacts[];
  readonly bySkinType: readonly GroupAccuracyFacts[];
  readonly byDevice: readonly GroupAccuracyFacts[];
  readonly byFold: readonly FoldAccuracyFacts[];
  readonly byPatient: readonly PatientAccuracyFacts[];
  readonly ranges: readonly AccuracyRangeFacts[];
  readonly patientsOver50: number;
  readonly lowest: readonly PatientAccuracyFacts[];
  readonly tiedWithLowest: number;
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Codes of everybody whom it was made from, learnt from or withheld. */
  readonly madeFrom: readonly string[];
}

export type RunFigure = keyof RunResultFacts;

/** A figure, or why it is not the reader's to see. */
export type FigureSeen<Name extends RunFigure> =
  | { readonly ok: true; readonly value: RunResultFacts[Name] }
  | { readonly ok: false; readonly modality: Modality; readonly reasons: readonly Reason[] };

export interface RunInput {
  readonly study: string | null;
  readonly release: string | null;
  readonly experiment: string;
  readonly classes: number | null;
  readonly preset: string | null;
  readonly fold: number | null;
  readonly seed: number | null;
  readonly grant: string | null;
}

export type RunFailureCode =
  | 'RELEASE_UNKNOWN'
  | 'EXPERIMENT_UNKNOWN'
  | 'EXPERIMENT_NOT_AVAILABLE'
  | 'CLASSES_UNKNOWN'
  | 'PRESET_UNKNOWN'
  | 'SEED_INVALID'
  | 'TOO_FEW_PATIENTS'
  | 'FOLD_HIDDEN'
  | 'RUN_LIMIT';

/** What a fold of a run has learnt, as a file. */
export interface CheckpointFacts {
  readonly id: string;
  readonly fold: number;
  readonly epoch: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly modalities: readonly Modality[];
  readonly createdAt: Date;
  /** Somebody whose data it was learnt from has withdrawn: it is not given out. */
  readonly blocked: boolean;
  /** null where it is blocked. */
  readonly file: { readonly url: string; readonly expiresAt: Date } | null;
}

/** Or why they are not the reader's to see. */
export type CheckpointsSeen =
  | { readonly ok: true; readonly value: readonly CheckpointFacts[] }
  | { readonly ok: false; readonly modality: Modality; readonly reasons: readonly Reason[] };

/** Where a thing comes from; the figures of its run are decided one by one. */
export interface LineageFacts {
  readonly kind: 'RUN' | 'CHECKPOINT';
  readonly artifact: string;
  readonly run: RunFacts;
  readonly fold: number | null;
  readonly modalities: readonly Modality[];
}

export interface RunCommands {
  request(input: RunInput): Promise<Result<{ readonly run: RunFacts }, RunFailureCode> | FoldFailed<'FOLD_UNKNOWN'>>;
  cancel(id: string): Promise<Result<{ readonly run: RunFacts }, 'RUN_UNKNOWN'>>;
  get(id: string): Promise<RunFacts | null>;
  preview(input: RunInput): Promise<Seen<RunPreviewFacts> | FoldFailed<'FOLD_UNKNOWN'> | Failed<RunFailureCode>>;
  /** Null for a run that does not wait. */
  queue(run: RunFacts): Promise<RunQueueFacts | null>;
  /** Decided under the run's grant: everything that it read. */
  checkpoints(runId: string): Promise<CheckpointsSeen>;
  /** Of a run or checkpoint of one's own; null where there is none. */
  lineage(artifact: string): Promise<LineageFacts | null>;
  mine(): Promise<readonly RunFacts[]>;
  /** One figure, decided under the run's grant as of now; the reading is in the log, once for an operation. */
  figure<Name extends RunFigure>(id: string, name: Name): Promise<FigureSeen<Name>>;
}
