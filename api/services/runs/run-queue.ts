import type { RunQueueFacts } from '../../../schema/services/runs.ts';
import { PLACES_IN_TURN } from '../../jobs/fair-turn.ts';
import type { JobProgress } from '../../jobs/job.ts';
import type { RunDeps } from './run.ts';

/** What a run is asked to do, as far as its time depends on it. */
export interface RunSize {
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  /** One fold, or all. */
  readonly oneFold: boolean;
}

interface WaitingRun extends RunSize {
  readonly runId: string;
  readonly place: number;
}

interface AtWork extends RunSize {
  readonly startedAt: Date;
  readonly progress: JobProgress | null;
}

const SIZE = `b.experiment, b.classes, b.preset, b.fold IS NOT NULL AS "oneFold"`;
/** Runs that are looked at for how long one takes, the newest. */
const MEASURED = 200;

/** Seconds that a run of a size takes by those before, of any size for null; null where none was seen. */
export async function typicalSeconds({
  database,
}: Pick<RunDeps, 'database'>): Promise<(size: RunSize | null) => number | null> {
  const { rows } = await database.query<RunSize & { seconds: number } & Record<string, unknown>>(
    `SELECT ${SIZE}, extract(epoch FROM j.finished_at - j.started_at)::float8 AS seconds
     FROM baseline_run b JOIN job j ON j.id = b.job_id
     WHERE b.result IS NOT NULL AND b.answered_from IS NULL AND j.finished_at IS NOT NULL ORDER BY b.created_at DESC LIMIT $1`,
    [MEASURED],
  );
  const median = (some: readonly { readonly seconds: number }[]): number | null => {
    const sorted = some.map(({ seconds }) => seconds).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  };
  return (size) => median(size === null ? rows : rows.filter((row) => sameSize(row, size)));
}

const sameSize = (one: RunSize, other: RunSize): boolean =>
  one.experiment === other.experiment &&
  one.classes === other.classes &&
  one.preset === other.preset &&
  one.oneFold === other.oneFold;

/**
 * The place of every waiting run, and when it will begin and be done: workers take them in turn, each for as long as runs of its size have taken.
 * Nothing of whose they are is in it.
 */
export async function runQueue(deps: RunDeps): Promise<ReadonlyMap<string, RunQueueFacts>> {
  const { database, clock, config } = deps;
  const [waiting, atWork, seen] = await Promise.all([
    database.query<WaitingRun & Record<string, unknown>>(
      `SELECT p.place, b.id AS "runId", ${SIZE} FROM (${PLACES_IN_TURN('$1')}) p JOIN baseline_run b ON b.job_id = p.id ORDER BY p.place`,
      ['run-baseline'],
    ),
    database.query<AtWork & Record<string, unknown>>(
      `SELECT ${SIZE}, j.started_at AS "startedAt", j.progress FROM job j JOIN baseline_run b ON b.job_id = j.id WHERE j.state = 'RUNNING' AND j.kind = 'run-baseline'`,
    ),
    typicalSeconds(deps),
  ]);
  const now = clock.now().getTime();
  // A place in the queue is told a time from the first run on, whatever that was of.
  const typical = (size: RunSize): number | null => seen(size) ?? seen(null);
  /** By what it says itself once it knows, before by what others took. */
  const left = ({ startedAt, progress, ...size }: AtWork): number | null => {
    const whole = typical(size);
    if (progress?.secondsLeft !== undefined) return progress.secondsLeft;
    return whole === null ? null : Math.max(0, whole - (now - startedAt.getTime()) / 1000);
  };
  const starts = startsOf(atWork.rows.map(left), waiting.rows.map(typical), Math.max(1, config.ISS_WORKERS));
  return new Map(
    waiting.rows.map(({ runId, place, ...size }, at) => {
      const [secondsToStart, seconds] = [starts[at] ?? null, typical(size)];
      const secondsToEnd = secondsToStart === null || seconds === null ? null : secondsToStart + seconds;
      return [runId, { place, waiting: waiting.rows.length, secondsToStart, secondsToEnd }];
    }),
  );
}

/**
 * Seconds until each of the waiting begins, in order, when as many as there are workers go on at a time.
 * @param atWork seconds that those at work still take; null where unknown
 * @returns null from the first on that depends on an unknown one
 */
export function startsOf(
  atWork: readonly (number | null)[],
  waiting: readonly (number | null)[],
  workers: number,
): (number | null)[] {
  const free = Array.from({ length: workers }, (_, at) => (at < atWork.length ? (atWork[at] ?? Number.NaN) : 0));
  return waiting.map((seconds) => {
    if (free.some(Number.isNaN)) return null;
    const first = free.indexOf(Math.min(...free));
    const start = free[first] as number;
    free[first] = start + (seconds ?? Number.NaN);
    return start;
  });
}
