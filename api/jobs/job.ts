export type JobState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'REFUSED' | 'CANCELLED';

export interface JobProgress {
  stage: string;
  done: number;
  total: number;
  /** Items of this stage a second. */
  rate?: number;
  secondsLeft?: number;
  /** Of a network that learns: mean over the epoch so far. */
  loss?: number;
}

export interface Job {
  id: string;
  kind: string;
  payload: unknown;
  state: JobState;
  accountId: string | null;
  grantId: string | null;
  /** The personal token that it was asked for with: it ends with it. */
  tokenId: string | null;
  progress: JobProgress | null;
  result: unknown;
  error: { code: string; message: string; reasons?: string[] } | null;
  attempts: number;
  maxAttempts: number;
  lockedBy: string | null;
  cancelAskedAt: Date | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

export interface NewJob {
  kind: string;
  payload: unknown;
  accountId?: string | null;
  grantId?: string | null;
  tokenId?: string | null;
  /** Higher goes first: a person waiting before bulk. */
  priority?: number;
  maxAttempts?: number;
  /** While a job with this key waits or runs, another is not made. */
  dedupeKey?: string;
  /** Not before then; at once without it. */
  runAfter?: Date;
}
