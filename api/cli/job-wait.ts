import { durationText } from '../progress-line.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { reasonsOf } from './reasons.ts';

/** A job as the server tells of it. */
export interface JobFacts {
  state: string;
  progress: {
    stage: string;
    done: number;
    total: number;
    rate?: number | null | undefined;
    secondsLeft?: number | null | undefined;
    loss?: number | null | undefined;
  } | null;
  /** Of what waits its turn among people. */
  queue?:
    | { place: number; waiting: number; secondsToStart: number | null; secondsToEnd: number | null }
    | null
    | undefined;
  error: { code: string; message: string; reasons?: unknown[] | null | undefined } | null;
}

/** The job ended without a result: it will never have one. */
export class JobEnded extends CommandFailed {}

const ENDED = ['SUCCEEDED', 'FAILED', 'REFUSED', 'CANCELLED', 'EXPIRED'];
/** How often a job is looked at, in ms: soon at first, so that short ones do not wait. */
const LOOKS_MS = [100, 200, 300, 500];

/**
 * Waits for a job to succeed, with its progress.
 * @param what `export`, `run`
 * @throws CommandFailed where it ends otherwise, and what `look` throws
 */
export async function waitForJob<Job extends JobFacts>(io: Io, what: string, look: () => Promise<Job>): Promise<Job> {
  for (let round = 0; ; round += 1) {
    const job = await look();
    if (ENDED.includes(job.state)) {
      io.progress.clear();
      if (job.state === 'SUCCEEDED') return job;
      throw ended(what, job);
    }
    io.progress.show(job.progress?.stage ?? job.state, shareOf(job), progressText(what, job));
    await io.sleep(LOOKS_MS[Math.min(round, LOOKS_MS.length - 1)]!);
  }
}

const shareOf = ({ progress }: JobFacts): number =>
  progress && progress.total > 0 ? progress.done / progress.total : 0;

function progressText(what: string, { state, progress, queue }: JobFacts): string {
  if (queue) {
    const start = queue.secondsToStart === null ? '' : `, begins in about ${durationText(queue.secondsToStart)}`;
    return `${what}: place ${queue.place} of ${queue.waiting} that wait${start}`;
  }
  if (!progress) return `${what} ${state.toLowerCase()} …`;
  const { stage, done, total, rate, secondsLeft, loss } = progress;
  const speed = rate == null || !Number.isFinite(rate) ? '' : `, ${rate.toFixed(rate < 10 ? 1 : 0)}/s`;
  const left = secondsLeft == null || !Number.isFinite(secondsLeft) ? '' : `, ${durationText(secondsLeft)} left`;
  return `${what}: ${stage} ${done.toLocaleString('en')} of ${total.toLocaleString('en')}${speed}${loss == null ? '' : `, loss ${loss.toFixed(3)}`}${left}`;
}

function ended(what: string, { state, error }: JobFacts): CommandFailed {
  const reasons = reasonsOf(error?.reasons ?? []);
  if (state === 'REFUSED') {
    const why = error?.message ?? 'access has ended.';
    return new JobEnded(`The ${what} was refused: ${why}`, { exitCode: EXIT.REFUSED, code: 'FORBIDDEN', reasons });
  }
  if (state === 'CANCELLED') return new JobEnded(`The ${what} was cancelled.`, { code: 'CANCELLED' });
  if (state === 'EXPIRED')
    return new JobEnded(`The ${what} is kept no longer: ask for a new one.`, { code: 'EXPIRED' });
  return new JobEnded(`The ${what} failed: ${error?.message ?? 'the server does not say why.'}`, {
    code: error?.code ?? 'FAILED',
    reasons,
  });
}
