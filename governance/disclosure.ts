import { type Attribute, type CellKey, type CountTable, cellName, countTable } from './count-table.ts';
import { demandsOf, type SmallCount } from './disclosure/demands.ts';
import { hideUntilSafe, type Tellable } from './disclosure/hide-until-safe.ts';
import type { Row } from './disclosure/integer-program.ts';
import { equation, type Groups, groupsOf, settled, sumOf, variablesOf } from './disclosure/public-knowledge.ts';
import type { CountedPerson, Publication } from './disclosure/publication.ts';

export interface SafeCell {
  readonly at: CellKey;
  /** Null where it is hidden. */
  readonly count: number | null;
  /** True where it is hidden: being small and standing beside a small one look alike, or the small ones would be told. */
  readonly hidden: boolean;
}

export interface SafeTable {
  readonly key: string;
  readonly attributes: readonly Attribute[];
  readonly cells: readonly SafeCell[];
}

export interface SafeTables {
  readonly tables: readonly SafeTable[];
  /** Small cells of which what is public already tells more than these tables may, whatever is hidden here. For staff alone. */
  readonly exposed: readonly CellKey[];
}

export interface DisclosureOptions {
  /** Counts below this are hidden (the policy's `smallCell`). */
  readonly threshold: number;
  /** Everything about the same people that is public already. */
  readonly known: readonly Publication[];
  /** From 0 to 1, and secret: which cells are hidden beside small ones must not follow from what is public. */
  readonly random: () => number;
  /** Called between steps, so that a server can do other things meanwhile. */
  readonly breathe?: () => Promise<void>;
}

/** A fixed table: its key and the attributes that it counts by. */
export interface TablePlan {
  readonly key: string;
  readonly by: readonly Attribute[];
}

/**
 * How dear a cell is to hide: those of coarse tables are dearer than those of fine ones, and beyond that chance decides.
 * Were it the smallest that is hidden beside a small one, who knows the rule could tell from what is hidden what is not.
 */
const weightOf = (at: CellKey, dimensions: number, random: () => number): number =>
  4 ** (dimensions - Object.keys(at).length) * (1 + random());

const countAt = ({ people }: { readonly people: readonly CountedPerson[] }, at: CellKey): number =>
  people.filter(({ values }) => Object.entries(at).every(([name, value]) => values[name] === value)).length;

/** What everybody may know before these tables come out: the size of every group, and all that was told. */
const fixedRows = (groups: Groups, known: readonly Publication[]): Row[] => {
  const all = groups.sizes.map((size, group) => equation(variablesOf(groups, [group], {}), size));
  const told = known.flatMap(({ name, people, told: cells }, index) => {
    const counting = groups.countedBy.flatMap((by, group) => (by[index] === true ? [group] : []));
    return cells.map(({ at, count }) => {
      const strange = Object.entries(at).find(
        ([attribute, value]) =>
          groups.attributes.find((one) => one.name === attribute)?.values.includes(value) !== true,
      );
      if (strange !== undefined)
        throw new RangeError(`${name} counts by ${strange.join('=')}, which no table here does`);
      if (countAt({ people }, at) !== count)
        throw new RangeError(`${name} tells another count of ${cellName(at) || 'everybody'} than its people give`);
      return equation(variablesOf(groups, counting, at), count);
    });
  });
  return [...all, ...told];
};

/**
 * Sets of people whose small counts are guarded: those that a publication counts, those that one counts and another does
 * not, and those that exactly the same publications count.
 */
const guardedSets = ({ countedBy }: Groups, publications: number): readonly (readonly number[])[] => {
  const where = (holds: (by: readonly boolean[]) => boolean): number[] =>
    countedBy.flatMap((by, group) => (holds(by) ? [group] : []));
  const all = Array.from({ length: publications }, (_, index) => index);
  const sets = [
    ...all.map((one) => where((by) => by[one] === true)),
    ...all.flatMap((one) => all.map((other) => where((by) => by[one] === true && by[other] !== true))),
    ...countedBy.map((_, group) => [group]),
  ];
  return [...new Map(sets.filter((set) => set.length > 0).map((set) => [set.join(), set])).values()];
};

/**
 * Whether some other publication counts almost the same people: fewer than the threshold have come since and fewer have
 * left, but not none. Then the places of hidden cells alone would show where these few are. Groups of which everything is
 * public already do not count.
 */
const tooClose = (groups: Groups, fixed: readonly Row[], others: number, threshold: number): boolean => {
  const { countedBy, sizes } = groups;
  const known = settled(fixed);
  const open = sizes.map((_, group) => variablesOf(groups, [group], {}).some((variable) => !known.has(variable)));
  const people = (holds: (by: readonly boolean[]) => boolean): number =>
    countedBy.reduce((sum, by, group) => (open[group] === true && holds(by) ? sum + (sizes[group] ?? 0) : sum), 0);
  return Array.from({ length: others }, (_, other) => [
    people((by) => by[others] === true && by[other] !== true),
    people((by) => by[others] !== true && by[other] === true),
  ]).some(([came = 0, left = 0]) => came + left > 0 && came < threshold && left < threshold);
};

/**
 * Counts that may be open: fixed tables of some people, with every cell under the threshold hidden, and more, until for
 * all that is public each small cell could be nobody and could be as many as the threshold: in these tables, in earlier
 * ones, and among those who came, went or were corrected between two publications. How many came and went is taken as
 * known; where these are few, only the total is told. Also somebody who knew which hidden cells are small could work out
 * none of them. What the public knows of a small cell already may stay known, but nothing is added.
 * The same input and the same chance give the same result, in whatever order people are given.
 * Throws RangeError where people have values that tables lack, or what is known contradicts the people it is about.
 */
export const safeTables = async (
  plans: readonly TablePlan[],
  people: readonly CountedPerson[],
  { threshold, known, random, breathe = async () => {} }: DisclosureOptions,
): Promise<SafeTables> => {
  const counted = plans.map(
    ({ key, by }): CountTable =>
      countTable(
        key,
        by,
        people.map(({ values }) => values),
      ),
  );
  const attributes = [...new Map(plans.flatMap(({ by }) => by.map((one) => [one.name, one] as const))).values()];
  const groups = groupsOf(attributes, [...known.map((one) => one.people), people]);
  const fixed = fixedRows(groups, known);
  const ownGroups = groups.countedBy.flatMap((by, group) => (by[known.length] === true ? [group] : []));
  const cells = [...new Map(counted.flatMap((table) => table.cells.map((cell) => [cellName(cell.at), cell]))).values()];
  const limit = Math.max(threshold, ...known.map((one) => one.threshold));

  const close = tooClose(groups, fixed, known.length, limit);

  const tellable: Tellable[] = cells
    .filter(({ at, count }) => count >= threshold && (Object.keys(at).length === 0 || !close))
    .map(({ at, count }) => ({
      name: cellName(at),
      variables: variablesOf(groups, ownGroups, at),
      count,
      weight: weightOf(at, attributes.length, random),
    }));
  const promised = [...cells.map(({ at }) => at), ...known.flatMap((one) => one.hidden)];
  const guardedCells = [...new Map(promised.map((at) => [cellName(at), at])).values()].filter(
    (at) => Object.keys(at).length > 0,
  );
  const small = guardedSets(groups, known.length + 1).flatMap((set) => {
    const size = set.reduce((sum, group) => sum + (groups.sizes[group] ?? 0), 0);
    const own = set.join() === ownGroups.join();
    return guardedCells.flatMap((at): SmallCount[] => {
      const variables = variablesOf(groups, set, at);
      const count = sumOf(variables, groups.truth);
      return count < limit ? [{ variables, count, want: Math.min(limit, size), at, own }] : [];
    });
  });
  const { demands, exposed } = await demandsOf({ truth: groups.truth, fixed, small, threshold, breathe });
  const told = await hideUntilSafe({ truth: groups.truth, fixed, tellable, demands, breathe });
  return {
    tables: counted.map(({ key, attributes: by, cells: own }) => ({
      key,
      attributes: by,
      cells: own.map(({ at, count }) =>
        told.has(cellName(at)) ? { at, count, hidden: false } : { at, count: null, hidden: true },
      ),
    })),
    exposed,
  };
};
