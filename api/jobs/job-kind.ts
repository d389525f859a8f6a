import type { z } from 'zod';
import type { Job, JobProgress } from './job.ts';

/** What a handler is given beside its payload. */
export interface JobContext {
  job: Job;
  /** Aborted when the job is to end: cancelled, or its holder's access ended. */
  signal: AbortSignal;
  progress(progress: JobProgress): void;
}

/** Input that no further attempt can help; ends the job at once as FAILED. */
export class JobFailure extends Error {
  override name = 'JobFailure';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A fault that may pass (a full disk, a decoder that was killed): tried again later, and after the last attempt the job ends as FAILED with this. */
export class JobRetry extends Error {
  override name = 'JobRetry';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Another job has to end first: back to the queue for a moment, and no attempt is used. */
export class JobPostponed extends Error {
  override name = 'JobPostponed';
  readonly afterMs: number;
  constructor(afterMs: number) {
    super(`put off for ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** The policy refuses: the job ends as REFUSED with the reasons. */
export class JobRefused extends Error {
  override name = 'JobRefused';
  readonly reasons: string[];
  constructor(reasons: string[]) {
    super(reasons.join(', '));
    this.reasons = reasons;
  }
}

export interface JobKind<Payload = unknown> {
  kind: string;
  payload: z.ZodType<Payload>;
  maxAttempts: number;
  priority: number;
  /** True where people take turns (fair-turn.ts): one person's many do not keep another's one waiting. */
  inTurn?: true;
  /** Reasons why the job may not run now, asked before it starts and each half second while it runs; none means it may. */
  refusals?: (job: Job, payload: Payload) => Promise<string[]>;
  /** Must be safe to run again after it was cut off anywhere. The result is stored with the job. */
  run: (payload: Payload, context: JobContext) => Promise<unknown>;
}
