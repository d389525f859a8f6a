import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../adapters/clock/clock.ts';
import type { Database } from '../adapters/database/database.ts';
import type { JobQueue } from '../adapters/queue/queue.ts';
import type { JobKind } from './job-kind.ts';
import type { JobStore } from './job-store.ts';

export interface SupervisorOptions {
  workers: number;
  kinds: JobKind[];
  store: JobStore;
  queue: JobQueue;
  database: Database;
  clock: Clock;
  log: Logger;
  /** The worker's program and environment. */
  program?: string;
  environment: NodeJS.ProcessEnv;
}

/** A worker that does not stop by itself this long after it was told is killed: with the next look, an end of access acts within two seconds. */
const GRACE_MS = 700;
const LOOK_MS = 400;
const SILENT_MS = 20_000;

/**
 * Keeps worker processes alive, asks the policy again for every running job, and ends by force those that do not end by themselves.
 * A worker that dies gives its job back at once.
 */
export async function superviseWorkers(
  options: SupervisorOptions,
): Promise<{ stop(): Promise<void>; pids(): number[] }> {
  const { store, log, clock } = options;
  const workers = new Map<string, ChildProcess>();
  let stopping = false;
  let restarts = 0;

  function start(): void {
    const child = fork(options.program ?? resolve(import.meta.dirname, '../worker.ts'), [], {
      execArgv: ['--import', 'tsx', '--max-old-space-size=2048'],
      env: options.environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const name = `worker-${child.pid}`;
    workers.set(name, child);
    child.once('exit', async (code, signal) => {
      workers.delete(name);
      const back = await store.takeBack(name).catch(() => []);
      if (stopping) return;
      log.warn({ worker: name, code, signal, givenBack: back.length }, 'a worker process ended; another is started');
      setTimeout(() => !stopping && start(), Math.min(10_000, 100 * 2 ** Math.min(restarts++, 6)));
      for (const id of back) await options.queue.announce(id).catch(() => {});
    });
  }

  async function look(): Promise<void> {
    for (const job of await store.running()) {
      const now = clock.now().getTime();
      if (!job.cancelAskedAt) {
        const kind = options.kinds.find((candidate) => candidate.kind === job.kind);
        const payload = kind?.payload.safeParse(job.payload);
        const reasons = kind?.refusals && payload?.success ? await kind.refusals(job, payload.data) : [];
        if (reasons.length > 0) {
          await store.cancel(options.database, job.id, {
            code: 'REFUSED',
            message: 'access ended while this ran',
            reasons,
          });
          await options.queue.announce(job.id);
        }
      } else if (now - job.cancelAskedAt.getTime() > GRACE_MS && job.lockedBy)
        workers.get(job.lockedBy)?.kill('SIGKILL');
    }
    await store.takeBack({ silentSince: new Date(clock.now().getTime() - SILENT_MS) });
  }

  for (let i = 0; i < options.workers; i++) start();
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: Error) => log.warn({ error: error.message }, 'running jobs could not be looked at'))
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_MS);
  return {
    pids: () => [...workers.values()].map((child) => child.pid!),
    async stop() {
      stopping = true;
      clearInterval(timer);
      await looking;
      await Promise.all([...workers.values()].map(end));
    },
  };
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('exit', () => {
      clearTimeout(force);
      done();
    });
    child.kill('SIGTERM');
  });
}
