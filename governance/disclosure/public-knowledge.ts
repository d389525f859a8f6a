import { type Attribute, type CellKey, cellName, combinations } from '../count-table.ts';
import type { Row } from './integer-program.ts';
import type { CountedPerson } from './publication.ts';

/** A sum of variables: how many people of some groups are in a cell. */
export type Variables = readonly number[];

/**
 * People in groups: who is counted by the same publications is in one group. A variable is the number of people of a
 * group with one combination of all values, so whatever is told, by whichever publication, is a sum of variables.
 */
export interface Groups {
  readonly attributes: readonly Attribute[];
  /** For each group, which of the publications count it. */
  readonly countedBy: readonly (readonly boolean[])[];
  /** People in each group. */
  readonly sizes: readonly number[];
  /** The true number of each variable. */
  readonly truth: readonly number[];
}

const identity = ({ id, values }: CountedPerson, attributes: readonly Attribute[]): string =>
  [id, ...attributes.map(({ name }) => values[name] ?? '')].join('\n');

/** Throws RangeError for a person with a value that an attribute does not have. */
export const groupsOf = (
  attributes: readonly Attribute[],
  publications: readonly (readonly CountedPerson[])[],
): Groups => {
  const cells = combinations(attributes).map(cellName);
  const people = new Map<string, { cell: number; countedBy: boolean[] }>();
  for (const [index, counted] of publications.entries()) {
    for (const person of counted) {
      const at = Object.fromEntries(attributes.map(({ name }) => [name, person.values[name] ?? '']));
      const cell = cells.indexOf(cellName(at));
      if (cell < 0) throw new RangeError(`a person outside the tables: ${cellName(at)}`);
      const key = identity(person, attributes);
      const known = people.get(key) ?? { cell, countedBy: publications.map(() => false) };
      known.countedBy[index] = true;
      people.set(key, known);
    }
  }
  const patterns = [...new Set([...people.values()].map(({ countedBy }) => countedBy.map(Number).join('')))].sort();
  const truth = new Array<number>(patterns.length * cells.length).fill(0);
  for (const { cell, countedBy } of people.values()) {
    const variable = patterns.indexOf(countedBy.map(Number).join('')) * cells.length + cell;
    truth[variable] = (truth[variable] ?? 0) + 1;
  }
  const sizes = patterns.map((_, group) =>
    truth.slice(group * cells.length, (group + 1) * cells.length).reduce((sum, count) => sum + count, 0),
  );
  return { attributes, countedBy: patterns.map((pattern) => [...pattern].map((mark) => mark === '1')), sizes, truth };
};

/** The variables of a cell, over some of the groups. */
export const variablesOf = ({ attributes }: Groups, groups: readonly number[], at: CellKey): Variables => {
  const cells = combinations(attributes);
  const within = cells.flatMap((cell, index) =>
    Object.entries(at).every(([name, value]) => cell[name] === value) ? [index] : [],
  );
  return groups.flatMap((group) => within.map((index) => group * cells.length + index));
};

export const sumOf = (variables: Variables, at: readonly number[]): number =>
  variables.reduce((sum, variable) => sum + (at[variable] ?? 0), 0);

export const equation = (variables: Variables, value: number): Row => ({
  terms: variables.map((variable) => [variable, 1] as const),
  is: 'equal',
  value,
});

/**
 * Variables that the rows settle by themselves, by the simplest steps: a sum of nothing makes each of its parts nothing,
 * and one part that is left is what is left. Throws RangeError where the rows contradict each other that way.
 */
export const settled = (rows: readonly Row[]): ReadonlyMap<number, number> => {
  const known = new Map<number, number>();
  const equal = rows.filter(({ is, terms }) => is === 'equal' && terms.every(([, factor]) => factor === 1));
  for (let before = -1; before !== known.size; ) {
    before = known.size;
    for (const { terms, value } of equal) {
      const left = value - terms.reduce((sum, [variable]) => sum + (known.get(variable) ?? 0), 0);
      const free = terms.filter(([variable]) => !known.has(variable));
      if (left < 0 || (free.length === 0 && left !== 0)) throw new RangeError('what is public contradicts itself');
      if (left === 0) for (const [variable] of free) known.set(variable, 0);
      else if (free.length === 1) known.set(free[0]?.[0] as number, left);
    }
  }
  return known;
};
