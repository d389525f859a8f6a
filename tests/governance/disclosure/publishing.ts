import { type Attribute, type CellKey, cellName, combinations } from '../../../governance/count-table.ts';
import type { Publication } from '../../../governance/disclosure/publication.ts';
import { type SafeTables, safeTables, type TablePlan } from '../../../governance/disclosure.ts';
import type { Person, Told } from './attacker.ts';

export const LEVEL: Attribute = { name: 'level', values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] };
export const SEX: Attribute = { name: 'sex', values: ['M', 'F'] };
export const SKIN: Attribute = { name: 'skin', values: ['I_III', 'IV_VI'] };

/** Tables by every combination of so many of the attributes at most. */
export const plansOf = (attributes: readonly Attribute[], most: number): TablePlan[] => {
  let sets: Attribute[][] = [[]];
  for (const one of attributes) sets = [...sets, ...sets.map((set) => [...set, one])];
  return sets
    .filter((set) => set.length <= most)
    .map((by) => ({ key: by.map(({ name }) => name).join(' and ') || 'all', by }));
};

export const cellsOf = (plans: readonly TablePlan[]): CellKey[] => [
  ...new Map(plans.flatMap(({ by }) => combinations(by)).map((at) => [cellName(at), at])).values(),
];

/** People, so many of each combination of values, in the order of `combinations`. */
export const peopleOf = (attributes: readonly Attribute[], counts: readonly number[], name = 'p'): Person[] =>
  combinations(attributes).flatMap((values, index) =>
    Array.from({ length: counts[index] ?? 0 }, (_, number) => ({ id: `${name}-${index}-${number}`, values })),
  );

export const toldBy = (safe: SafeTables): { at: CellKey; count: number }[] => [
  ...new Map(
    safe.tables.flatMap(({ cells }) =>
      cells.flatMap(({ at, count }) => (count === null ? [] : [[cellName(at), { at, count }] as const])),
    ),
  ).values(),
];

export const hiddenBy = (safe: SafeTables): CellKey[] =>
  safe.tables.flatMap(({ cells }) => cells.flatMap(({ at, hidden }) => (hidden ? [at] : [])));

/** Numbers from 0 to 1 that follow from a seed (a linear congruential generator). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A study that publishes one release after another, each with what came before as known. */
export class Publishing {
  readonly plans: readonly TablePlan[];
  readonly known: Publication[] = [];
  readonly #random: () => number;

  constructor(plans: readonly TablePlan[], seed = 1) {
    this.plans = plans;
    this.#random = randomOf(seed);
  }

  /** A paper that tells the counts of people by some attributes, in full. */
  paper(people: readonly Person[], by: readonly Attribute[]): void {
    const told = combinations(by).map((at) => ({
      at,
      count: people.filter(({ values }) => Object.entries(at).every(([name, value]) => values[name] === value)).length,
    }));
    this.known.push({ name: 'paper', people, told, hidden: [], threshold: 0 });
  }

  async release(people: readonly Person[], threshold = 5): Promise<SafeTables> {
    const safe = await safeTables(this.plans, people, { threshold, known: this.known, random: this.#random });
    this.known.push({ name: `${this.known.length}`, people, told: toldBy(safe), hidden: hiddenBy(safe), threshold });
    return safe;
  }

  told(): Told[] {
    return this.known.map(({ people, told }) => ({ people, cells: told }));
  }
}
