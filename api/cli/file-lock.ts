import { open, readFile, rm, stat } from 'node:fs/promises';
import { CommandFailed } from './exit.ts';
import type { Io } from './io.ts';

/** A holder that says nothing for this long is gone, in ms: between making the file and writing the number into it lie microseconds. */
const NAMELESS_MS = 5_000;
const LOOK_MS = 40;

export interface LockOptions {
  /** How long to wait for another process, in ms; 0 does not wait. */
  waitMs: number;
  /** The sentence when it is still held. */
  busy: string;
}

/**
 * Does work while no other process does work under the same lock file. A lock whose process has died (kill -9) is taken over.
 * @throws CommandFailed with `busy`, and what `work` throws
 */
export async function withLock<Result>(
  file: string,
  io: Pick<Io, 'now' | 'sleep'>,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const until = io.now().getTime() + options.waitMs;
  while (!(await take(file))) {
    if (await abandoned(file, io)) {
      await breakLock(file, io);
      continue;
    }
    if (io.now().getTime() >= until) throw new CommandFailed(options.busy, { code: 'BUSY' });
    await io.sleep(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** @returns false where the file is there already */
async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function abandoned(file: string, io: Pick<Io, 'now'>): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return false;
  if (/^\d+$/.test(text)) return !lives(Number(text));
  const made = await stat(file).catch(() => null);
  return made !== null && io.now().getTime() - made.mtimeMs > NAMELESS_MS;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Only one of those who found it abandoned removes it, and looks again first: otherwise the second would remove the first one's new lock. */
async function breakLock(file: string, io: Pick<Io, 'now'>): Promise<void> {
  const breaking = `${file}.breaking`;
  if (!(await take(breaking))) {
    if (await abandoned(breaking, io)) await rm(breaking, { force: true });
    return;
  }
  try {
    if (await abandoned(file, io)) await rm(file, { force: true });
  } finally {
    await rm(breaking, { force: true });
  }
}
