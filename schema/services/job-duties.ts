import type { PageAsked, PageOf, Result, Seen } from './result.ts';

/** What a curator can do with a kind of work. */
export const JOB_KIND_STEPS = ['PAUSE', 'RESUME', 'LIMIT'] as const;
export type JobKindStep = (typeof JOB_KIND_STEPS)[number];

/** How a kind of work stands. */
export interface JobKindFacts {
  readonly kind: string;
  readonly paused: boolean;
  /** How many may run at once; null for as many as there are workers. */
  readonly atOnce: number | null;
  readonly queued: number;
  readonly running: number;
  readonly failed: number;
  /** Since when the oldest that could begin waits; null where none does. */
  readonly waitingSince: Date | null;
  /** What may be done with it now: none where it was promised to a patient. */
  readonly allowedSteps: readonly JobKindStep[];
}

/** Work that was given up. What it was about is not shown, only its kind and why. */
export interface FailedJobFacts {
  readonly id: string;
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly failedAt: Date;
}

/** What curators do with the work of the pipeline. */
export interface JobDuties {
  kinds(): Promise<Seen<readonly JobKindFacts[]>>;
  /** The newest first. */
  failed(page: PageAsked): Promise<Seen<PageOf<FailedJobFacts>>>;
  retry(id: string): Promise<Result<{ readonly id: string }, 'JOB_UNKNOWN' | 'JOB_DOUBLED'>>;
  pause(
    kind: string,
    paused: boolean,
  ): Promise<Result<{ readonly kind: JobKindFacts }, 'JOB_KIND_UNKNOWN' | 'JOB_KIND_FIXED'>>;
  limit(
    kind: string,
    atOnce: number | null,
  ): Promise<Result<{ readonly kind: JobKindFacts }, 'JOB_KIND_UNKNOWN' | 'JOB_KIND_FIXED' | 'JOB_LIMIT_INVALID'>>;
}
