import { agrees, type Filling, unsettledSolver } from './fillings.ts';
import type { Answer, Question, Row } from './integer-program.ts';
import { equation, sumOf, type Variables } from './public-knowledge.ts';

/** A count that may be told or hidden. */
export interface Tellable {
  readonly name: string;
  readonly variables: Variables;
  readonly count: number;
  /** How dear it is to hide. */
  readonly weight: number;
}

/**
 * What has to stay possible, for all that is public: some filling that agrees with one of these sets of rows. For instance
 * that nobody is in a cell, or that more or fewer are than there truly are.
 */
export type Demand = readonly (readonly Row[])[];

export const meets = (filling: Filling, demand: Demand): boolean => demand.some((rows) => agrees(filling, rows));

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
  readonly demands: readonly Demand[];
  /** Called between steps, so that a server can do other things. */
  readonly breathe: () => Promise<void>;
}

/**
 * Names of what can be told while everything demanded stays possible. Each demand is proved by a filling that agrees, in
 * whole numbers, with everything told: so an error of the solver hides too much, never too little.
 */
export const hideUntilSafe = async (problem: HidingProblem): Promise<ReadonlySet<string>> => {
  const { truth, fixed, tellable, demands, breathe } = problem;
  const told = new Map(tellable.map((one) => [one.name, one]));
  let proofs: Filling[] = [truth];

  const unbound = unsettledSolver(truth.length, truth.length, fixed);
  let lie = liarAgainst(truth, fixed, tellable);
  for (const demand of demands) {
    if (proofs.some((filling) => meets(filling, demand))) continue;
    await breathe();
    // Where the search for the cheapest is given up any will do: it hides more than had to be.
    const filling = lie(demand) ?? possible(unbound, fixed, demand);
    if (filling === null) return new Set();
    const before = told.size;
    for (const one of told.values()) if (sumOf(one.variables, filling) !== one.count) told.delete(one.name);
    if (told.size < before) lie = liarAgainst(truth, fixed, [...told.values()]);
    proofs.push(filling);
  }

  // What was hidden first may not be needed any more: the dearest is shown again if everything can still be proved.
  const hidden = tellable
    .filter(({ name }) => !told.has(name))
    .sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1));
  for (const one of hidden) {
    const rows = [...fixed, ...[...told.values(), one].map(equationOf)];
    const kept = proofs.filter((filling) => sumOf(one.variables, filling) === one.count);
    const solver = unsettledSolver(truth.length, truth.length, rows);
    let safe = true;
    for (const demand of demands) {
      if (kept.some((filling) => meets(filling, demand))) continue;
      await breathe();
      const filling = possible(solver, rows, demand);
      safe = filling !== null;
      if (filling === null) break;
      kept.push(filling);
    }
    if (!safe) continue;
    told.set(one.name, one);
    proofs = kept;
  }
  return new Set(told.keys());
};

/** A filling that agrees with the rows and meets the demand; null where none was found. @param solver of these rows */
export const possible = (
  solver: (question: Question) => Answer,
  rows: readonly Row[],
  demand: Demand,
): Filling | null => {
  for (const wanted of demand) {
    const answer = solver({ cost: [], rows: wanted, branches: BRANCHES });
    if (typeof answer !== 'string' && agrees(answer.at, [...rows, ...wanted])) return answer.at;
  }
  return null;
};

/** Finds fillings that meet a demand and contradict what is told as little as can be; what they contradict is what to hide. */
const liarAgainst = (
  truth: Filling,
  fixed: readonly Row[],
  told: readonly Tellable[],
): ((demand: Demand) => Filling | null) => {
  const over = (index: number): number => truth.length + 2 * index;
  const bent = told.map(({ variables, count }, index): Row => {
    const terms = variables.map((variable) => [variable, 1] as const);
    return { terms: [...terms, [over(index), -1], [over(index) + 1, 1]], is: 'equal', value: count };
  });
  const cost = told.flatMap(({ weight }, index) => [
    [over(index), weight] as const,
    [over(index) + 1, weight] as const,
  ]);
  const solver = unsettledSolver(truth.length + 2 * told.length, truth.length, [...fixed, ...bent]);
  return (demand) => {
    let best: { readonly filling: Filling; readonly cost: number } | null = null;
    for (const wanted of demand) {
      const answer = solver({ cost, rows: wanted, branches: BRANCHES });
      if (typeof answer === 'string') continue;
      const filling = answer.at.slice(0, truth.length);
      if (agrees(filling, [...fixed, ...wanted]) && (best === null || answer.cost < best.cost))
        best = { filling, cost: answer.cost };
    }
    return best?.filling ?? null;
  };
};
