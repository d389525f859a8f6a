import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ForestAnswer, ForestTask, ForestThreadData } from './forest-worker.ts';
import type { ForestProblem } from './random-forest.ts';
import type { RankedMatrix } from './ranked-matrix.ts';
import type { Tree } from './tree.ts';

/** Threads that grow forests over one matrix, which they share. */
export interface ForestThreads {
  /**
   * Grows a forest; the trees are those that `fitForest` gives, whichever thread grew them. One at a time.
   * @param onTree called as often as a tree is done
   * @throws Error where a thread fails; the signal's reason when it is aborted, at once and for good
   */
  grow(problem: Omit<ForestProblem, 'matrix'>, trees: number, onTree?: () => void): Promise<Tree[]>;
  stop(): Promise<void>;
}

/** Cores that this process may use. */
export const coresAtHand = (): number => availableParallelism();

/**
 * Starts `count` threads over a ranked matrix. They cost about half a second each to start, so small forests are sooner grown without.
 * Aborted by `signal` they end in the middle of a tree.
 */
export function forestThreads(matrix: RankedMatrix, count: number, signal?: AbortSignal): ForestThreads {
  signal?.throwIfAborted();
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ForestThreadData = { matrix, next };
  const program = resolve(import.meta.dirname, 'forest-thread.mjs');
  const workers = Array.from({ length: count }, () => new Worker(program, { workerData, execArgv: [] }));
  const stop = async (): Promise<void> => {
    signal?.removeEventListener('abort', end);
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  const end = (): void => void stop();
  signal?.addEventListener('abort', end, { once: true });

  return {
    stop,
    async grow(problem, trees, onTree) {
      signal?.throwIfAborted();
      Atomics.store(next, 0, 0);
      const forest = new Array<Tree>(trees);
      // Labels and rows are copied to each thread; the matrix, which is nearly all there is, is not.
      const { labels, classes, rows, seed, stream } = problem;
      const own = { labels, classes, rows, seed, ...(stream !== undefined && { stream }) };
      const task: ForestTask = { problem: own, trees };
      const parts = workers.map(
        (worker) =>
          new Promise<void>((done, fail) => {
            const settle = (then: () => void): void => {
              worker.off('message', answered).off('error', broken).off('exit', gone);
              then();
            };
            const answered = (answer: ForestAnswer): void => {
              if ('done' in answer) settle(done);
              else if ('failed' in answer) {
                // The others are told that there is nothing left to take.
                Atomics.store(next, 0, trees);
                settle(() => fail(new Error(answer.failed)));
              } else {
                forest[answer.index] = answer.tree;
                onTree?.();
              }
            };
            const broken = (error: Error): void => settle(() => fail(error));
            const gone = (): void => settle(() => fail(signal?.reason ?? new Error('A thread of a forest ended')));
            worker.on('message', answered).on('error', broken).on('exit', gone);
            worker.postMessage(task);
          }),
      );
      // Every thread has to be done, or what one still says would be taken for an answer to the next forest.
      const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return forest;
    },
  };
}
