import { type Attribute, type CellKey, cellName, combinations } from './count-table.ts';

/** What can be said of a cell: a whole number from `low` to `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A cell of one set of attributes is the sum of the cells of a larger set that fall into it. */
export interface Equation {
  readonly whole: string;
  readonly parts: readonly string[];
}

const setName = (names: readonly string[]): string => [...names].sort().join(',');

/** All sets of attributes that tables share, so that two tables are linked by what they have in common, printed or not. */
const closedUnderIntersection = (sets: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const found = new Map<string, readonly string[]>([['', []]]);
  for (const set of sets) found.set(setName(set), set);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const known = [...found.values()];
    for (const one of known) {
      for (const other of known) {
        const common = one.filter((name) => other.includes(name));
        found.set(setName(common), common);
      }
    }
  }
  return [...found.values()];
};

/** Every equation between cells of tables with these sets of attributes, over one population. */
export const equationsOf = (
  sets: readonly (readonly string[])[],
  attributes: ReadonlyMap<string, Attribute>,
): readonly Equation[] => {
  const all = closedUnderIntersection(sets).map((names) => {
    const cells = combinations(names.map((name) => attributes.get(name) ?? { name, values: [] }));
    return { names, cells };
  });
  const within = (part: CellKey, whole: CellKey): boolean =>
    Object.entries(whole).every(([name, value]) => part[name] === value);
  return all.flatMap((small) =>
    all
      .filter((large) => large.names.length > small.names.length && small.names.every((n) => large.names.includes(n)))
      .flatMap((large) =>
        small.cells.map((whole) => ({
          whole: cellName(whole),
          parts: large.cells.filter((part) => within(part, whole)).map(cellName),
        })),
      ),
  );
};

const UNKNOWN: Interval = { low: 0, high: Number.POSITIVE_INFINITY };

/**
 * What follows for every cell from those that are shown, by carrying bounds through the equations until nothing moves.
 * Counts are whole and not negative. Sound, not complete: a bound that it gives holds; a linear program may find a
 * tighter one. Throws RangeError where what is shown contradicts itself.
 */
export const inferIntervals = (
  equations: readonly Equation[],
  shown: ReadonlyMap<string, number>,
): ReadonlyMap<string, Interval> => {
  const intervals = new Map<string, Interval>();
  for (const [name, count] of shown) intervals.set(name, { low: count, high: count });
  const of = (name: string): Interval => intervals.get(name) ?? UNKNOWN;
  const narrow = (name: string, low: number, high: number): boolean => {
    const now = of(name);
    const next = { low: Math.max(now.low, low), high: Math.min(now.high, high) };
    if (next.low > next.high) throw new RangeError(`the counts contradict each other at ${name || 'the total'}`);
    if (next.low === now.low && next.high === now.high) return false;
    intervals.set(name, next);
    return true;
  };
  for (let moved = true; moved; ) {
    moved = false;
    for (const { whole, parts } of equations) {
      const sum = (bound: keyof Interval, but?: string): number =>
        parts.reduce((total, part) => (part === but ? total : total + of(part)[bound]), 0);
      moved = narrow(whole, sum('low'), sum('high')) || moved;
      for (const part of parts) {
        const { low, high } = of(whole);
        const others = sum('high', part);
        moved = narrow(part, others === Number.POSITIVE_INFINITY ? 0 : low - others, high - sum('low', part)) || moved;
      }
    }
  }
  return intervals;
};
