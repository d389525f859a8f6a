import type { z } from 'zod';

/** A kind of message: what has to be known for it, and what it says. */
export interface Notice<Data = unknown> {
  /** Ids, titles, dates: what the message shows. Stored with the message, checked when it is queued and when it is written. */
  readonly data: z.ZodType<Data>;
  /**
   * Subject on one line, and paragraphs without a greeting. Every text in `data` is one line without marks that anything obeys by then.
   * @param portal address of the portal, without a slash at its end
   * @param tokenOf token of an invitation by its id; nothing that is stored holds it
   */
  write(
    data: Data,
    portal: string,
    tokenOf: (invitationId: string) => string,
  ): { readonly subject: string; readonly text: readonly string[] };
}

/** Keeps the type of a notice's data. */
export const notice = <Data>(one: Notice<Data>): Notice<Data> => one;

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** A day of the calendar, `YYYY-MM-DD`, as people write it. */
export const dayText = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));

/** An instant, ISO 8601, as people of a time zone write it, with the zone. */
export const instantText = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long', timeZone }).format(new Date(instant));
