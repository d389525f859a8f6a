import type { ReleaseChange, Step } from '../../governance/release-version.ts';
import type { JobErrorFacts, JobProgressFacts } from './jobs.ts';
import type { PersonFacts } from './people.ts';
import type { Failed, Result, Seen } from './result.ts';

export interface ReleaseProblemFacts {
  readonly about: string;
  readonly problem: string;
}

/** A check of a release: its job, and once that has ended what it found. */
export interface ReleaseCheckFacts {
  readonly id: string;
  readonly checksums: boolean;
  readonly state: string;
  readonly progress: JobProgressFacts | null;
  readonly error: JobErrorFacts | null;
  readonly askedAt: Date;
  readonly askedBy: PersonFacts | null;
  readonly endedAt: Date | null;
  /** Null until it has ended. */
  readonly problems: readonly ReleaseProblemFacts[] | null;
  readonly problemCount: number | null;
  readonly digest: string | null;
  readonly files: number | null;
  readonly bytes: number | null;
  /** Whether the release still lists what the check has seen. */
  readonly current: boolean;
}

/** A release as those see it who make it. */
export interface DraftFacts {
  readonly id: string;
  readonly study: string;
  readonly version: string;
  readonly status: 'DRAFT' | 'PUBLISHED' | 'DEPRECATED' | 'RETRACTED';
  readonly notes: string;
  readonly digest: string | null;
  readonly draftedAt: Date;
  readonly draftedBy: PersonFacts | null;
  readonly publicationAskedAt: Date | null;
  readonly publicationAskedBy: PersonFacts | null;
  readonly publishedAt: Date | null;
  readonly statusReason: string | null;
  readonly errata: readonly unknown[];
  readonly patients: number;
  readonly submissions: number;
}

/** What the actor could do to a release now, by the names of the mutations. */
export interface ReleaseStanding {
  readonly allowedCommands: readonly ReleaseMutation[];
  /** Why its publication would be refused to them now, in words; null where it would not, or where it is published. */
  readonly publicationLacks: string | null;
}

export const RELEASE_MUTATIONS = [
  'checkRelease',
  'askForPublication',
  'publishRelease',
  'deprecateRelease',
  'retractRelease',
  'addErratum',
] as const;
export type ReleaseMutation = (typeof RELEASE_MUTATIONS)[number];

export type ReleaseFailureCode =
  | 'RELEASE_UNKNOWN'
  | 'WRONG_STATE'
  | 'VERSION_INVALID'
  | 'NOT_ASKED'
  | 'CONTENT_CHANGED'
  | 'CHECK_NEEDED'
  | 'REASON_MISSING'
  | 'TEXT_TOO_LONG';

/** The check found that the release does not keep what it promises. */
export interface ReleaseNotSound extends Failed<'CHECK_FAILED'> {
  readonly problems: readonly ReleaseProblemFacts[];
}

/** The version promises more than is true of what has changed. */
export interface VersionTooSmall extends Failed<'VERSION_TOO_SMALL'> {
  readonly changes: readonly ReleaseChange[];
  /** The first version that allows them. */
  readonly nextVersion: string | null;
}

export type ReleaseResult =
  | Result<{ readonly release: DraftFacts }, ReleaseFailureCode>
  | ReleaseNotSound
  | VersionTooSmall;

export type CheckResult<Code extends string> = Result<{ readonly check: ReleaseCheckFacts }, Code>;

/** In what two releases differ, as far as the actor may see it. */
export interface ReleaseDiffFacts {
  readonly from: string;
  readonly to: string;
  /** The smallest step of a version that allows it. */
  readonly step: Step;
  readonly counts: readonly { readonly change: ReleaseChange; readonly does: string; readonly count: number }[];
  /** By patient and moment. */
  readonly differences: readonly ReleaseDifferenceFacts[];
}

export interface ReleaseDifferenceFacts {
  readonly change: ReleaseChange;
  readonly patient: string;
  readonly timestamp: string | null;
  readonly detail: readonly string[];
}

export interface ReleaseCommands {
  draft(input: {
    readonly study: string | null;
    readonly version: string;
    readonly notes: string;
  }): Promise<ReleaseResult | Failed<'STUDY_UNKNOWN' | 'NOTHING_TO_RELEASE' | 'FOLDS_INCOMPLETE'>>;
  askForPublication(releaseId: string): Promise<ReleaseResult>;
  publish(releaseId: string): Promise<ReleaseResult>;
  deprecate(releaseId: string, reason: string): Promise<ReleaseResult>;
  retract(releaseId: string, reason: string): Promise<ReleaseResult>;
  addErratum(
    releaseId: string,
    erratum: { readonly concerns: string; readonly text: string; readonly correctedIn: string | null },
  ): Promise<ReleaseResult>;
  check(releaseId: string, checksums: boolean): Promise<CheckResult<'RELEASE_UNKNOWN'>>;
  cancelCheck(checkId: string): Promise<CheckResult<'CHECK_UNKNOWN'>>;
  /** Null where there is none. */
  getCheck(checkId: string): Promise<Seen<ReleaseCheckFacts | null>>;
  lastCheck(releaseId: string): Promise<Seen<ReleaseCheckFacts | null>>;
  /** @param published whether those that were published are among them */
  drafts(study: string | null, published: boolean): Promise<Seen<readonly DraftFacts[]>>;
  standing(releaseId: string): Promise<Seen<ReleaseStanding>>;
  /** Null where one of them does not exist for the actor. */
  diff(asked: {
    readonly study: string | null;
    readonly from: string;
    readonly to: string;
  }): Promise<Seen<ReleaseDiffFacts | null>>;
}
