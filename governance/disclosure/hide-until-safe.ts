import { agrees, type Filling, solveUnsettled } from './fillings.ts';
import type { Answer, Row } from './integer-program.ts';
import { equation, sumOf, type Variables } from './public-knowledge.ts';

/** A count that may be told or hidden. */
export interface Tellable {
  readonly name: string;
  readonly variables: Variables;
  readonly count: number;
  /** How dear it is to hide. */
  readonly weight: number;
}

/** A small count that must stay uncertain: it could be as few as `low` and as many as `high`, for all that is public. */
export interface Guarded {
  readonly variables: Variables;
  readonly low: number;
  readonly high: number;
}

/** A side of a guarded count: a filling of what is hidden in which it is at most, or at least, so many. */
interface Demand {
  readonly variables: Variables;
  readonly is: 'atMost' | 'atLeast';
  readonly value: number;
}

const rowOf = ({ variables, is, value }: Demand): Row => ({
  terms: variables.map((variable) => [variable, 1] as const),
  is,
  value,
});

const meets = (filling: Filling, { variables, is, value }: Demand): boolean => {
  const sum = sumOf(variables, filling);
  return is === 'atMost' ? sum <= value : sum >= value;
};

const equationOf = ({ variables, count }: Tellable): Row => equation(variables, count);

/** Branches tried before a search is given up; then more is hidden than had to be, and never less. */
const BRANCHES = 60;

export interface HidingProblem {
  /** The true number of each variable. */
  readonly truth: Filling;
  /** What is public whatever is hidden here. */
  readonly fixed: readonly Row[];
  /** What may be told. */
  readonly tellable: readonly Tellable[];
  readonly guarded: readonly Guarded[];
  /** Called between steps, so that a server can do other things. */
  readonly breathe: () => Promise<void>;
}

/**
 * Names of what can be told while every guarded count stays uncertain. Each end of each guarded count is proved by a
 * filling that agrees, in whole numbers, with everything told: so an error of the solver hides too much, never too little.
 */
export const hideUntilSafe = async (problem: HidingProblem): Promise<ReadonlySet<string>> => {
  const { truth, fixed, tellable, guarded, breathe } = problem;
  const demands = guarded.flatMap(({ variables, low, high }): Demand[] => [
    { variables, is: 'atMost', value: low },
    { variables, is: 'atLeast', value: high },
  ]);
  const told = new Map(tellable.map((one) => [one.name, one]));
  let proofs: Filling[] = [truth];

  for (const demand of demands) {
    if (proofs.some((filling) => meets(filling, demand))) continue;
    await breathe();
    const answer = cheapestLie(truth, fixed, [...told.values()], demand);
    if (typeof answer === 'string' || !agrees(answer.at.slice(0, truth.length), [...fixed, rowOf(demand)])) {
      return new Set();
    }
    const filling = answer.at.slice(0, truth.length);
    for (const one of told.values()) if (sumOf(one.variables, filling) !== one.count) told.delete(one.name);
    proofs.push(filling);
  }

  // What was hidden first may not be needed any more: the dearest is shown again if everything can still be proved.
  const hidden = tellable
    .filter(({ name }) => !told.has(name))
    .sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1));
  for (const one of hidden) {
    const rows = [...fixed, ...[...told.values(), one].map(equationOf)];
    const kept = proofs.filter((filling) => sumOf(one.variables, filling) === one.count);
    let safe = true;
    for (const demand of demands) {
      if (kept.some((filling) => meets(filling, demand))) continue;
      await breathe();
      const answer = solveUnsettled({
        variables: truth.length,
        whole: truth.length,
        rows: [...rows, rowOf(demand)],
        cost: [],
        branches: BRANCHES,
      });
      safe = typeof answer !== 'string' && agrees(answer.at, [...rows, rowOf(demand)]);
      if (!safe) break;
      if (typeof answer !== 'string') kept.push(answer.at);
    }
    if (!safe) continue;
    told.set(one.name, one);
    proofs = kept;
  }
  return new Set(told.keys());
};

/** A filling that meets the demand and contradicts what is told as little as can be; what it contradicts is what to hide. */
const cheapestLie = (truth: Filling, fixed: readonly Row[], told: readonly Tellable[], demand: Demand): Answer => {
  const over = (index: number): number => truth.length + 2 * index;
  return solveUnsettled({
    variables: truth.length + 2 * told.length,
    whole: truth.length,
    rows: [
      ...fixed,
      rowOf(demand),
      ...told.map(({ variables, count }, index): Row => {
        const terms = variables.map((variable) => [variable, 1] as const);
        return { terms: [...terms, [over(index), -1], [over(index) + 1, 1]], is: 'equal', value: count };
      }),
    ],
    cost: told.flatMap(({ weight }, index) => [[over(index), weight] as const, [over(index) + 1, weight] as const]),
    branches: BRANCHES,
  });
};
