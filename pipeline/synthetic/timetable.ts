import type { Random } from './random.ts';

const DAY = 86_400_000;
/** The study's data were collected from December 2020 to July 2021 (paper, Table 1). */
const FIRST_DAY = Date.UTC(2020, 11, 1);
const LAST_DAY = Date.UTC(2021, 6, 31);
/** A patient takes part for three months (paper, Table 3). */
export const DAYS_IN_STUDY = 90;

/** How often each hour of the day (0 to 23) is chosen: every timeframe occurs, the night rarely. */
const hourWeights = [2, 1, 1, 1, 1, 2, 3, 4, 7, 8, 8, 7, 6, 6, 7, 7, 7, 6, 7, 7, 6, 5, 4, 3].map(
  (weight, hour) => [hour, weight] as const,
);

const isoDate = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** When a patient enrolled (ISO date), and `count` submissions of theirs as `YYYYMMDDTHHMMSS`, in order, one a day at most. */
export function drawTimetable(count: number, random: Random): { enrolledOn: string; timestamps: string[] } {
  if (!Number.isInteger(count) || count < 1 || count > DAYS_IN_STUDY) {
    throw new RangeError(`A patient has 1 to ${DAYS_IN_STUDY} submissions, not ${count}`);
  }
  const lastStart = Math.round((LAST_DAY - FIRST_DAY) / DAY) - DAYS_IN_STUDY;
  const start = FIRST_DAY + random.integer(0, lastStart) * DAY;
  const days = random
    .shuffle(Array.from({ length: DAYS_IN_STUDY }, (_, day) => day + 1))
    .slice(0, count)
    .sort((a, b) => a - b);
  const two = (value: number): string => String(value).padStart(2, '0');
  const timestamps = days.map((day) => {
    const hour = random.weighted(hourWeights);
    const date = isoDate(start + day * DAY).replaceAll('-', '');
    return `${date}T${two(hour)}${two(random.integer(0, 59))}${two(random.integer(0, 59))}`;
  });
  return { enrolledOn: isoDate(start), timestamps };
}
