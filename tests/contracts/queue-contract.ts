import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobQueue } from '../../api/adapters/queue/queue.ts';
import { eventually } from './eventually.ts';

export interface QueueUnderTest {
  queue: JobQueue;
  /** The same queue as another process sees it. */
  another: JobQueue;
  /** Ends what carries the word and has it started again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What must hold of every JobQueue. */
export function queueContract(name: string, start: () => Promise<QueueUnderTest>): void {
  describe(`${name} as a queue`, () => {
    let under: QueueUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());

    it('carries word to every listener, here and elsewhere', async () => {
      const heard: string[][] = [[], [], []];
      const stops = await Promise.all([
        under.queue.onAnnounced((id) => heard[0]!.push(id)),
        under.queue.onAnnounced((id) => heard[1]!.push(id)),
        under.another.onAnnounced((id) => heard[2]!.push(id)),
      ]);
      const ids = Array.from({ length: 5 }, () => randomUUID());
      for (const id of ids) await under.queue.announce(id);
      await eventually('all heard', () => heard.every((one) => one.length === ids.length));
      for (const one of heard) expect(one.sort()).toEqual([...ids].sort());
      await Promise.all(stops.map((stop) => stop()));
    });

    it('does not mind that nobody listens', async () => {
      await expect(under.queue.announce(randomUUID())).resolves.toBeUndefined();
    });

    it('calls nobody who has stopped listening', async () => {
      const first: string[] = [];
      const second: string[] = [];
      const stop = await under.queue.onAnnounced((id) => first.push(id));
      const stopSecond = await under.another.onAnnounced((id) => second.push(id));
      await stop();
      await under.queue.announce('x');
      await eventually('the other hears', () => second.length > 0);
      expect(first).toEqual([]);
      await stopSecond();
      await stop();
    });

    it('carries word again after what carries it was restarted; what was said meanwhile may be lost', async () => {
      const heard: string[] = [];
      const stop = await under.queue.onAnnounced((id) => heard.push(id));
      await under.restart();
      await eventually('heard again', async () => {
        await under.another.announce('again').catch(() => {});
        return heard.includes('again');
      });
      await stop();
    });

    it('closes with listeners still there, and then carries nothing', async () => {
      const heard: string[] = [];
      await under.another.onAnnounced((id) => heard.push(id));
      await under.another.close();
      await under.queue.announce('closed');
      await under.queue.announce('closed');
      expect(heard).toEqual([]);
    });
  });
}
