import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Io } from '../../../api/cli/io.ts';
import { runCommand } from '../../../api/cli/main.ts';

export interface TestIo extends Io {
  lines: string[];
  notes: string[];
  shown: string[];
  /** What the person writes when asked, in order; without, there is no terminal. */
  answers: string[] | null;
  asked: string[];
  /** Pauses that were asked for, in ms; none is waited for. */
  slept: number[];
  abort(): void;
}

/** A terminal that is written down, a sleep that only gives way, and the real fetch. */
export function anIo(environment: Record<string, string | undefined> = {}): TestIo {
  const abort = new AbortController();
  const io: TestIo = {
    environment,
    signal: abort.signal,
    lines: [],
    notes: [],
    shown: [],
    answers: null,
    asked: [],
    slept: [],
    abort: () => abort.abort(new Error('Ctrl-C')),
    print: (line) => void io.lines.push(line),
    note: (line) => void io.notes.push(line),
    progress: { show: (_stage, _share, text) => void io.shown.push(text), clear: () => {} },
    async ask(question) {
      io.asked.push(question);
      return io.answers === null ? null : (io.answers.shift() ?? '');
    },
    now: () => new Date(),
    async sleep(milliseconds, signal = abort.signal) {
      io.slept.push(milliseconds);
      signal.throwIfAborted();
      // Gives way to the network without waiting for the clock.
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      signal.throwIfAborted();
    },
    fetch,
  };
  return io;
}

/** Runs a command line in this process. @returns its exit code */
export const iss = (io: Io, ...words: string[]): Promise<number> => runCommand(['node', 'iss', ...words], io);

/** A folder that goes with the test. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
