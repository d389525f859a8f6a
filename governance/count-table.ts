/** An attribute that patients are counted by, with all its values: a value that nobody has is a cell too. */
export interface Attribute {
  readonly name: string;
  readonly values: readonly string[];
}

/** What a cell counts: `{ sex: 'F', skinType: 'IV_VI' }`; `{}` is everybody. */
export type CellKey = Readonly<Record<string, string>>;

export interface CountCell {
  readonly at: CellKey;
  readonly count: number;
}

/** Counts by some attributes: every combination of their values once. One with no attributes is the total. */
export interface CountTable {
  readonly key: string;
  readonly attributes: readonly Attribute[];
  readonly cells: readonly CountCell[];
}

/** Every combination of values, the last attribute changing fastest. */
export const combinations = (attributes: readonly Attribute[]): readonly CellKey[] =>
  attributes.reduce<readonly CellKey[]>(
    (keys, { name, values }) => keys.flatMap((key) => values.map((value) => ({ ...key, [name]: value }))),
    [{}],
  );

/** One name for a cell, whichever table it stands in. */
export const cellName = (at: CellKey): string =>
  Object.keys(at)
    .sort()
    .map((name) => `${name}=${at[name]}`)
    .join('|');

/**
 * Counts rows into a table. Throws RangeError for a row whose value of an attribute is not one of its values, since
 * totals would not add up then.
 */
export const countTable = (
  key: string,
  attributes: readonly Attribute[],
  rows: readonly Readonly<Record<string, string>>[],
): CountTable => {
  const counts = new Map(combinations(attributes).map((at) => [cellName(at), { at, count: 0 }]));
  for (const row of rows) {
    const at = Object.fromEntries(attributes.map(({ name }) => [name, row[name] ?? '']));
    const cell = counts.get(cellName(at));
    if (cell === undefined) throw new RangeError(`a row outside the table ${key}: ${cellName(at)}`);
    cell.count += 1;
  }
  return { key, attributes, cells: [...counts.values()] };
};
