import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/** How far our numbers are from a golden file's, number by number. */
export interface Parity {
  /** @param tolerance this number's own; else the one for all */
  add(deviation: number, tolerance?: number, where?: string): void;
  /** Holds that there were numbers and that each is within its tolerance; where PARITY_REPORT names a file, their worst and mean become a line of it. */
  end(): void;
}

/** @param file of ../shared/golden @param what part of it, and in which unit */
export function parityWith(file: string, what: string, tolerance: number): Parity {
  let [count, sum, worst, nearest] = [0, 0, 0, 0];
  const beyond: string[] = [];
  return {
    add(deviation, own = tolerance, where = '') {
      const distance = Math.abs(deviation);
      count += 1;
      sum += distance;
      worst = Math.max(worst, distance);
      nearest = Math.max(nearest, distance / own);
      if (!(distance < own)) beyond.push(`${where} ${distance} (${own})`.trim());
    },
    end() {
      const report = process.env.PARITY_REPORT;
      if (report)
        appendFileSync(report, `${JSON.stringify({ file, what, count, worst, mean: sum / count, nearest })}\n`);
      expect([file, what, beyond]).toEqual([file, what, []]);
      expect(count).toBeGreaterThan(0);
    },
  };
}
