import type { RunProgress } from '../../../pipeline/baselines/experiment.ts';

/**
 * Estimated seconds until a run ends, by the pace of this attempt alone: what an earlier one has made came in no time. null while there is nothing to
 * estimate from.
 * @param seconds since this attempt began to learn
 */
export function secondsLeft({ done, total, before = 0 }: RunProgress, seconds: number): number | null {
  return seconds < 1 || done <= before ? null : ((total - done) * seconds) / (done - before);
}
