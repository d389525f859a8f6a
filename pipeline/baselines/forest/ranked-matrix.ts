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
  /** The different values of each column, ascending, column after column. */
  readonly values: Float32Array;
  /** Where in `values` a column begins; one more entry ends the last. */
  readonly starts: Uint32Array;
}

/** Whole numbers in the order of the floats whose bits they come from: negative ones have their bits turned over. */
const ordered = (bits: number): number => ((bits & 0x80000000) !== 0 ? ~bits : bits | 0x80000000) >>> 0;

/**
 * Ranks every column of a matrix, into memory that threads can share: at most that of the matrix for `values`, and half of it for `ranks` up to
 * 65,536 rows, so that with the matrix itself two and a half times its size are in use.
 */
export const rankMatrix = ({ rows, columns, data }: FeatureMatrix): RankedMatrix => {
  const cells = rows * columns;
  const ranks =
    rows <= 65_536
      ? new Uint16Array(new SharedArrayBuffer(2 * cells))
      : new Uint32Array(new SharedArrayBuffer(4 * cells));
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (columns + 1)));
  // As long as it could become: what no value is written to takes no memory.
  const values = new Float32Array(new SharedArrayBuffer(4 * cells));
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const sorter = pairSorter(rows);
  for (let column = 0; column < columns; column++) {
    const offset = column * rows;
    for (let row = 0; row < rows; row++) {
      sorter.keys[row] = ordered(bits[offset + row] as number);
      sorter.items[row] = row;
    }
    sorter.sort(rows, 0xffffffff);
    const start = starts[column] as number;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const row = sorter.items[i] as number;
      const value = data[offset + row] as number;
      // Compared as numbers, not bits: 0 and -0 are one value.
      if (count === 0 || value !== values[start + count - 1]) values[start + count++] = value;
      ranks[offset + row] = count - 1;
    }
    starts[column + 1] = start + count;
  }
  return { rows, columns, ranks, values: values.subarray(0, starts[columns]), starts };
};
