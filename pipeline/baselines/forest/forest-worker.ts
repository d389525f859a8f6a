import { parentPort, workerData } from 'node:worker_threads';
import { type ForestProblem, forestTree } from './random-forest.ts';
import type { RankedMatrix } from './ranked-matrix.ts';
import type { Tree } from './tree.ts';

/** What a thread is started with: nothing of it is copied. */
export interface ForestThreadData {
  readonly matrix: RankedMatrix;
  /** Tree to be grown next; threads take numbers from it. */
  readonly next: Int32Array;
}

/** A forest to grow. */
export interface ForestTask {
  readonly problem: Omit<ForestProblem, 'matrix'>;
  readonly trees: number;
}

/** A tree, or that there are no more to take, or why growing one failed. */
export type ForestAnswer =
  | { readonly index: number; readonly tree: Tree }
  | { readonly done: true }
  | { readonly failed: string };

/** Memory that a tree hands over without copying. */
const memoryOf = ({ feature, threshold, left, right, counts, samples }: Tree): ArrayBuffer[] =>
  [feature, threshold, left, right, counts, samples].map((numbers) => numbers.buffer as ArrayBuffer);

const port = parentPort;
const { matrix, next } = workerData as ForestThreadData;
port?.on('message', ({ problem, trees }: ForestTask) => {
  const answer = (message: ForestAnswer, memory: ArrayBuffer[] = []): void => port.postMessage(message, memory);
  try {
    for (let index = Atomics.add(next, 0, 1); index < trees; index = Atomics.add(next, 0, 1)) {
      const tree = forestTree({ ...problem, matrix }, index);
      answer({ index, tree }, memoryOf(tree));
    }
    answer({ done: true });
  } catch (error) {
    answer({ failed: error instanceof Error ? error.message : String(error) });
  }
});
