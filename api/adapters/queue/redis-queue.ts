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
/** Whoever listens may begin without it, too: it looks by itself. */
const LISTEN_MS = 5000;
const CLOSE_MS = 3000;
/** The two ways of a word are no further apart than this. */
const TWICE_MS = 2000;
const MOST_REMEMBERED = 10_000;
const ADDED = 'global:waiting';
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
  /** The same word comes here by two ways, in any order: that it was added, and its reading. When the first came, so that the second tells nobody again. */
  const added = new Map<string, number>();
  const read = new Map<string, number>();
  let reading: Promise<unknown> | undefined;
  let closed = false;
  let silent = false;
  bull.on('error', (error) => {
    if (!silent && !closed)
      log.warn({ error: error.message }, 'word of jobs does not come by Redis; workers look for jobs by themselves');
    silent = true;
  });
  bull.client.on('ready', () => {
    silent = false;
  });
  const tell = (id: string): void => {
    for (const heard of listeners) heard(id);
  };

  /** Tells of a word that came by one way, unless it has just come by the other. */
  function came(id: string, way: Map<string, number>, other: Map<string, number>): void {
    const now = performance.now();
    const before = other.get(id);
    other.delete(id);
    if (before !== undefined && now - before < TWICE_MS) return;
    way.set(id, now);
    if (way.size > MOST_REMEMBERED) way.delete(way.keys().next().value!);
    tell(id);
  }

  async function listen(): Promise<void> {
    // Said by Bull once Redis has taken the subscription: before that, what others add is not heard here.
    const subscribed = new Promise<void>((done) => bull.once(`registered:${ADDED}`, () => done()));
    bull.on(ADDED, (jobId: Bull.JobId) => came(String(jobId), added, read));
    void bull
      .process(1, async (job) => {
        // Whoever may write to Redis may have put anything there. Where Bull gives up on such an entry by itself, nobody waits for this promise: were it
        // refused, the process would end.
        const id: unknown = job.data?.id;
        if (typeof id === 'string') came(id, read, added);
      })
      .catch((error: Error) => {
        if (!closed) log.warn({ error: error.message }, 'word of jobs is no longer read from Redis');
      });
    await subscribed;
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
      await within(LISTEN_MS, reading).catch(() => {});
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
