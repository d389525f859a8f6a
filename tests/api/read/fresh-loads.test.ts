import { describe, expect, it } from 'vitest';
import { FreshLoads } from '../../../api/services/read/fresh-loads.ts';

describe('loads that are joined', () => {
  it('never give what was read before one asked', async () => {
    const loads = new FreshLoads<number>();
    const ends: (() => void)[] = [];
    let started = 0;
    const start = (): Promise<number> => {
      started += 1;
      const mine = started;
      return new Promise((resolve) => ends.push(() => resolve(mine)));
    };
    const first = loads.load('a', start);
    const second = loads.load('a', start);
    const third = loads.load('a', start);
    const other = loads.load('b', start);
    expect(started).toBe(2);
    ends[0]?.();
    expect(await first).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toBe(3);
    const fourth = loads.load('a', start);
    expect(started).toBe(3);
    ends[2]?.();
    expect(await Promise.all([second, third])).toEqual([3, 3]);
    await new Promise((resolve) => setImmediate(resolve));
    ends[3]?.();
    expect(await fourth).toBe(4);
    ends[1]?.();
    expect(await other).toBe(2);
  });

  it('go on after one that failed', async () => {
    const loads = new FreshLoads<number>();
    const failing = loads.load('a', () => Promise.reject(new Error('lost')));
    const next = loads.load('a', async () => 2);
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe(2);
    expect(await loads.load('a', async () => 3)).toBe(3);
  });
});
