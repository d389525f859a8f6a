import type { RunProgress } from '../../../pipeline/baselines/experiment.ts';

/** Steps from which a pace can be told. */
const LEAST_STEPS = 3;

/**
 * Estimates the seconds until a run ends, from the pace of the steps between its first report and the one that is told: what came before the first
 * (threads that start, a matrix that is ranked) and what an earlier attempt made is no pace. null while there is nothing to estimate from.
 * @returns to be told every report, with when it came (ms of a clock that never goes back)
 */
export function secondsLeft(): (progress: RunProgress, at: number) => number | null {
  let first: { learned: number; at: number } | undefined;
  return ({ done, total, before = 0 }, at) => {
    const learned = done - before;
    first ??= { learned, at };
    const [steps, seconds] = [learned - first.learned, (at - first.at) / 1000];
    return steps < LEAST_STEPS || seconds < 1 ? null : ((total - done) * seconds) / steps;
  };
}
