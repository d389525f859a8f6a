import type { Logger } from 'pino';
import type { Database } from '../adapters/database/database.ts';
import { meansFull, StoreFull } from '../adapters/objects/object-store.ts';
import type { JobQueue } from '../adapters/queue/queue.ts';
import type { Job, JobProgress } from './job.ts';
import { JobLost } from './job-fence.ts';
import { JobFailure, type JobKind, JobPostponed, JobRefused, JobRetry } from './job-kind.ts';
import type { JobStore } from './job-store.ts';

/** An outage is not counted, however long: a look every few seconds is enough. */
const AWAY_MS = 5000;

export interface JobRunnerOptions {
  /** No two workers have the same name, not even one after the other. */
  worker: string;
  kinds: JobKind[];
  store: JobStore;
  queue: JobQueue;
  database: Database;
  log: Logger;
  /** How often to look for work without word of it, in milliseconds. */
  pollMs?: number;
  beatMs?: number;
  /** Names of services that do not answer now: what failed meanwhile is put off, and no attempt is used. */
  away?: () => Promise<string[]>;
  /** How long it is put off, in milliseconds. */
  awayMs?: number;
  /** How long to wait before the end of a job is written again, while the database does not answer. */
  againMs?: number;
}

/** Runs jobs one at a time until stopped. A stop lets the job that runs be given back to the queue. */
export async function runJobs(options: JobRunnerOptions): Promise<{ stop(): Promise<void> }> {
  const { store, queue, worker, kinds, log } = options;
  const names = kinds.map((kind) => kind.kind);
  const inTurn = kinds.flatMap((kind) => (kind.inTurn ? [kind.kind] : []));
  let stopping = false;
  let word = 0;
  let wake = () => {};
  let current: { id: string; abort: AbortController } | undefined;
  const silence = await queue.onAnnounced((id) => {
    word++;
    if (current?.id === id) void checkStop(current);
    wake();
  });

  async function checkStop(job: { id: string; abort: AbortController }): Promise<void> {
    if (!(await store.beat(job.id, worker, null).catch(() => true))) job.abort.abort();
  }

  /** @param until what has to change to end it early */
  function pause(milliseconds: number, until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise<void>((done) => {
      const timer = setTimeout(done, milliseconds);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      const before = word;
      const job = await store.claim(worker, names, inTurn).catch((error: Error) => {
        log.warn({ error: error.message }, 'no job could be claimed');
        return null;
      });
      // Word that came between the look and the pause is not slept through.
      if (job) await runOne(job);
      else await pause(options.pollMs ?? 1000, () => stopping || word !== before);
    }
  }

  async function runOne(job: Job): Promise<void> {
    const abort = new AbortController();
    current = { id: job.id, abort };
    let progress: JobProgress | null = null;
    const beat = setInterval(async () => {
      const seen = progress;
      progress = null;
      if (!(await store.beat(job.id, worker, seen).catch(() => true))) abort.abort();
    }, options.beatMs ?? 500);
    try {
      const outcome = await attempt(job, abort.signal, (now) => {
        progress = now;
      });
      // The work is done whether or not the database can be told at once: its own results are in a transaction of its own.
      await untilWritten(async () => {
        if (progress) await store.beat(job.id, worker, progress);
        await end(job, outcome, abort.signal);
      });
    } finally {
      clearInterval(beat);
      current = undefined;
    }
  }

  async function attempt(
    job: Job,
    signal: AbortSignal,
    progress: (now: JobProgress) => void,
  ): Promise<{ result: unknown } | { error: unknown }> {
    try {
      const kind = kinds.find((candidate) => candidate.kind === job.kind)!;
      const payload = kind.payload.safeParse(job.payload);
      if (!payload.success) {
        const where = payload.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`);
        throw new JobFailure('PAYLOAD_INVALID', `the job's payload is not that of ${job.kind}: ${where.join('; ')}`);
      }
      const reasons = (await kind.refusals?.(job, payload.data)) ?? [];
      if (reasons.length > 0) throw new JobRefused(reasons);
      return { result: await kind.run(payload.data, { job, signal, progress }) };
    } catch (error) {
      return { error };
    }
  }

  async function untilWritten(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'the end of a job could not be written; it is tried again');
        // The supervisor, or the next start, takes back what a stopped worker held.
        if (stopping) return;
        await pause(options.againMs ?? 500, () => stopping);
      }
    }
  }

  async function end(job: Job, outcome: { result: unknown } | { error: unknown }, signal: AbortSignal): Promise<void> {
    const { database } = options;
    if (!('error' in outcome)) {
      await store.finish(database, job.id, worker, { state: 'SUCCEEDED', result: outcome.result ?? null });
      return;
    }
    const { error } = outcome;
    const known = [JobRefused, JobFailure, JobLost, JobPostponed].some((type) => error instanceof type);
    const away = known || signal.aborted ? [] : ((await options.away?.()) ?? []);
    if (error instanceof JobRefused)
      await store.finish(database, job.id, worker, {
        state: 'REFUSED',
        error: { code: 'REFUSED', message: 'access does not allow this', reasons: error.reasons },
      });
    else if (stopping && signal.aborted) await store.handBack(job.id, worker);
    else if (signal.aborted) {
      const now = await store.get(job.id);
      await store.finish(database, job.id, worker, { state: now?.error?.reasons ? 'REFUSED' : 'CANCELLED' });
    } else if (error instanceof JobFailure)
      await store.finish(database, job.id, worker, {
        state: 'FAILED',
        error: { code: error.code, message: error.message },
      });
    else if (error instanceof JobLost)
      // Of no effect where another has it; where it was asked to end, that is written.
      await store.retryOrFail(job.id, worker, { code: 'LOST', message: error.message });
    else if (error instanceof JobPostponed) await store.handBack(job.id, worker, error.afterMs);
    else if (away.length > 0) {
      log.warn({ job: job.id, kind: job.kind, away, err: error }, 'a job waits for a service');
      await store.handBack(job.id, worker, options.awayMs ?? AWAY_MS);
    } else if (error instanceof StoreFull || meansFull(error))
      await store.retryOrFail(job.id, worker, {
        code: 'STORE_FULL',
        message:
          'There was no space left for what is made; nothing of it was kept. Free some, then have it done again.',
      });
    else if (error instanceof JobRetry) {
      log.warn(
        { job: job.id, kind: job.kind, attempt: job.attempts, code: error.code, err: error },
        'a job has to wait',
      );
      await store.retryOrFail(job.id, worker, { code: error.code, message: error.message });
    } else {
      log.error({ job: job.id, kind: job.kind, attempt: job.attempts, err: error }, 'a job failed');
      await store.retryOrFail(job.id, worker, {
        code: 'INTERNAL',
        message: 'the work failed; the server log says why',
      });
    }
  }

  const running = loop();
  return {
    async stop() {
      stopping = true;
      current?.abort.abort();
      wake();
      await running;
      await silence();
    },
  };
}
