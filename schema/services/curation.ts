import type { Modality } from '../../governance/modality.ts';
import type { QuarantineReview, ReviewRefusal } from '../../governance/quarantine-review.ts';
import type { EnrolmentProblemFacts } from './ingest.ts';
import type { PersonFacts } from './people.ts';
import type { Failed, Result, Seen } from './result.ts';

export interface QuarantineDetails {
  readonly id: string;
  readonly study: string;
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly reason: string;
  readonly placedAt: Date;
  readonly placedBy: PersonFacts | null;
  readonly liftedAt: Date | null;
  readonly liftedBy: PersonFacts | null;
  /** When somebody last looked at it and kept it, and why. */
  readonly reviewedAt: Date | null;
  readonly reviewedBy: PersonFacts | null;
  readonly reviewReason: string | null;
  /** When somebody has to look at it; null for one that was lifted. */
  readonly reviewDueAt: Date | null;
  /** Of the submission, as recorded; null for who may not look at what is in quarantine. */
  readonly patient: string | null;
  readonly timestamp: string | null;
}

export interface QuarantineInput {
  readonly study: string | null;
  /** Id of a submission of a release, or of something in it. */
  readonly node: string | null;
  /** Or its patient and moment as recorded, `20201201T003232`. */
  readonly patient: string | null;
  readonly timestamp: string | null;
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly reason: string;
}

export interface QuarantineCommands {
  place(
    input: QuarantineInput,
  ): Promise<
    Result<{ readonly quarantine: QuarantineDetails }, 'SUBMISSION_UNKNOWN' | 'RANGE_INVALID' | 'REASON_MISSING'>
  >;
  /** One that is lifted already stays as it is. */
  lift(id: string): Promise<Result<{ readonly quarantine: QuarantineDetails }, 'QUARANTINE_UNKNOWN'>>;
  /** By another steward than who placed it: it stays, for a reason, or is lifted. */
  review(
    id: string,
    outcome: QuarantineReview,
    reason: string,
  ): Promise<Result<{ readonly quarantine: QuarantineDetails }, 'QUARANTINE_UNKNOWN' | ReviewRefusal>>;
  /** Null where it is gone, with who was erased. */
  read(id: string): Promise<Seen<QuarantineDetails | null>>;
  /** Those in force, newest first; or those alone whose review is due, the longest first. */
  list(study: string | null, due: boolean): Promise<Seen<readonly QuarantineDetails[]>>;
}

export interface ConsentInput {
  readonly study: string | null;
  readonly patient: string;
  readonly version: string;
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  readonly adultFrom: string | null;
  readonly reconsentedOn: string | null;
}

export interface ConsentDetails {
  readonly id: string;
  readonly patient: string;
  readonly version: string;
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  readonly adultFrom: string | null;
  readonly reconsentedOn: string | null;
  readonly effectiveAt: Date;
  /** Null for what was taken from the enrolment. */
  readonly recordedBy: PersonFacts | null;
  /** The record whose place it takes, where that was a mistake. */
  readonly undoes: string | null;
  /** Of the file that it came with. */
  readonly importId: string | null;
}

/** A file of consents of which nothing was recorded. */
export interface ConsentsFailed extends Failed<'CONSENTS_INVALID'> {
  readonly problems: readonly EnrolmentProblemFacts[];
}

export interface ConsentCommands {
  record(
    input: ConsentInput,
  ): Promise<Result<{ readonly consent: ConsentDetails }, 'PATIENT_UNKNOWN' | 'USES_UNKNOWN' | 'VERSION_MISSING'>>;
  /** A record as the one before the newest, or of no consent where there was none before. */
  undo(of: {
    readonly study: string | null;
    readonly patient: string;
    /** The newest, as it was looked at. */
    readonly consent: string;
  }): Promise<Result<{ readonly consent: ConsentDetails }, 'PATIENT_UNKNOWN' | 'CONSENT_NOT_NEWEST'>>;
  /** All lines of a file, or nothing of it. */
  import(of: {
    readonly study: string | null;
    readonly file: Uint8Array;
  }): Promise<Result<{ readonly importId: string; readonly recorded: number }, never> | ConsentsFailed>;
  /** Null where it is gone, with who was erased. */
  read(id: string): Promise<Seen<ConsentDetails | null>>;
  /** Every record of a patient, newest first. */
  history(study: string | null, patient: string): Promise<Seen<readonly ConsentDetails[]>>;
}
