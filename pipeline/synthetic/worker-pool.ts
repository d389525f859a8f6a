import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerAnswer } from './drop-worker.ts';
import { removeUnfinished, type SubmissionTask } from './submission-files.ts';

/** A submission that could not be made; the message names it and says why. */
export class SubmissionFailed extends Error {
  override readonly name = 'SubmissionFailed';
}

/**
 * Makes the submissions in `workers` processes, each taking the next when it is done with one; `onMade` is told of each.
 * The first failure, or `signal`, ends all processes; unfinished videos are removed and the error or the signal's reason is thrown.
 */
export async function makeInWorkers(
  tasks: readonly SubmissionTask[],
  workers: number,
  onMade: () => void,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const queue = [...tasks];
  const children: ChildProcess[] = [];
  const stop = (): void => children.forEach((child) => void child.kill());
  signal?.addEventListener('abort', stop, { once: true });
  const work = async (): Promise<void> => {
    const child = startWorker();
    children.push(child);
    try {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        await ask(child, task);
        onMade();
      }
    } catch (error) {
      queue.length = 0;
      stop();
      throw error;
    } finally {
      if (child.connected) child.disconnect();
    }
  };
  try {
    const ended = await Promise.allSettled(Array.from({ length: Math.min(workers, tasks.length) }, work));
    signal?.throwIfAborted();
    const failed = ended.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function startWorker(): ChildProcess {
  // The loader by its path: the worker must start wherever the parent runs and whichever loader the parent uses (tests have their own).
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return fork(resolve(import.meta.dirname, 'drop-worker.ts'), [], {
    execArgv: ['--import', loader],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Settles only once the process has answered or is gone, so that nothing writes to the video any more. */
async function ask(child: ChildProcess, task: SubmissionTask): Promise<void> {
  const name = `${task.submission.patient}/${task.submission.timestamp}`;
  const answer = await new Promise<WorkerAnswer>((settle) => {
    const answered = (message: unknown): void => end(message as WorkerAnswer);
    const gone = (code: number | null, by: NodeJS.Signals | null): void =>
      end({ failed: { message: `its process ended (${by ?? `exit code ${code}`})` } });
    const broken = (error: Error): void => end({ failed: { message: error.message } });
    const end = (result: WorkerAnswer): void => {
      child.off('message', answered).off('exit', gone).off('error', broken);
      settle(result);
    };
    if (child.exitCode !== null || child.signalCode !== null) return gone(child.exitCode, child.signalCode);
    child.on('message', answered).on('exit', gone).on('error', broken);
    child.send(task, (error) => {
      if (error !== null) broken(error);
    });
  });
  if (answer.failed === null) return;
  await removeUnfinished(task);
  throw new SubmissionFailed(`${name}: ${answer.failed.message}`);
}
