import { type Attribute, type CellKey, type CountCell, type CountTable, cellName } from './count-table.ts';
import { type Equation, equationsOf, inferIntervals } from './inference.ts';

export interface SafeCell {
  readonly at: CellKey;
  /** Null where it is hidden. */
  readonly count: number | null;
}

export interface SafeTable {
  readonly key: string;
  readonly attributes: readonly Attribute[];
  readonly cells: readonly SafeCell[];
}

export interface SafeTables {
  readonly tables: readonly SafeTable[];
  /** Small cells that what is known already gives away, whatever is hidden here. */
  readonly exposed: readonly CellKey[];
}

export interface DisclosureOptions {
  /** Counts below this are hidden (the policy's `smallCell`). */
  readonly threshold: number;
  /** Counts that are public already: totals printed in the paper, cells of earlier releases. They cannot be hidden. */
  readonly known: readonly CountCell[];
}

const attributesOf = (tables: readonly CountTable[], known: readonly CountCell[]): Map<string, Attribute> => {
  const attributes = new Map(tables.flatMap((table) => table.attributes.map((one) => [one.name, one] as const)));
  for (const table of tables) {
    for (const { name, values } of table.attributes) {
      if (values.join('\n') !== attributes.get(name)?.values.join('\n')) {
        throw new RangeError(`the attribute ${name} has other values in the table ${table.key}`);
      }
    }
  }
  for (const { at } of known) {
    for (const [name, value] of Object.entries(at)) {
      if (attributes.get(name)?.values.includes(value) !== true) {
        throw new RangeError(`a known count of ${name}=${value}, which no table has`);
      }
    }
  }
  return attributes;
};

/** The next cell to hide so that `cell` can no longer be worked out: of its neighbours the smallest, parts before wholes. */
const complement = (
  cell: string,
  equations: readonly Equation[],
  shown: ReadonlyMap<string, number>,
  hideable: ReadonlySet<string>,
): string | null => {
  const smallest = (names: Iterable<string>): string | null => {
    let best: string | null = null;
    for (const name of names) {
      const count = shown.get(name);
      if (count === undefined || !hideable.has(name) || name === cell) continue;
      if (best === null || count < (shown.get(best) ?? 0)) best = name;
    }
    return best;
  };
  const around = equations.filter(({ parts }) => parts.includes(cell));
  // An equation in which the cell is the only unknown gives it away, so that one is mended first.
  const unknowns = ({ whole, parts }: Equation): number => [whole, ...parts].filter((name) => !shown.has(name)).length;
  const ordered = [...around].sort((one, other) => unknowns(one) - unknowns(other));
  for (const { parts } of ordered) {
    const found = smallest(parts);
    if (found !== null) return found;
  }
  return smallest(ordered.map(({ whole }) => whole)) ?? smallest(hideable);
};

/**
 * Counts that may be open: tables of one population with every cell under the threshold hidden, and more, until no
 * small cell can be bounded below the threshold from totals, other cells, linked tables or what is known already
 * (by interval propagation, inference.ts). The same input gives the same result; hiding never depends on row order.
 * Throws RangeError where tables disagree about an attribute or contradict each other or what is known.
 */
export const safeTables = (tables: readonly CountTable[], { threshold, known }: DisclosureOptions): SafeTables => {
  const attributes = attributesOf(tables, known);
  const sets = [
    ...tables.map((table) => table.attributes.map(({ name }) => name)),
    ...known.map(({ at }) => Object.keys(at)),
  ];
  const equations = equationsOf(sets, attributes);
  const knownNames = new Set(known.map(({ at }) => cellName(at)));
  const counts = new Map(
    tables.flatMap(({ cells }) => cells.map(({ at, count }) => [cellName(at), { at, count }] as const)),
  );
  const shown = new Map(known.map(({ at, count }) => [cellName(at), count]));
  const hideable = new Set<string>();
  const small: string[] = [];
  for (const [name, { count }] of counts) {
    if (knownNames.has(name)) continue;
    hideable.add(name);
    if (count < threshold) small.push(name);
    else shown.set(name, count);
  }
  const givenAway = new Set<string>();
  for (;;) {
    const intervals = inferIntervals(equations, shown);
    const unsafe = small.find((name) => !givenAway.has(name) && (intervals.get(name)?.high ?? threshold) < threshold);
    if (unsafe === undefined) break;
    const next = complement(unsafe, equations, shown, hideable);
    if (next === null) givenAway.add(unsafe);
    else shown.delete(next);
  }
  return {
    tables: tables.map(({ key, attributes: by, cells }) => ({
      key,
      attributes: by,
      cells: cells.map(({ at }) => ({ at, count: shown.get(cellName(at)) ?? null })),
    })),
    exposed: [...givenAway].map((name) => counts.get(name)?.at ?? {}),
  };
};
