import { describe, expect, it } from 'vitest';
import { secondsLeft } from '../../../api/services/runs/time-left.ts';

describe('the time that a run has left', () => {
  const at = (done: number, before = 0) => ({ done, before, total: 100, fold: 1 });

  it('follows from the steps since the first report, however long that one took', () => {
    const estimate = secondsLeft();
    expect(estimate(at(1), 600_000)).toBeNull();
    expect(estimate(at(11), 605_000)).toBeCloseTo(89 * 0.5);
  });

  it('is not told of fewer than three steps, nor within a second', () => {
    const estimate = secondsLeft();
    estimate(at(1), 0);
    expect(estimate(at(3), 60_000)).toBeNull();
    expect(estimate(at(4), 60_000)).toBeCloseTo(96 * 20);
    const quick = secondsLeft();
    quick(at(1), 0);
    expect(quick(at(50), 999)).toBeNull();
    expect(quick(at(50), 1_000)).not.toBeNull();
  });

  it('takes no step of an earlier attempt for one of this', () => {
    const estimate = secondsLeft();
    estimate(at(40, 40), 0);
    // Meanwhile thirty more were taken up, and four were made.
    expect(estimate(at(74, 70), 8_000)).toBeCloseTo(26 * 2);
  });

  it('is none at the end', () => {
    const estimate = secondsLeft();
    estimate(at(1), 0);
    expect(estimate(at(100), 10_000)).toBe(0);
  });
});
