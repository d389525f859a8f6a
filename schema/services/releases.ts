import type { PersonFacts } from './people.ts';
import type { Failed, Result, Seen } from './result.ts';

export interface ReleaseProblemFacts {
  readonly about: string;
  readonly problem: string;
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
  readonly patients: number;
  readonly submissions: number;
}

export type ReleaseFailureCode =
  | 'RELEASE_UNKNOWN'
  | 'WRONG_STATE'
  | 'VERSION_INVALID'
  | 'NOT_ASKED'
  | 'CONTENT_CHANGED'
  | 'REASON_MISSING';

/** The check found that the release does not keep what it promises. */
export interface ReleaseNotSound extends Failed<'CHECK_FAILED'> {
  readonly problems: readonly ReleaseProblemFacts[];
}

export type ReleaseResult = Result<{ readonly release: DraftFacts }, ReleaseFailureCode> | ReleaseNotSound;

export interface ReleaseCommands {
  draft(input: {
    readonly study: string | null;
    readonly version: string;
    readonly notes: string;
  }): Promise<ReleaseResult | Failed<'STUDY_UNKNOWN' | 'NOTHING_TO_RELEASE' | 'FOLDS_INCOMPLETE'>>;
  askForPublication(releaseId: string): Promise<ReleaseResult>;
  publish(releaseId: string, checksums: boolean): Promise<ReleaseResult>;
  check(
    releaseId: string,
    checksums: boolean,
  ): Promise<Result<{ readonly problems: readonly ReleaseProblemFacts[] }, 'RELEASE_UNKNOWN'>>;
  drafts(study: string | null): Promise<Seen<readonly DraftFacts[]>>;
}
