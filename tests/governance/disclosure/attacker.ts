import { createRequire } from 'node:module';
import type { Attribute, CellKey, CountCell } from '../../../governance/count-table.ts';

/** What is used of the solver YALPS (MIT), which shares no code with the product's own. */
interface Yalps {
  solve(
    model: {
      direction: 'minimize' | 'maximize';
      objective: string;
      constraints: Map<string, { equal: number }>;
      variables: Map<string, Map<string, number>>;
      integers: boolean;
    },
    options: { timeout: number },
  ): { status: string; result: number };
}
const { solve } = createRequire(import.meta.url)('yalps') as Yalps;

export interface Person {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What one publication tells, and, for the judge alone, whom it counts. */
export interface Told {
  readonly people: readonly Person[];
  readonly cells: readonly CountCell[];
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A small count, and what the newest publication adds to what could be said of it. */
export interface Finding extends Bounds {
  readonly who: string;
  readonly at: CellKey;
  readonly truth: number;
  readonly people: number;
  readonly before: Bounds;
}

const inCell = ({ values }: Person, at: CellKey): boolean =>
  Object.entries(at).every(([name, value]) => values[name] === value);

const product = (attributes: readonly Attribute[]): CellKey[] => {
  let keys: CellKey[] = [{}];
  for (const { name, values } of attributes)
    keys = keys.flatMap((key) => values.map((value) => ({ ...key, [name]: value })));
  return keys;
};

/**
 * An attacker with everything that is public: what every publication tells, that nobody is counted twice or less than
 * once, and how many people came and went between any two (so, the size of every pattern of membership). For any sum of
 * what is hidden they find the least and the largest whole number that agrees with all of it (integer programming).
 */
export class Attacker {
  readonly #attributes: readonly Attribute[];
  readonly #patterns: readonly { readonly in: readonly boolean[]; readonly people: readonly Person[] }[];
  readonly #told: readonly Told[];

  constructor(attributes: readonly Attribute[], told: readonly Told[]) {
    this.#attributes = attributes;
    this.#told = told;
    const patterns = new Map<string, { in: boolean[]; people: Map<string, Person> }>();
    const states = new Map<string, Person>();
    const state = (person: Person): string =>
      JSON.stringify([person.id, ...attributes.map(({ name }) => person.values[name])]);
    for (const { people } of told) for (const person of people) states.set(state(person), person);
    for (const [key, person] of states) {
      const membership = told.map(({ people }) => people.some((one) => state(one) === key));
      const name = membership.join();
      const pattern = patterns.get(name) ?? { in: membership, people: new Map() };
      pattern.people.set(key, person);
      patterns.set(name, pattern);
    }
    this.#patterns = [...patterns.values()].map((one) => ({ in: one.in, people: [...one.people.values()] }));
  }

  /** Bounds of the number of people in a cell, over patterns of membership, using the first so many publications' tables. */
  bounds(patterns: readonly number[], at: CellKey, using: number): Bounds {
    const constraints = new Map<string, { equal: number }>();
    const variables = new Map<string, Map<string, number>>();
    const cells = product(this.#attributes);
    const matches = (cell: CellKey, wanted: CellKey): boolean =>
      Object.entries(wanted).every(([name, value]) => cell[name] === value);
    for (const [index, pattern] of this.#patterns.entries()) {
      constraints.set(`size ${index}`, { equal: pattern.people.length });
      for (const cell of cells) {
        const terms = new Map([[`size ${index}`, 1]]);
        if (patterns.includes(index) && matches(cell, at)) terms.set('goal', 1);
        for (const [publication, { cells: told }] of this.#told.slice(0, using).entries())
          if (pattern.in[publication] === true)
            for (const [number, one] of told.entries())
              if (matches(cell, one.at)) terms.set(`told ${publication} ${number}`, 1);
        variables.set(`${index} ${JSON.stringify(cell)}`, terms);
      }
    }
    for (const [publication, { cells: told }] of this.#told.slice(0, using).entries())
      for (const [number, { count }] of told.entries())
        constraints.set(`told ${publication} ${number}`, { equal: count });
    const end = (direction: 'minimize' | 'maximize'): number => {
      const { status, result } = solve(
        { direction, objective: 'goal', constraints, variables, integers: true },
        { timeout: 20_000 },
      );
      if (status !== 'optimal') throw new Error(`the attack ended ${status}`);
      return Math.round(result);
    };
    return { low: end('minimize'), high: end('maximize') };
  }

  /** The sets of people that a difference of publications could single out, by name. */
  sets(): ReadonlyMap<string, readonly number[]> {
    const where = (test: (membership: readonly boolean[]) => boolean): number[] =>
      this.#patterns.flatMap((pattern, index) => (test(pattern.in) ? [index] : []));
    const sets = new Map<string, readonly number[]>();
    for (const one of this.#told.keys()) {
      sets.set(
        `in ${one}`,
        where((membership) => membership[one] === true),
      );
      for (const other of this.#told.keys())
        sets.set(
          `in ${one}, not in ${other}`,
          where((membership) => membership[one] === true && membership[other] !== true),
        );
    }
    for (const [index, pattern] of this.#patterns.entries())
      sets.set(`in exactly ${pattern.in.map(Number).join('')}`, [index]);
    return new Map([...sets].filter(([, patterns]) => patterns.length > 0));
  }

  /** Every small count of every set of people in every cell, before and after the newest publication. */
  attack(threshold: number, cells: readonly CellKey[]): Finding[] {
    const newest = this.#told.length;
    return [...this.sets()].flatMap(([who, patterns]) => {
      const people = patterns.flatMap((index) => [...(this.#patterns[index]?.people ?? [])]);
      return cells.flatMap((at): Finding[] => {
        const truth = people.filter((person) => inCell(person, at)).length;
        if (truth >= threshold || Object.keys(at).length === 0) return [];
        const after = this.bounds(patterns, at, newest);
        const before = this.bounds(patterns, at, newest - 1);
        return [{ who, at, truth, people: people.length, before, ...after }];
      });
    });
  }
}

/**
 * What the newest publication gave away: a small count that could be nobody before and cannot now, or could be as many
 * as the threshold (or as there are people, where these are fewer) and cannot now; or is nearer to that than it was.
 */
export const givenAway = (findings: readonly Finding[], threshold: number): readonly Finding[] =>
  findings.filter(
    ({ low, high, before, people }) => low > before.low || (high < before.high && high < Math.min(threshold, people)),
  );
