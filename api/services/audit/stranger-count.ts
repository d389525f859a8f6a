import type { Clock } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** Kinds that are told apart within a minute; what is beyond is counted together. */
const MOST_KINDS = 100;
const MINUTE_MS = 60_000;

/** Counts refusals of people who are not signed in, by the minute and kind: they could fill the log, and a count they cannot fill. */
export interface StrangerCount {
  /** @param kind a word of this program, never of the stranger's */
  count(kind: string): void;
  /** Adds what was counted to the rows. What cannot be written is kept for the next time, of so many minutes. */
  flush(sql: Sql): Promise<void>;
}

const MOST_MINUTES = 60;

export function strangerCount(clock: Clock): StrangerCount {
  let minutes = new Map<number, Map<string, number>>();
  return {
    count(kind) {
      const minute = Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS;
      const kinds = minutes.get(minute) ?? new Map<string, number>();
      if (!minutes.has(minute)) {
        if (minutes.size >= MOST_MINUTES) minutes.delete(minutes.keys().next().value!);
        minutes.set(minute, kinds);
      }
      const name = kinds.has(kind) || kinds.size < MOST_KINDS ? kind : 'OTHER';
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
    },
    async flush(sql) {
      const counted = minutes;
      minutes = new Map();
      for (const [minute, kinds] of counted) {
        await sql
          .query(
            `INSERT INTO stranger_refusal (minute, kind, count) SELECT $1, k, n FROM unnest($2::text[], $3::int[]) AS u(k, n)
             ON CONFLICT (minute, kind) DO UPDATE SET count = stranger_refusal.count + excluded.count`,
            [new Date(minute), [...kinds.keys()], [...kinds.values()]],
          )
          .then(
            () => counted.delete(minute),
            (error: unknown) => {
              for (const [at, rest] of counted) {
                const now = minutes.get(at) ?? new Map<string, number>();
                for (const [kind, n] of rest) now.set(kind, (now.get(kind) ?? 0) + n);
                minutes.set(at, now);
              }
              throw error;
            },
          );
      }
    },
  };
}
