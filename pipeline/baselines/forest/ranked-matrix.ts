import { tooClose } from './best-split.ts';
import type { FeatureMatrix } from './feature-matrix.ts';
import { pairSorter } from './sort-pairs.ts';

/**
 * A feature matrix with each value replaced by its rank among the different values of its column. Splits depend on order
 * alone, so trees are grown on whole numbers, and every column is put in order once for all trees and folds.
 */
export interface RankedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Column after column, as in FeatureMatrix; 0 for the lowest value. */
  readonly ranks: Uint16Array | Uint32Array;
  /** The different values of each column, ascending. */
  readonly values: Float32Array;
  /** Where in `values` a column begins. */
  readonly starts: Uint32Array;
  /** For each column: values at least so many ranks apart are never too close to be told apart (`best-split.ts`). */
  readonly sure: Uint32Array;
}

/** Whole numbers in the order of the floats whose bits they come from: negative ones have their bits turned over. */
const ordered = (bits: number): number => ((bits & 0x80000000) !== 0 ? ~bits : bits | 0x80000000) >>> 0;

const sharedRanks = (rows: number, columns: number): Uint16Array | Uint32Array =>
  rows <= 65_536
    ? new Uint16Array(new SharedArrayBuffer(2 * rows * columns))
    : new Uint32Array(new SharedArrayBuffer(4 * rows * columns));

/** Ranks every column of a matrix, into memory that threads can share. The matrix is left as it is. */
export const rankMatrix = (matrix: FeatureMatrix): RankedMatrix => {
  // As long as it could become: what no value is written to takes no memory.
  const values = new Float32Array(new SharedArrayBuffer(4 * matrix.rows * matrix.columns));
  const starts = new Uint32Array(matrix.columns);
  return rankInto(matrix, values, starts, (column, next) => {
    if (column < matrix.columns) starts[column] = next;
  });
};

const usedUp = new WeakSet<Float32Array>();

/**
 * The same in the matrix's own memory, which holds the different values of each column afterwards: one and a half times its size in all, up to
 * 65,536 rows. Threads share it where the matrix lies in memory that they can share.
 * @throws RangeError for a matrix that has been ranked in place before
 */
export const rankInPlace = (matrix: FeatureMatrix): RankedMatrix => {
  if (usedUp.has(matrix.data)) throw new RangeError('The matrix holds ranks already');
  usedUp.add(matrix.data);
  const starts = Uint32Array.from({ length: matrix.columns }, (_, column) => column * matrix.rows);
  return rankInto(matrix, matrix.data, starts, () => {});
};

/** @param ended told, after a column, of the next one and where the values of this one end */
const rankInto = (
  { rows, columns, data }: FeatureMatrix,
  values: Float32Array,
  starts: Uint32Array,
  ended: (next: number, end: number) => void,
): RankedMatrix => {
  const ranks = sharedRanks(rows, columns);
  const own = new Float32Array(rows);
  const bits = new Uint32Array(own.buffer);
  const sure = new Uint32Array(columns);
  const sorter = pairSorter(rows);
  for (let column = 0; column < columns; column++) {
    const offset = column * rows;
    own.set(data.subarray(offset, offset + rows));
    for (let row = 0; row < rows; row++) {
      sorter.keys[row] = ordered(bits[row] as number);
      sorter.items[row] = row;
    }
    sorter.sort(rows, 0xffffffff);
    const start = starts[column] as number;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const row = sorter.items[i] as number;
      const value = own[row] as number;
      // Compared as numbers, not bits: 0 and -0 are one value.
      if (count === 0 || value !== values[start + count - 1]) values[start + count++] = value;
      ranks[offset + row] = count - 1;
    }
    sure[column] = sureDistance(values, start, start + count);
    ended(column + 1, start + count);
  }
  return { rows, columns, ranks, values, starts, sure };
};

/** One more than the most ranks that two values too close to be told apart lie from each other. */
const sureDistance = (values: Float32Array, start: number, end: number): number => {
  let widest = 0;
  for (let low = start, high = start; high < end; high++) {
    while (low < high && !tooClose(values[low] as number, values[high] as number)) low++;
    if (high - low > widest) widest = high - low;
  }
  return widest + 1;
};
