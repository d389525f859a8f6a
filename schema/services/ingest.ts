import type { PersonFacts } from './people.ts';
import type { Failed, PageAsked, PageOf, Result, Seen } from './result.ts';

export type SourceFile = 'VIDEO' | 'SURVEY';

export interface DropItemFacts {
  readonly patient: string;
  readonly timestamp: string;
  readonly outcome: string;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly frames: number | null;
  readonly faces: number | null;
  readonly chunks: number | null;
  /** Seconds of work that it took. */
  readonly seconds: number | null;
  /** Files that were announced and have not arrived. */
  readonly wanted: () => Promise<readonly SourceFile[]>;
}

export interface CorrectionFacts {
  readonly patient: string;
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

export interface DropFacts {
  readonly id: string;
  readonly study: string;
  readonly items: readonly DropItemFacts[];
  readonly running: readonly {
    readonly patient: string;
    readonly timestamp: string;
    readonly stage: string;
    readonly done: number;
    readonly total: number;
  }[];
  /** What its enrolment file changed of patients who were enrolled before. */
  readonly corrections: () => Promise<readonly CorrectionFacts[]>;
}

/** A drop in a list: how much of it there is, and how far it is. */
export interface DropSummaryFacts {
  readonly id: string;
  readonly openedAt: Date;
  readonly openedBy: PersonFacts | null;
  readonly submissions: number;
  readonly waiting: number;
  /** Could not be used. */
  readonly failed: number;
}

export interface DropOffer {
  readonly study: string | null;
  readonly enrolment: Uint8Array;
  readonly items: readonly {
    readonly patient: string;
    readonly timestamp: string;
    readonly videoSha256: string | null;
    readonly videoBytes: number;
    readonly surveySha256: string | null;
  }[];
}

export interface EnrolmentProblemFacts {
  readonly code: string;
  readonly line: number | null;
  readonly column: string | null;
  readonly message: string;
}

export interface EnrolmentFailed extends Failed<'ENROLMENT_INVALID'> {
  readonly problems: readonly EnrolmentProblemFacts[];
}

export interface FilesMissing extends Failed<'FILES_MISSING'> {
  readonly wanted: readonly SourceFile[];
}

export interface IngestCommands {
  open(
    offer: DropOffer,
  ): Promise<
    | Result<{ drop: DropFacts }, 'STUDY_UNKNOWN' | 'DROP_TOO_LARGE' | 'DROP_SYNTHETIC' | 'ITEM_REPEATED'>
    | EnrolmentFailed
  >;
  /** Queues a submission whose files have arrived; `queued` is false where it has its outcome already. */
  process(
    dropId: string,
    patient: string,
    timestamp: string,
  ): Promise<Result<{ queued: boolean }, 'ITEM_UNKNOWN'> | FilesMissing>;
  /** All of them, the newest first. */
  drops(page: PageAsked): Promise<Seen<PageOf<DropSummaryFacts>>>;
  /** Null for a drop that there is not. */
  drop(id: string): Promise<Seen<DropFacts | null>>;
}
