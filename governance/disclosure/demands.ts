import { type CellKey, cellName } from '../count-table.ts';
import { agrees, type Filling, unsettledSolver } from './fillings.ts';
import { type Demand, meets, possible } from './hide-until-safe.ts';
import type { Row } from './integer-program.ts';
import { sumOf, type Variables } from './public-knowledge.ts';

/** A small count of some people in a cell. */
export interface SmallCount {
  readonly variables: Variables;
  readonly count: number;
  /** As many as it should seem possible that there are: the threshold, or everybody where these are fewer. */
  readonly want: number;
  readonly at: CellKey;
  /** Whether it stands in the tables that are to come out. */
  readonly own: boolean;
}

const rowOf = (variables: Variables, is: Row['is'], value: number): Row => ({
  terms: variables.map((variable) => [variable, 1] as const),
  is,
  value,
});

/**
 * What has to stay possible of each small count: that it is nobody, that it is as many as wanted, and, for somebody who
 * knows which cells are small, that it is another number than it is. What is public already may have settled some of
 * that; then as much stays possible as still is.
 */
export const demandsOf = async (of: {
  readonly truth: Filling;
  readonly fixed: readonly Row[];
  readonly small: readonly SmallCount[];
  readonly threshold: number;
  readonly breathe: () => Promise<void>;
}): Promise<{ demands: Demand[]; exposed: CellKey[] }> => {
  const { truth, fixed, small, threshold, breathe } = of;
  const proofs: Filling[] = [truth];
  const solver = unsettledSolver(truth.length, truth.length, fixed);
  const extreme = async (variables: Variables, sign: 1 | -1, want: number): Promise<number> => {
    const seen = (sign === 1 ? Math.min : Math.max)(...proofs.map((filling) => sumOf(variables, filling)));
    if (sign === 1 ? seen <= want : seen >= want) return want;
    await breathe();
    const cost = variables.map((variable) => [variable, sign] as const);
    const answer = solver({ cost, rows: [], branches: 400 });
    // Without a sure answer the whole is asked for; then nothing is told that could narrow it.
    if (typeof answer === 'string' || !agrees(answer.at, fixed)) return want;
    proofs.push(answer.at);
    const found = sumOf(variables, answer.at);
    return sign === 1 ? Math.max(found, want) : Math.min(found, want);
  };
  const demands: Demand[] = [];
  const exposed = new Map<string, CellKey>();
  for (const { variables, want, at, own } of small) {
    const low = await extreme(variables, 1, 0);
    const high = await extreme(variables, -1, want);
    if (own && (low > 0 || high < want)) exposed.set(cellName(at), at);
    if (low < high) demands.push([[rowOf(variables, 'atMost', low)]], [[rowOf(variables, 'atLeast', high)]]);
  }
  const own = small.filter((one) => one.own && one.count < threshold);
  const allSmall = own.map(({ variables }) => rowOf(variables, 'atMost', threshold - 1));
  const guesses: Filling[] = [];
  for (const { variables, count } of own) {
    const other: Demand = [
      [...allSmall, rowOf(variables, 'atLeast', count + 1)],
      ...(count > 0 ? [[...allSmall, rowOf(variables, 'atMost', count - 1)]] : []),
    ];
    if (!guesses.some((filling) => meets(filling, other))) {
      await breathe();
      const filling = possible(solver, fixed, other);
      if (filling === null) continue;
      guesses.push(filling);
    }
    demands.push(other);
  }
  return { demands, exposed: [...exposed.values()] };
};
