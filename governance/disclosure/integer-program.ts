/** A sum of variables and what it is: `equal` to, `atMost` or `atLeast` a whole number. */
export interface Row {
  readonly terms: readonly (readonly [variable: number, factor: number])[];
  readonly is: 'equal' | 'atMost' | 'atLeast';
  readonly value: number;
}

/** Variables are numbered from 0, never negative, and whole where `whole` says so. */
export interface IntegerProgram {
  readonly variables: number;
  /** How many of the variables, from the first, have to be whole. */
  readonly whole: number;
  readonly rows: readonly Row[];
  /** What is made as small as can be; nothing where any answer will do. */
  readonly cost: readonly (readonly [variable: number, factor: number])[];
  /** Branches to try at most. */
  readonly branches: number;
}

/** `NONE` where there is no answer, `GAVE_UP` where none was found in time: who must be sure treats the two alike. */
export type Answer = { readonly at: readonly number[]; readonly cost: number } | 'NONE' | 'GAVE_UP';

const TINY = 1e-9;

/** A dense tableau: `rows` x `width`, the right side last. */
interface Tableau {
  readonly cells: Float64Array[];
  readonly basis: number[];
  readonly width: number;
}

const pivot = ({ cells, basis, width }: Tableau, row: number, column: number): void => {
  const own = cells[row] as Float64Array;
  const factor = own[column] as number;
  for (let index = 0; index < width; index += 1) own[index] = (own[index] as number) / factor;
  for (const other of cells) {
    if (other === own) continue;
    const times = other[column] as number;
    if (Math.abs(times) < 1e-12) {
      other[column] = 0;
      continue;
    }
    for (let index = 0; index < width; index += 1)
      other[index] = (other[index] as number) - times * (own[index] as number);
    other[column] = 0;
  }
  basis[row] = column;
};

/** Brings the last row (the costs) to its least over the first `columns`. False where it has none or the steps run out. */
const descend = (tableau: Tableau, columns: number): boolean => {
  const { cells, basis, width } = tableau;
  const costs = cells[cells.length - 1] as Float64Array;
  for (let step = 0; step < 20_000; step += 1) {
    // The steepest column first; after many steps the first one (Bland's rule), which cannot go round in circles.
    let column = -1;
    let steepest = -TINY;
    for (let index = 0; index < columns; index += 1) {
      const cost = costs[index] as number;
      if (cost >= steepest) continue;
      column = index;
      if (step > 300) break;
      steepest = cost;
    }
    if (column < 0) return true;
    let row = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < basis.length; index += 1) {
      const cell = cells[index]?.[column] as number;
      if (cell <= TINY) continue;
      const ratio = (cells[index]?.[width - 1] as number) / cell;
      const tie = Math.abs(ratio - least) <= TINY && (basis[index] as number) < (basis[row] as number);
      if (ratio < least - TINY || tie) {
        least = ratio;
        row = index;
      }
    }
    if (row < 0) return false;
    pivot(tableau, row, column);
  }
  return false;
};

/** The least cost over all numbers that are not negative, whole or not (two-phase simplex); null where there is none. */
const relaxed = ({ variables, rows, cost }: IntegerProgram): number[] | null => {
  const slacks = rows.filter(({ is }) => is !== 'equal').length;
  const columns = variables + slacks;
  const width = columns + rows.length + 1;
  let slack = variables;
  const basis: number[] = [];
  const cells = rows.map(({ terms, is, value }, index) => {
    const line = new Float64Array(width);
    for (const [variable, factor] of terms) line[variable] = (line[variable] as number) + factor;
    if (is !== 'equal') {
      line[slack] = is === 'atMost' ? 1 : -1;
      slack += 1;
    }
    line[width - 1] = value;
    if (value < 0) for (let at = 0; at < width; at += 1) line[at] = -(line[at] as number);
    line[columns + index] = 1;
    basis.push(columns + index);
    return line;
  });
  // First the artificial columns are brought to nothing,
  const artificial = new Float64Array(width);
  for (const line of cells)
    for (let at = 0; at < width; at += 1)
      if (at < columns || at === width - 1) artificial[at] = (artificial[at] as number) - (line[at] as number);
  const tableau: Tableau = { cells: [...cells, artificial], basis, width };
  if (!descend(tableau, columns) || -(artificial[width - 1] as number) > 1e-6) return null;
  for (let row = 0; row < basis.length; row += 1) {
    if ((basis[row] as number) < columns) continue;
    const line = tableau.cells[row] as Float64Array;
    const column = line.findIndex((cell, at) => at < columns && Math.abs(cell) > 1e-7);
    if (column >= 0) pivot(tableau, row, column);
  }
  // then the cost is.
  const costs = new Float64Array(width);
  for (const [variable, factor] of cost) costs[variable] = (costs[variable] as number) + factor;
  for (const [row, column] of basis.entries()) {
    const times = costs[column] as number;
    if (times === 0) continue;
    const line = tableau.cells[row] as Float64Array;
    for (let at = 0; at < width; at += 1) costs[at] = (costs[at] as number) - times * (line[at] as number);
  }
  tableau.cells[tableau.cells.length - 1] = costs;
  if (cost.length > 0 && !descend(tableau, columns)) return null;
  const at = new Array<number>(variables).fill(0);
  for (const [row, column] of basis.entries())
    if (column < variables) at[column] = tableau.cells[row]?.[width - 1] as number;
  return at;
};

const costOf = ({ cost }: IntegerProgram, at: readonly number[]): number =>
  cost.reduce((sum, [variable, factor]) => sum + factor * (at[variable] ?? 0), 0);

/**
 * The least cost in whole numbers, by branch and bound over the simplex. It works with floating point, so an answer is
 * to be checked by whoever relies on it; that there is `NONE` is only as sure as that.
 */
export const solveInteger = (program: IntegerProgram): Answer => {
  let best: { at: readonly number[]; cost: number } | null = null;
  let nodes = 0;
  const open: (readonly Row[])[] = [[]];
  for (let bounds = open.pop(); bounds !== undefined; bounds = open.pop()) {
    nodes += 1;
    if (nodes > program.branches) return best ?? 'GAVE_UP';
    const node: IntegerProgram = { ...program, rows: [...program.rows, ...bounds] };
    const at = relaxed(node);
    if (at === null || (best !== null && costOf(program, at) > best.cost - TINY)) continue;
    let broken = -1;
    let furthest = 1e-6;
    for (let variable = 0; variable < program.whole; variable += 1) {
      const value = at[variable] as number;
      const off = Math.abs(value - Math.round(value));
      if (off <= furthest) continue;
      furthest = off;
      broken = variable;
    }
    if (broken < 0) {
      const whole = at.map((value, variable) => (variable < program.whole ? Math.round(value) : value));
      best = { at: whole, cost: costOf(program, whole) };
      if (program.cost.length === 0) return best;
      continue;
    }
    const floor = Math.floor(at[broken] as number);
    open.push([...bounds, { terms: [[broken, 1]], is: 'atLeast', value: floor + 1 }]);
    open.push([...bounds, { terms: [[broken, 1]], is: 'atMost', value: floor }]);
  }
  return best ?? 'NONE';
};
