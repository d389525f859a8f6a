/** Numbers of rows and columns as float32, column after column: the value of row r and column c is `data[c * rows + r]`. */
export interface FeatureMatrix {
  readonly rows: number;
  readonly columns: number;
  /** May lie over a SharedArrayBuffer. */
  readonly data: Float32Array;
}

/**
 * A matrix from numbers laid out row after row, rounded to float32 as scikit-learn does before fitting and predicting.
 * @throws RangeError if the number of values is not rows x columns, or one is not finite in float32
 */
export const featureMatrix = (values: ArrayLike<number>, rows: number, columns: number): FeatureMatrix => {
  if (values.length !== rows * columns) {
    throw new RangeError(`${values.length} values do not fill ${rows} rows of ${columns} columns`);
  }
  const data = new Float32Array(new SharedArrayBuffer(4 * rows * columns));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.fround(values[row * columns + column] as number);
      if (!Number.isFinite(value)) throw new RangeError(`Row ${row}, column ${column} is not a finite number`);
      data[column * rows + row] = value;
    }
  }
  return { rows, columns, data };
};
