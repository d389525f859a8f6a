import { afterEach, describe, expect, it } from 'vitest';
import { featureMatrix } from '../../../../pipeline/baselines/forest/feature-matrix.ts';
import { type ForestThreads, forestThreads } from '../../../../pipeline/baselines/forest/forest-threads.ts';
import {
  type ForestProblem,
  fitForest,
  forestProbabilities,
} from '../../../../pipeline/baselines/forest/random-forest.ts';
import { rankInPlace, rankMatrix } from '../../../../pipeline/baselines/forest/ranked-matrix.ts';
import { runForestExperiment } from '../../../../pipeline/baselines/forest-experiment.ts';
import { foldsOf } from '../../../../pipeline/labels/folds.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';

const problemOf = (rows: number, columns: number): ForestProblem => {
  const random = seededRandom(3);
  const labels = Uint16Array.from({ length: rows }, () => random.below(2));
  const values = Array.from(
    { length: rows * columns },
    (_, i) => random.below(1000) + (i % columns === 0 ? 300 : 0) * (labels[Math.floor(i / columns)] ?? 0),
  );
  const matrix = rankMatrix(featureMatrix(values, rows, columns));
  return { matrix, labels, classes: 2, rows: Uint32Array.from(labels.keys()), seed: 9, stream: 2 };
};

describe('a matrix ranked in its own memory', () => {
  it('gives the trees and predictions of one ranked beside it, and cannot be ranked again', () => {
    const { labels, rows } = problemOf(200, 6);
    const values = Array.from(
      { length: 1200 },
      (_, i) => Math.fround(((i * 7919) % 211) / 13) * (i % 5 === 0 ? -1 : 1),
    );
    const [beside, own] = [featureMatrix(values, 200, 6), featureMatrix(values, 200, 6)];
    const problem = { labels, classes: 2, rows, seed: 4 };
    const forest = fitForest({ ...problem, matrix: rankMatrix(beside) }, 8);
    const ranked = rankInPlace(own);
    expect(fitForest({ ...problem, matrix: ranked }, 8)).toEqual(forest);
    expect(forestProbabilities(forest, ranked, rows)).toEqual(forestProbabilities(forest, beside, rows));
    expect(() => rankInPlace(own)).toThrow(RangeError);
  });
});

let threads: ForestThreads | undefined;
afterEach(() => threads?.stop());

describe('threads that grow a forest', () => {
  it('share one matrix and give the trees of one thread, in their order', async () => {
    const problem = problemOf(300, 20);
    expect(problem.matrix.ranks.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(problem.matrix.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    threads = forestThreads(problem.matrix, 2);
    let told = 0;
    expect(await threads.grow(problem, 12, () => told++)).toEqual(fitForest(problem, 12));
    expect(told).toBe(12);
    const other = { ...problem, stream: 3, rows: problem.rows.filter((row) => row % 3 > 0) };
    expect(await threads.grow(other, 5)).toEqual(fitForest(other, 5));
  });

  it('say what is wrong with a problem, and go on with the next', async () => {
    const problem = problemOf(50, 4);
    threads = forestThreads(problem.matrix, 2);
    await expect(threads.grow({ ...problem, rows: new Uint32Array() }, 4)).rejects.toThrow('no row to learn from');
    expect(await threads.grow(problem, 4)).toEqual(fitForest(problem, 4));
  });

  it('end in the middle of a tree when they are told to', async () => {
    const problem = problemOf(4000, 300);
    const ending = new AbortController();
    threads = forestThreads(problem.matrix, 2, ending.signal);
    const growing = threads.grow(problem, 1000, () => ending.abort(new Error('enough')));
    await expect(growing).rejects.toThrow('enough');
    await expect(threads.grow(problem, 1)).rejects.toThrow('enough');
  });

  it('leave the result of an experiment as it is without them', async () => {
    const random = seededRandom(5);
    const codes = Array.from({ length: 12 }, (_, i) => String(9001 + i));
    const rows = codes.flatMap((code) => Array<string>(10).fill(code));
    const values = rows.flatMap((code) => [
      random.below(50) + (Number(code) % 2) * 20,
      random.below(50),
      random.below(50),
    ]);
    const matrix = () => featureMatrix(values, rows.length, 3);
    const patients = codes.map((patient, i) => ({
      ...{ patient, painLevel: i % 2 === 0 ? 'SEVERE' : 'NONE', sex: 'M', skinType: 'I_III', sourceDevice: null },
    })) as Parameters<typeof runForestExperiment>[3]['patients'];
    const folds = foldsOf([codes.slice(0, 4), codes.slice(4, 8), codes.slice(8)]);
    const options = { patients, folds, classes: 2, seed: 1, trees: 10 } as const;
    const progress: number[] = [];
    const threaded = await runForestExperiment('random-forest-landmarks', rows, matrix(), {
      ...options,
      threads: 2,
      onProgress: ({ done }) => progress.push(done),
    });
    expect(threaded).toEqual(
      await runForestExperiment('random-forest-landmarks', rows, matrix(), { ...options, threads: 0 }),
    );
    expect(progress).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});
