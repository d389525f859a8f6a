/**
 * Days of the study's calendar. A `LocalDate` is `YYYY-MM-DD` with no time zone; a day becomes an instant only here,
 * so that "the end of the day" is the same moment everywhere.
 */
export type LocalDate = string;

const DAY_MS = 86_400_000;
const MEMO_SIZE = 4_096;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

const utcOf = (date: LocalDate): number => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  const time = match === null ? Number.NaN : Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`not a date of the form YYYY-MM-DD: ${date}`);
  }
  return time;
};

/** True for a day that exists, written `YYYY-MM-DD`. */
export const isLocalDate = (text: string): boolean => {
  try {
    utcOf(text);
    return true;
  } catch {
    return false;
  }
};

/** The day `days` later (earlier when negative). Throws RangeError when `date` is not a day that exists. */
export const addDays = (date: LocalDate, days: number): LocalDate =>
  new Date(utcOf(date) + days * DAY_MS).toISOString().slice(0, 10);

/**
 * The same day of the month `months` later, or the month's last day where it is shorter: a year after 29 February is
 * 28 February. Throws RangeError when `date` is not a day that exists.
 */
export const addMonths = (date: LocalDate, months: number): LocalDate => {
  utcOf(date);
  const month = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const year = Math.floor(month / 12);
  const last = new Date(Date.UTC(year, (month % 12) + 1, 0)).getUTCDate();
  return `${pad(year, 4)}-${pad((month % 12) + 1)}-${pad(Math.min(Number(date.slice(8, 10)), last))}`;
};

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
};

/** Wall time of an instant in a zone, as milliseconds since 1970 if that wall time were UTC. */
const wallOf = (time: number, timeZone: string): number => {
  const part = new Map(
    formatOf(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const [year = 0, month = 1, day = 1] = [part.get('year'), part.get('month'), part.get('day')];
  const [hour = 0, minute = 0, second = 0] = [part.get('hour'), part.get('minute'), part.get('second')];
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/** Remembers instants of days, zone by zone, since the policy asks for the same few days all the time. */
const remembered = (find: (date: LocalDate, timeZone: string) => number) => {
  const zones = new Map<string, Map<LocalDate, number>>();
  return (date: LocalDate, timeZone: string): number => {
    const known = zones.get(timeZone)?.get(date);
    if (known !== undefined) return known;
    const found = find(date, timeZone);
    const days = zones.get(timeZone) ?? new Map<LocalDate, number>();
    if (days.size >= MEMO_SIZE) days.clear();
    zones.set(timeZone, days.set(date, found));
    return found;
  };
};

/**
 * The first instant of a day in an IANA time zone, in milliseconds since 1970. Where clocks skip midnight it is the
 * instant of the skip. Throws RangeError for a day that does not exist or an unknown zone.
 */
export const startOfDay: (date: LocalDate, timeZone: string) => number = remembered((date, timeZone) => {
  const wall = utcOf(date);
  // Offsets are less than a day, so the first instant whose wall time reaches midnight lies in this window; once it is
  // reached it stays reached (clocks set back at midnight show the day before, and then midnight once), so halving works.
  let low = wall - DAY_MS;
  let high = wall + DAY_MS;
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (wallOf(middle, timeZone) >= wall) high = middle;
    else low = middle;
  }
  return high;
});

/**
 * The instant at which a day is over (the start of the next), in milliseconds since 1970. Half-open: it is not part of
 * the day. Throws RangeError as `startOfDay`.
 */
export const endOfDay: (date: LocalDate, timeZone: string) => number = remembered((date, timeZone) =>
  startOfDay(addDays(date, 1), timeZone),
);

/** The day that it is in a zone at an instant. */
export const localDate = (instant: Date, timeZone: string): LocalDate =>
  new Date(wallOf(instant.getTime(), timeZone)).toISOString().slice(0, 10);
