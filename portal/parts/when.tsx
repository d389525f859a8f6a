import { endOfDay, isLocalDate } from '../../governance/calendar.ts';
import { useShell } from '../app/viewer.tsx';

const TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const ZONE = new Intl.DateTimeFormat('en', { timeZoneName: 'short' });
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

const zoneOf = (at: Date): string => ZONE.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** An instant in the reader's time zone, which is named. */
export function When({ at }: { at: string | null | undefined }) {
  if (!at) return <>—</>;
  const date = new Date(at);
  return (
    <time dateTime={at}>
      {TIME.format(date)} {zoneOf(date)}
    </time>
  );
}

/** A calendar day, which is the same day everywhere. */
export function Day({ on }: { on: string | null | undefined }) {
  if (!on) return <>—</>;
  return <time dateTime={on}>{DAY.format(new Date(`${on}T00:00:00Z`))}</time>;
}

/**
 * The day on which something begins, or the last one on which it counts, in the calendar of the study: whose days end there, wherever the reader is.
 * The moment itself is told to who points at it.
 */
function StudyDay({ at, back }: { at: string | null | undefined; back: 0 | 1 }) {
  const timeZone = useShell().data?.study.timeZone ?? 'UTC';
  if (!at) return <>—</>;
  const date = new Date(at);
  // What begins within a day began when the reader’s own clock, by which all else is told, says so.
  const whole =
    back === 1 ||
    new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23', timeZone }).format(date) === '00:00:00';
  return (
    <time dateTime={at} title={`${TIME.format(date)} ${zoneOf(date)}`}>
      {new Intl.DateTimeFormat('en', { dateStyle: 'medium', ...(whole && { timeZone }) }).format(date.getTime() - back)}
    </time>
  );
}

/**
 * Turns a day that was picked into the instant at which it is over in the calendar of the study, ISO 8601. What is no day is passed on, for the API to say
 * what is wrong with it.
 */
export function useEndOfDay(): (day: string) => string {
  const timeZone = useShell().data?.study.timeZone ?? 'UTC';
  return (day) => (isLocalDate(day) ? new Date(endOfDay(day, timeZone)).toISOString() : day);
}

/** The day that an instant begins. */
export const FirstDay = ({ at }: { at: string | null | undefined }) => <StudyDay at={at} back={0} />;

/** The last day before an end: an end of day is the first moment after it. */
export const LastDay = ({ at }: { at: string | null | undefined }) => <StudyDay at={at} back={1} />;

const MONTH = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** "2026-11" -> "November 2026". */
export const monthText = (month: string): string => MONTH.format(new Date(`${month}-01T00:00:00Z`));

/** 1536 -> "1.5 KB". */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '—';
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A range of accuracy, "over 25 to 50 %"; the lowest takes 0 in. */
export const rangeText = ({ above, upTo }: { above: number; upTo: number }): string =>
  above === 0 ? `0 to ${Math.round(upTo * 100)} %` : `over ${Math.round(above * 100)} to ${Math.round(upTo * 100)} %`;

/** 0.676 -> "67.6 %". */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '—' : `${(share * 100).toFixed(1)} %`;
