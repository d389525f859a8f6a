import { type Answer, integerSolver, type Question, type Row } from './integer-program.ts';
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

/** Answers questions about the same rows, without the variables that these settle already. */
export const unsettledSolver = (
  variables: number,
  whole: number,
  shared: readonly Row[],
): ((question: Question) => Answer) => {
  let known: ReadonlyMap<number, number>;
  try {
    known = settled(shared);
  } catch {
    return () => 'NONE';
  }
  const names = Array.from({ length: variables }, (_, variable) => variable).filter((one) => !known.has(one));
  const places = new Map(names.map((variable, place) => [variable, place]));
  const placed = (terms: Row['terms']): Row['terms'] =>
    terms.flatMap(([variable, factor]) => {
      const place = places.get(variable);
      return place === undefined ? [] : [[place, factor] as const];
    });
  const without = (rows: readonly Row[]): Row[] => {
    const left = rows
      .map(({ terms, is, value }) => ({
        ...{ terms: placed(terms), is },
        value: value - terms.reduce((sum, [variable, factor]) => sum + factor * (known.get(variable) ?? 0), 0),
      }))
      .filter(({ terms, is, value }) => terms.length > 0 || !(is === 'equal' && value === 0));
    return [...new Map(left.map((row) => [JSON.stringify(row), row])).values()];
  };
  const solver = integerSolver({
    variables: names.length,
    whole: names.filter((variable) => variable < whole).length,
    rows: without(shared),
  });
  return ({ cost, rows, branches }) => {
    const answer = solver({ cost: placed(cost), rows: without(rows), branches });
    if (typeof answer === 'string') return answer;
    const at = Array.from({ length: variables }, (_, variable) => {
      const place = places.get(variable);
      return place === undefined ? (known.get(variable) ?? 0) : (answer.at[place] ?? 0);
    });
    return { at, cost: cost.reduce((sum, [variable, factor]) => sum + factor * (at[variable] ?? 0), 0) };
  };
};
