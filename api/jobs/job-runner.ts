import type { Logger } from 'pino';
import type { Database } from '../adapters/database/database.ts';
import type { JobQueue } from '../adapters/queue/queue.ts';
import { JobFailure, type JobKind, JobRefused } from './job-kind.ts';
import type { Job, JobProgress, JobStore } from './job-store.ts';

export interface JobRunnerOptions {
  worker: string;
  kinds: JobKind[];
  store: JobStore;
  queue: JobQueue;
  database: Database;
  log: Logger;
  /** How often to look for work without word of it, in milliseconds. */
  pollMs?: number;
  beatMs?: number;
}

/** Runs jobs one at a time until stopped. A stop lets the job that runs be given back to the queue. */
export async function runJobs(options: JobRunnerOptions): Promise<{ stop(): Promise<void> }> {
  const { store, queue, worker, kinds, log } = options;
  const names = kinds.map((kind) => kind.kind);
  let stopping = false;
  let wake = () => {};
  let current: { id: string; abort: AbortController } | undefined;
  const silence = await queue.onAnnounced((id) => {
    if (current?.id === id) void checkStop(current);
    wake();
  });

  async function checkStop(job: { id: string; abort: AbortController }): Promise<void> {
    if (!(await store.beat(job.id, worker, null).catch(() => true))) job.abort.abort();
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      const job = await store.claim(worker, names).catch((error: Error) => {
        log.warn({ error: error.message }, 'no job could be claimed');
        return null;
      });
      if (job) await runOne(job);
      else
        await new Promise<void>((done) => {
          const timer = setTimeout(done, options.pollMs ?? 1000);
          wake = () => {
            clearTimeout(timer);
            done();
          };
        });
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
      const kind = kinds.find((candidate) => candidate.kind === job.kind)!;
      const payload = kind.payload.parse(job.payload);
      const reasons = (await kind.refusals?.(job, payload)) ?? [];
      if (reasons.length > 0) throw new JobRefused(reasons);
      const result = await kind.run(payload, {
        job,
        signal: abort.signal,
        progress: (now) => {
          progress = now;
        },
      });
      if (progress) await store.beat(job.id, worker, progress);
      await store.finish(options.database, job.id, worker, { state: 'SUCCEEDED', result: result ?? null });
    } catch (error) {
      await end(job, error, abort.signal);
    } finally {
      clearInterval(beat);
      current = undefined;
    }
  }

  async function end(job: Job, error: unknown, signal: AbortSignal): Promise<void> {
    if (stopping && signal.aborted) await store.takeBack(worker);
    else if (error instanceof JobRefused)
      await store.finish(options.database, job.id, worker, {
        state: 'REFUSED',
        error: { code: 'REFUSED', message: 'access does not allow this', reasons: error.reasons },
      });
    else if (signal.aborted) {
      const now = await store.get(job.id);
      await store.finish(options.database, job.id, worker, { state: now?.error?.reasons ? 'REFUSED' : 'CANCELLED' });
    } else if (error instanceof JobFailure)
      await store.finish(options.database, job.id, worker, {
        state: 'FAILED',
        error: { code: error.code, message: error.message },
      });
    else {
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
