/** Part of the day in which a submission was made, in order of the codes 0 to 5 (paper, appendix D.2.1). */
export type Timeframe = 'EARLY_AM' | 'REG_AM' | 'EARLY_PM' | 'REG_PM' | 'EARLY_NITE' | 'LATE_NITE';

export const TIMEFRAMES: readonly Timeframe[] = ['EARLY_AM', 'REG_AM', 'EARLY_PM', 'REG_PM', 'EARLY_NITE', 'LATE_NITE'];

/** First hour of each timeframe; the last one also holds the hours before the first. */
const STARTS: readonly (readonly [number, Timeframe])[] = [
  [5, 'EARLY_AM'],
  [8, 'REG_AM'],
  [12, 'EARLY_PM'],
  [17, 'REG_PM'],
  [21, 'EARLY_NITE'],
];

/**
 * Timeframe of an hour of local wall time, 0 to 23: 05-07, 08-11, 12-16, 17-20, 21-23, 00-04.
 * The paper's rule also lists an hour 24, which no clock shows.
 * @throws RangeError if `hour` is no whole number from 0 to 23
 */
export const timeframeOf = (hour: number): Timeframe => {
  if (!Number.isInteger(hour) || hour < 0 || hour > 23) {
    throw new RangeError(`An hour is a whole number from 0 to 23, not ${hour}`);
  }
  let found: Timeframe = 'LATE_NITE';
  for (const [start, timeframe] of STARTS) if (hour >= start) found = timeframe;
  return found;
};

/** Code in label files and model inputs: EARLY_AM 0 to LATE_NITE 5. */
export const timeframeCode = (timeframe: Timeframe): number => TIMEFRAMES.indexOf(timeframe);

/** As the paper writes it, e.g. `early_am`. */
export const timeframeLabel = (timeframe: Timeframe): string => timeframe.toLowerCase();
