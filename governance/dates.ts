/**
 * Released dates. A timestamp is local wall time of an unknown zone, and none is invented: it is moved by a whole
 * number of days, the patient's own and secret, so that format, hour and intervals stay and the day says nothing.
 */

declare const shift: unique symbol;

/** A patient's shift: whole days into the past, 1 to MAX_SHIFT_DAYS. There is no way back: a negative one cannot be made. */
export type DayShift = number & { readonly [shift]: true };

/** Ten years. */
export const MAX_SHIFT_DAYS = 3_652;

/** Reads a stored shift. Throws RangeError for anything but a whole number of days from 1 to MAX_SHIFT_DAYS. */
export const dayShift = (days: number): DayShift => {
  if (!Number.isInteger(days) || days < 1 || days > MAX_SHIFT_DAYS) {
    throw new RangeError(`a shift is a whole number of days from 1 to ${MAX_SHIFT_DAYS}`);
  }
  return days as DayShift;
};

/** A new shift. `randomInt(n)` gives a secure whole number from 0 up to and without n. */
export const drawDayShift = (randomInt: (limit: number) => number): DayShift => dayShift(randomInt(MAX_SHIFT_DAYS) + 1);

// 2020-12-01T00:32:32(.123) of a row, 20201201T003232 of an object's key, 2020-12-01 of a day.
const WALL_TIME = /^(\d{4})(-?)(\d{2})\2(\d{2})(T\d{2}(?::\d{2}:\d{2}(?:\.\d+)?|\d{4}))?$/;

/**
 * A wall time moved by a patient's shift, in the format it came in: `2020-12-01T00:32:32`, `20201201T003232` or a day
 * alone. Throws RangeError for anything else, one with a zone included, and for a day that does not exist.
 */
export const shiftWallTime = (wallTime: string, days: DayShift): string => {
  const match = WALL_TIME.exec(wallTime);
  const [, year = '', dash = '', month = '', day = '', time = ''] = match ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = match !== null && date.toISOString().startsWith(`${year}-${month}-${day}`);
  if (!exists || (time !== '' && time.includes(':') !== (dash === '-'))) {
    throw new RangeError(`not a local wall time: ${wallTime}`);
  }
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10).replaceAll('-', dash) + time;
};
