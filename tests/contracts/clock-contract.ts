import { describe, expect, it } from 'vitest';
import type { Clock, Ids } from '../../api/adapters/clock/clock.ts';

const MANY = 20_000;

/** What must hold of every Clock. */
export function clockContract(name: string, clock: Clock): void {
  describe(`${name} as a clock`, () => {
    it('tells instants that never go back, each its own object', () => {
      let before = clock.now().getTime();
      for (let i = 0; i < 1000; i++) {
        const now = clock.now().getTime();
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
      expect(clock.now()).not.toBe(clock.now());
    });
  });
}

/** What must hold of every Ids. */
export function idsContract(name: string, ids: Ids): void {
  describe(`${name} as a source of ids`, () => {
    it('gives UUIDs of version 7 that carry the time', () => {
      const before = Date.now();
      const id = ids.uuid();
      const after = Date.now();
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const at = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      expect(at).toBeGreaterThanOrEqual(before);
      // Many in one millisecond may run a little ahead of it.
      expect(at).toBeLessThanOrEqual(after + 1000);
    });

    it('gives them in order, and none twice', () => {
      const made = Array.from({ length: MANY }, () => ids.uuid());
      expect(made).toEqual([...made].sort());
      expect(new Set(made).size).toBe(MANY);
    });

    it('of which nobody guesses the next: the last 62 bits are drawn each time', () => {
      const tails = Array.from({ length: 2000 }, () => ids.uuid().slice(-12));
      expect(new Set(tails).size).toBe(2000);
      // Of each bit about half are ones; 2,000 fair draws leave 800 to 1,200 but for one in 10^17.
      for (let bit = 0; bit < 48; bit++) {
        const ones = tails.filter((tail) => (BigInt(`0x${tail}`) >> BigInt(bit)) & 1n).length;
        expect(ones).toBeGreaterThan(800);
        expect(ones).toBeLessThan(1200);
      }
    });

    it('gives as many random bytes as are asked for, different each time', () => {
      for (const length of [0, 1, 4, 32, 1024]) expect(ids.random(length)).toHaveLength(length);
      expect(new Set(Array.from({ length: 1000 }, () => ids.random(16).toString('hex'))).size).toBe(1000);
      const counts = new Array(256).fill(0);
      for (const byte of ids.random(256 * 400)) counts[byte]++;
      for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(160);
    });
  });
}
