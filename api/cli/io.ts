import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { interrupted } from './exit.ts';
import { jsonLine, safe } from './terminal.ts';

/** All that a command may touch beside files: handed in, so that tests can stand in for a terminal and a clock. */
export interface Io {
  environment: Record<string, string | undefined>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** A line of the result (stdout). The caller has made it safe. */
  print(line: string): void;
  /** A line beside the result (stderr). */
  note(line: string): void;
  progress: Progress;
  /** A line that the person writes; null where there is no terminal to ask on. */
  ask(question: string): Promise<string | null>;
  now(): Date;
  /** Ends early with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  fetch: typeof fetch;
}

/** One line that is written over on a terminal; elsewhere a line for each tenth. */
export interface Progress {
  /** @param share 0 to 1 of `stage` */
  show(stage: string, share: number, text: string): void;
  /** Takes the line away before other lines are printed. */
  clear(): void;
}

export function progressOn(stream: Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }): Progress {
  let last = '';
  let shown = false;
  return {
    show(stage, share, text) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${safe(text)}`);
        shown = true;
        return;
      }
      const tenth = `${stage} ${Math.floor(Math.min(1, Math.max(0, share)) * 10)}`;
      if (tenth !== last) stream.write(`${safe(text)}\n`);
      last = tenth;
    },
    clear() {
      if (shown) stream.write('\r\x1b[2K');
      shown = false;
    },
  };
}

/** The process's own. */
export function processIo(signal: AbortSignal): Io {
  const progress = progressOn(process.stderr);
  return {
    environment: process.env,
    signal,
    print(line) {
      progress.clear();
      process.stdout.write(`${line}\n`);
    },
    note(line) {
      progress.clear();
      process.stderr.write(`${line}\n`);
    },
    progress,
    ask: (question) => askOnTerminal(question, signal),
    now: () => new Date(),
    sleep: (milliseconds, ends = signal) => setTimeout(milliseconds, undefined, { signal: ends }),
    fetch,
  };
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((settle, reject) => {
      lines.once('SIGINT', () => reject(interrupted('Interrupted.')));
      lines.once('close', () => settle(''));
      signal.addEventListener('abort', () => reject(interrupted('Interrupted.')), { once: true });
      lines.question(question, settle);
    });
  } finally {
    lines.close();
    process.stdin.pause();
  }
}

/** Prints a value as one line of JSON. */
export const printJson = (io: Io, value: unknown): void => io.print(jsonLine(value));
