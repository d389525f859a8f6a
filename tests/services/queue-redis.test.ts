import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock, systemIds } from '../../api/adapters/clock/clock.ts';
import { type RedisQueue, redisQueue } from '../../api/adapters/queue/redis-queue.ts';
import { runJobs } from '../../api/jobs/job-runner.ts';
import { jobStore } from '../../api/jobs/job-store.ts';
import { eventually } from '../contracts/eventually.ts';
import { queueContract } from '../contracts/queue-contract.ts';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { type RedisServer, startRedis } from './support/redis.ts';
import { absent } from './support/service.ts';

const quiet = { warn: () => {} };
/** An argument of a command that is said on a line. */
const quoted = (text: string): string => JSON.stringify(text);

describe.skipIf(absent('redis'))('Redis', () => {
  queueContract('Bull on Redis', async () => {
    const server = await startRedis();
    const [queue, another] = [redisQueue(server.url, { log: quiet }), redisQueue(server.url, { log: quiet })];
    return {
      queue,
      another,
      restart: () => server.restart(),
      async stop() {
        await queue.close();
        await another.close();
        await server.stop();
      },
    };
  });

  describe('Bull on Redis, beside PostgreSQL', () => {
    let server: RedisServer;
    let db: TestDatabase;
    const opened: RedisQueue[] = [];
    const open = (): RedisQueue => {
      const queue = redisQueue(server.url, { log: quiet });
      opened.push(queue);
      return queue;
    };
    beforeAll(async () => {
      [server, db] = await Promise.all([startRedis(), startTestDatabase()]);
    });
    afterAll(async () => {
      for (const queue of opened) await queue.close();
      await server.stop();
      await db.stop();
    });

    it('keeps word that nobody heard for the next to come, once for each job', async () => {
      const id = randomUUID();
      const early = open();
      for (let i = 0; i < 3; i++) await early.announce(id);
      const heard: string[] = [];
      await open().onAnnounced((one) => heard.push(one));
      await eventually('it is heard', () => heard.includes(id));
      const last = randomUUID();
      await early.announce(last);
      await eventually('the last is heard', () => heard.includes(last));
      expect(heard).toEqual([id, last]);
      await eventually('nothing is left in Redis', async () => (await server.say('EXISTS', `iss:jobs:${id}`)) === ':0');
    });

    it('does every job once though Redis is emptied, killed and away while they wait', async () => {
      const store = jobStore(db.database, systemClock, systemIds);
      const done: string[] = [];
      const kind = {
        kind: 'redis-test',
        payload: z.object({ n: z.number() }),
        maxAttempts: 3,
        priority: 0,
        run: async (_: unknown, { job }: { job: { id: string } }) => {
          done.push(job.id);
        },
      };
      const queue = open();
      const add = async (count: number): Promise<string[]> => {
        const ids: string[] = [];
        for (let n = 0; n < count; n++) {
          const id = await store.add(db.database, { kind: 'redis-test', payload: { n } });
          await queue.announce(id);
          ids.push(id);
        }
        return ids;
      };
      const ids = await add(20);
      expect(await server.say('FLUSHALL')).toBe('+OK');
      const log = { warn() {}, error() {}, info() {} } as never;
      const workers = await Promise.all(
        ['a', 'b'].map((worker) =>
          runJobs({ worker, kinds: [kind], store, queue: open(), database: db.database, log, pollMs: 200 }),
        ),
      );
      await server.kill();
      const began = performance.now();
      ids.push(...(await add(3)));
      expect(performance.now() - began).toBeLessThan(10_000);
      await server.restart();
      ids.push(...(await add(5)));
      await eventually('all are done', async () => (await store.counts('redis-test')).SUCCEEDED === ids.length);
      expect(done.sort()).toEqual([...ids].sort());
      await Promise.all(workers.map((worker) => worker.stop()));
    });

    it('is woken by the word, not by its own looking', async () => {
      const store = jobStore(db.database, systemClock, systemIds);
      const kind = { kind: 'woken', payload: z.unknown(), maxAttempts: 1, priority: 0, run: async () => null };
      const log = { warn() {}, error() {}, info() {} } as never;
      const queue = open();
      const worker = await runJobs({
        ...{ worker: 'slow', kinds: [kind], store, queue: open(), database: db.database, log },
        pollMs: 600_000,
      });
      const id = await store.add(db.database, { kind: 'woken', payload: null });
      await queue.announce(id);
      await eventually('it is done', async () => (await store.get(id))?.state === 'SUCCEEDED');
      await worker.stop();
    });

    it('is told nothing, and ended by nothing, by what somebody else put into Redis', async () => {
      const unhandled: unknown[] = [];
      const note = (error: unknown): void => {
        unhandled.push(error);
      };
      process.on('unhandledRejection', note);
      const queue = open();
      const heard: unknown[] = [];
      await queue.onAnnounced((id) => heard.push(id));
      const forged: [data: string, opts: string][] = [
        ['null', '{"timeout":"x"}'],
        ['null', '{"timeout":-1}'],
        ['null', '{}'],
        ['[]', '{}'],
        ['"text"', '{}'],
        ['{"id":{"__proto__":{"id":1}}}', '{}'],
        ['{"id":5}', '{"timeout":"x"}'],
        ['{broken', '{}'],
        ['{}', 'null'],
      ];
      for (const [n, [data, opts]] of forged.entries()) {
        await server.say('HSET', `iss:jobs:forged${n}`, 'data', quoted(data), 'opts', quoted(opts));
        await server.say('LPUSH', 'iss:jobs:wait', `forged${n}`);
      }
      const id = randomUUID();
      await queue.announce(id);
      await eventually('a true word is heard', () => heard.includes(id));
      await eventually(
        'all that was forged is taken',
        async () => (await server.say('LLEN', 'iss:jobs:wait')) === ':0',
      );
      // One after the other: what comes last is read when all before it is over.
      const last = randomUUID();
      await queue.announce(last);
      await eventually('what came last is read', async () => (await server.say('EXISTS', `iss:jobs:${last}`)) === ':0');
      process.off('unhandledRejection', note);
      expect(unhandled).toEqual([]);
      expect(heard.every((one) => typeof one === 'string')).toBe(true);
      expect(await server.say('FLUSHALL')).toBe('+OK');
    });

    it('says that Redis cannot be used, without its password', async () => {
      const nowhere = redisQueue('redis://:hunter2@127.0.0.1:9/0', { log: quiet });
      opened.push(nowhere);
      await expect(nowhere.check()).rejects.toThrow(/^ISS_REDIS_URL: Redis at 127\.0\.0\.1:9 cannot be used/);
      await nowhere.check().catch((error: Error) => expect(error.message).not.toContain('hunter2'));
      await open().check();
    });
  });
});
