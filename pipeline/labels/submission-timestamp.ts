import { type Timeframe, timeframeOf } from './timeframe.ts';

/** When a submission was recorded: local wall time of the phone. The zone is unknown and not invented. */
export interface SubmissionTimestamp {
  /** As in folder names: `20201201T003232`. */
  readonly text: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** ISO 8601 without a zone: `2020-12-01T00:32:32`. */
  readonly local: string;
  readonly timeframe: Timeframe;
}

const SHAPE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})$/;

/** Days of a month (1 to 12) in the Gregorian calendar. */
const daysIn = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

/** True for a day that the calendar has: year 1 to 9999, month 1 to 12, day within the month. */
export const isCalendarDate = (year: number, month: number, day: number): boolean =>
  year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);

/**
 * Reads a submission's timestamp, `YYYYMMDDTHHMMSS`, or undefined where it is of another form or no real moment
 * (a 30 February, an hour 24, a second 60).
 */
export const parseSubmissionTimestamp = (text: string): SubmissionTimestamp | undefined => {
  const parts = SHAPE.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (!isCalendarDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  const time = `${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13, 15)}`;
  return { text, year, month, day, hour, minute, second, local: `${date}T${time}`, timeframe: timeframeOf(hour) };
};
