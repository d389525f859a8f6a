/** One line on a terminal that is written over; elsewhere a line for each tenth, so that a log stays short. */
export interface ProgressLine {
  /** @param progress before: how many were done when the stage began (after a resumption), which say nothing about the rate */
  show(progress: { stage: string; done: number; total: number; before?: number; startedAt: number }): void;
  end(text: string): void;
}

export function progressLine(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): ProgressLine {
  let last = '';
  return {
    show({ stage, done, total, before = 0, startedAt }) {
      const text = progressText({ stage, done, total, before, seconds: (now() - startedAt) / 1000 });
      if (stream.isTTY) stream.write(`\r\x1b[2K${text}`);
      else {
        const tenth = `${stage} ${total === 0 ? 10 : Math.floor((done / total) * 10)}`;
        if (tenth !== last) stream.write(`${text}\n`);
        last = tenth;
      }
    },
    end(text) {
      stream.write(stream.isTTY ? `\r\x1b[2K${text}\n` : `${text}\n`);
    },
  };
}

/** Seconds that a stage will still take, from what was done since it began; nothing while that says nothing. @param startedAt by `performance.now()` */
export function secondsLeft(
  { done, total }: { done: number; total: number },
  before: number,
  startedAt: number,
): { secondsLeft?: number } {
  const rate = (done - before) / (performance.now() - startedAt);
  return rate > 0 ? { secondsLeft: (total - done) / rate / 1000 } : {};
}

/** `frames 1,234 of 2,900 (43 %), 112/s, 15 s left` */
export function progressText(progress: {
  stage: string;
  done: number;
  total: number;
  before?: number;
  seconds: number;
}): string {
  const { stage, done, total, before = 0, seconds } = progress;
  const share = total === 0 ? 100 : Math.floor((done / total) * 100);
  const rate = seconds > 0 ? (done - before) / seconds : 0;
  const left = rate > 0 && done < total ? `, ${durationText((total - done) / rate)} left` : '';
  return `${stage} ${done.toLocaleString('en')} of ${total.toLocaleString('en')} (${share} %), ${rate.toFixed(rate < 10 ? 1 : 0)}/s${left}`;
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
