import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { Clock } from '../adapters/clock/clock.ts';
import type { Database } from '../adapters/database/database.ts';
import type { JobQueue } from '../adapters/queue/queue.ts';
import type { Job } from './job.ts';
import type { JobKind } from './job-kind.ts';
import type { JobStore } from './job-store.ts';
import { isOfThisProcess, isWorkerOfTheDead, workerName } from './worker-name.ts';

export interface SupervisorOptions {
  workers: number;
  kinds: JobKind[];
  store: JobStore;
  queue: JobQueue;
  database: Database;
  clock: Clock;
  log: Logger;
  /** The worker's program and environment; its name is its argument. */
  program?: string;
  environment: NodeJS.ProcessEnv;
}

/** A worker that does not stop by itself this long after it was told is killed: with the next look, an end of access acts within two seconds. */
const GRACE_MS = 600;
const LOOK_MS = 300;
/** Waiting jobs that are looked at each time: a hundred are all seen within two seconds. They do nothing while they wait. */
const WAITING_A_LOOK = 20;
/** A worker that is none of ours and has not been heard of for so long is dead. */
const SILENT_MS = 20_000;
/** One of this machine whose process is gone is dead sooner: so much shows that it is none of a container with our name and other process ids. */
const GONE_MS = 3000;
/** One of ours lives as long as its process; silent for so long it hangs, and is ended. */
const HUNG_MS = 120_000;
const STOP_MS = 5000;
const STEADY_MS = 30_000;

/**
 * Keeps worker processes alive, asks the policy again for every running job, and in turn for those that wait, and ends by force those that do not end by themselves.
 * A worker that dies gives its job back at once; so do those of a server that is no more.
 */
export async function superviseWorkers(
  options: SupervisorOptions,
): Promise<{ stop(): Promise<void>; pids(): number[] }> {
  const { store, log, clock } = options;
  const workers = new Map<string, { child: ChildProcess; gone: Promise<void> }>();
  let stopping = false;
  let started = 0;
  let restarts = 0;
  // What happened while the database did not answer cannot be told from silence.
  let blindUntil = clock.now().getTime();
  let waitingAfter: string | null = null;

  const dead = new Set((await store.running()).map((job) => job.lockedBy ?? '').filter(isWorkerOfTheDead));
  for (const name of dead) await store.takeBack(name);

  function start(): void {
    const name = workerName(++started);
    const since = performance.now();
    const child = fork(options.program ?? resolve(import.meta.dirname, '../worker.ts'), [name], {
      // The loader by its path: the server may have been started from any folder.
      execArgv: ['--import', LOADER, '--max-old-space-size=2048'],
      env: options.environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const gone = new Promise<void>((done) => {
      child.once('error', (error) => log.error({ err: error }, 'a worker process could not be started'));
      child.once('close', async (code, signal) => {
        const back = await store.takeBack(name).catch(() => []);
        workers.delete(name);
        done();
        if (stopping) return;
        log.warn({ worker: name, code, signal, givenBack: back.length }, 'a worker process ended; another is started');
        if (performance.now() - since > STEADY_MS) restarts = 0;
        setTimeout(() => !stopping && start(), Math.min(10_000, 100 * 2 ** Math.min(restarts++, 6)));
        for (const id of back) await options.queue.announce(id).catch(() => {});
      });
    });
    workers.set(name, { child, gone });
  }

  /** One job that runs: may it go on? An answer that fails says nothing, and is asked for again at the next look. */
  async function lookAt(job: Job): Promise<void> {
    const worker = workers.get(job.lockedBy ?? '');
    if (job.cancelAskedAt) {
      if (!worker || clock.now().getTime() - job.cancelAskedAt.getTime() < GRACE_MS) return;
      // It may have come to its end since: then its worker does something else by now.
      const now = await store.get(job.id);
      if (now?.state === 'RUNNING' && now.lockedBy === job.lockedBy) worker.child.kill('SIGKILL');
      return;
    }
    const kind = options.kinds.find((candidate) => candidate.kind === job.kind);
    const payload = kind?.payload.safeParse(job.payload);
    const reasons = kind?.refusals && payload?.success ? await kind.refusals(job, payload.data) : [];
    if (reasons.length === 0) return;
    const error = { code: 'REFUSED', message: 'access ended while this ran', reasons };
    await store.cancel(options.database, job.id, error);
    await options.queue.announce(job.id);
  }

  /** The next of those that wait: one whose access has ended is told so now, and not only when its turn comes. */
  async function nextWaiting(): Promise<Job[]> {
    const jobs = await store.waiting(waitingAfter, WAITING_A_LOOK);
    waitingAfter = jobs.length < WAITING_A_LOOK ? null : (jobs.at(-1)?.id ?? null);
    return jobs;
  }

  async function look(): Promise<void> {
    const now = clock.now().getTime();
    const running = await store.running();
    const jobs = [...running, ...(await nextWaiting())];
    const looks = await Promise.allSettled(jobs.map(lookAt));
    for (const end of looks)
      if (end.status === 'rejected') log.warn({ error: String(end.reason) }, 'a job could not be looked at');
    if (now - blindUntil < GONE_MS) return;
    const strangers = new Set(running.map((job) => job.lockedBy ?? '').filter((name) => !isOfThisProcess(name)));
    const gone = [...strangers].filter(isWorkerOfTheDead);
    if (gone.length > 0)
      for (const name of await store.silent(gone, new Date(now - GONE_MS)))
        for (const id of await store.takeBack(name)) await options.queue.announce(id);
    if (now - blindUntil < SILENT_MS) return;
    const except = [...workers.keys()];
    await store.takeBack({ silentSince: new Date(now - SILENT_MS), except });
    if (now - blindUntil < HUNG_MS) return;
    for (const name of await store.silent(except, new Date(now - HUNG_MS))) workers.get(name)?.child.kill('SIGKILL');
  }

  for (let i = 0; i < options.workers; i++) start();
  const endAll = (): void => {
    for (const { child } of workers.values()) child.kill('SIGKILL');
  };
  process.on('exit', endAll);
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: Error) => {
        blindUntil = clock.now().getTime();
        log.warn({ error: error.message }, 'running jobs could not be looked at');
      })
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_MS);
  return {
    pids: () => [...workers.values()].map(({ child }) => child.pid!),
    async stop() {
      stopping = true;
      clearInterval(timer);
      await looking;
      await Promise.all(
        [...workers.values()].map(async ({ child, gone }) => {
          const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
          child.kill('SIGTERM');
          await gone;
          clearTimeout(force);
        }),
      );
      process.off('exit', endAll);
    },
  };
}

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
