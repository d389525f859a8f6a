import { type Answer, type IntegerProgram, type Row, solveInteger } from './integer-program.ts';
import { settled } from './public-knowledge.ts';

/** A way to fill every variable that agrees with all that is public. */
export type Filling = readonly number[];

/** Whether a filling agrees with the rows, in whole numbers: the solver's word is never taken for it. */
export const agrees = (filling: Filling, rows: readonly Row[]): boolean =>
  filling.every((value) => Number.isInteger(value) && value >= 0) &&
  rows.every(({ terms, is, value }) => {
    const sum = terms.reduce((total, [variable, factor]) => total + factor * (filling[variable] ?? 0), 0);
    return is === 'equal' ? sum === value : is === 'atMost' ? sum <= value : sum >= value;
  });

/** Solves a program without the variables that its rows settle already. */
export const solveUnsettled = (program: IntegerProgram): Answer => {
  let known: ReadonlyMap<number, number>;
  try {
    known = settled(program.rows);
  } catch {
    return 'NONE';
  }
  const names = Array.from({ length: program.variables }, (_, variable) => variable).filter((one) => !known.has(one));
  const places = new Map(names.map((variable, place) => [variable, place]));
  const without = ({ terms, is, value }: Row): Row => ({
    terms: terms.flatMap(([variable, factor]) => {
      const place = places.get(variable);
      return place === undefined ? [] : [[place, factor] as const];
    }),
    is,
    value: value - terms.reduce((sum, [variable, factor]) => sum + factor * (known.get(variable) ?? 0), 0),
  });
  const rows = program.rows
    .map(without)
    .filter(({ terms, is, value }) => terms.length > 0 || !(is === 'equal' && value === 0));
  const distinct = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
  const answer = solveInteger({
    variables: names.length,
    whole: names.filter((variable) => variable < program.whole).length,
    rows: distinct,
    branches: program.branches,
    cost: program.cost.flatMap(([variable, factor]) => {
      const place = places.get(variable);
      return place === undefined ? [] : [[place, factor] as const];
    }),
  });
  if (typeof answer === 'string') return answer;
  const at = Array.from({ length: program.variables }, (_, variable) => {
    const place = places.get(variable);
    return place === undefined ? (known.get(variable) ?? 0) : (answer.at[place] ?? 0);
  });
  return { at, cost: program.cost.reduce((sum, [variable, factor]) => sum + factor * (at[variable] ?? 0), 0) };
};
