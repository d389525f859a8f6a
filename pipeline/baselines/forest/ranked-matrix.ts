import type { FeatureMatrix } from './feature-matrix.ts';
import { pairSorter } from './sort-pairs.ts';

/**
 * A feature matrix with each value replaced by its rank among the different values of its column. Splits depend on order
 * alone, so trees are grown on whole numbers, and every column is put in order once for all trees and folds.
 */
export interface RankedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Column after column, as in FeatureMatrix; 0 for the lowest value. May lie over a SharedArrayBuffer. */
  readonly ranks: Uint16Array | Uint32Array;
  /** The different values of each column, ascending, column after column. */
  readonly values: Float32Array;
  /** Where in `values` a column begins; one more entry ends the last. */
  readonly starts: Uint32Array;
}

/** Whole numbers in the order of the floats whose bits they come from: negative ones have their bits turned over. */
const ordered = (bits: number): number => ((bits & 0x80000000) !== 0 ? ~bits : bits | 0x80000000) >>> 0;

/** Ranks every column of a matrix. Takes memory of the size of the matrix for `values`, and half of it for `ranks` up to 65,536 rows. */
export const rankMatrix = ({ rows, columns, data }: FeatureMatrix): RankedMatrix => {
  const ranks = rows <= 65_536 ? new Uint16Array(rows * columns) : new Uint32Array(rows * columns);
  const starts = new Uint32Array(columns + 1);
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const distinct: Float32Array[] = [];
  const found = new Float32Array(rows);
  const sorter = pairSorter(rows);
  for (let column = 0; column < columns; column++) {
    const offset = column * rows;
    for (let row = 0; row < rows; row++) {
      sorter.keys[row] = ordered(bits[offset + row] as number);
      sorter.items[row] = row;
    }
    sorter.sort(rows, 0xffffffff);
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const row = sorter.items[i] as number;
      const value = data[offset + row] as number;
      // Compared as numbers, not bits: 0 and -0 are one value.
      if (count === 0 || value !== found[count - 1]) found[count++] = value;
      ranks[offset + row] = count - 1;
    }
    distinct.push(found.slice(0, count));
    starts[column + 1] = (starts[column] as number) + count;
  }
  const values = new Float32Array(starts[columns] as number);
  distinct.forEach((own, column) => {
    values.set(own, starts[column]);
  });
  return { rows, columns, ranks, values, starts };
};
