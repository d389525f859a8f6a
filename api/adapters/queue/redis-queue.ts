import Bull from 'bull';
import { ServiceRefused } from '../service-refused.ts';
import type { JobQueue } from './queue.ts';

export interface RedisQueueOptions {
  /** Of everything that we keep in this Redis. */
  prefix?: string;
  log: { warn(fields: object, message: string): void };
}

/** Whoever announces does not wait longer for a Redis that is away: the job is a row, and is found without the word. */
const SAY_MS = 1000;
const CLOSE_MS = 3000;
/** A word is done with at once; one whose reader died goes to another this much later. */
const STALLED_MS = 5000;

export interface RedisQueue extends JobQueue {
  /** @throws ServiceRefused where Redis does not answer */
  check(): Promise<void>;
}

/**
 * Word of jobs, carried by Bull on Redis. A word is a Bull job with the id of the row, so that one that waits is not doubled; every process that
 * listens hears when it is added, and it is kept until one of them has taken it, so that word said while nobody listened is heard by the next to come.
 * What is to be done stands in PostgreSQL alone: an emptied Redis loses word, and no work.
 */
export function redisQueue(url: string, { prefix = 'iss', log }: RedisQueueOptions): RedisQueue {
  const bull = new Bull<{ id: string }>('jobs', url, {
    prefix,
    settings: { stalledInterval: STALLED_MS, lockDuration: 2 * STALLED_MS, maxStalledCount: 5 },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    redis: { connectTimeout: 5000, retryStrategy: (times) => Math.min(2000, 50 * times) },
  });
  const listeners = new Set<(jobId: string) => void>();
  /** Heard when they were added; their reading tells nobody again. */
  const heardAlready = new Set<string>();
  let reading: Promise<unknown> | undefined;
  let closed = false;
  let silent = false;
  bull.on('error', (error) => {
    if (!silent && !closed)
      log.warn({ error: error.message }, 'Redis does not answer; workers look for jobs by themselves');
    silent = true;
  });
  bull.client.on('ready', () => {
    silent = false;
  });
  const tell = (id: string): void => {
    for (const heard of listeners) heard(id);
  };

  function listen(): Promise<unknown> {
    bull.on('global:waiting', (jobId: Bull.JobId) => {
      const id = String(jobId);
      heardAlready.add(id);
      tell(id);
    });
    void bull
      .process(1, async ({ data: { id } }) => {
        if (!heardAlready.delete(id)) tell(id);
        if (heardAlready.size > 10_000) heardAlready.clear();
      })
      .catch((error: Error) => {
        if (!closed) log.warn({ error: error.message }, 'word of jobs is no longer read from Redis');
      });
    return bull.isReady();
  }

  return {
    async announce(jobId) {
      if (closed) return;
      await within(SAY_MS, bull.add({ id: jobId }, { jobId })).catch((error: Error) =>
        log.warn({ error: error.message, job: jobId }, 'word of a job was lost; workers find it by themselves'),
      );
    },
    async onAnnounced(heard) {
      // A function of its own: the same listener may be given twice.
      const one = (jobId: string): void => heard(jobId);
      listeners.add(one);
      reading ??= listen();
      await within(SAY_MS, reading).catch(() => {});
      return async () => {
        listeners.delete(one);
      };
    },
    async check() {
      try {
        await within(2000, bull.client.ping());
      } catch (error) {
        throw new ServiceRefused(
          `ISS_REDIS_URL: Redis at ${placeOf(url)} cannot be used: ${(error as Error).message}`,
          {
            cause: error,
          },
        );
      }
    },
    async close() {
      closed = true;
      listeners.clear();
      await within(CLOSE_MS, bull.close(true)).catch(() => bull.client.disconnect());
    },
  };
}

/** Host and port, without the password. */
const placeOf = (url: string): string => {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
};

function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  // What comes after it is no matter.
  work.catch(() => {});
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
