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
/** Steps after which the first row or column that will do is taken (Bland's rule), which cannot go round in circles. */
const PATIENCE = 300;
const STEPS = 20_000;

/** A dense tableau: the right side in column 0, then a column for each variable and each slack; the costs in the last row. */
interface Tableau {
  readonly cells: Float64Array[];
  readonly basis: number[];
  readonly width: number;
}

const pivot = ({ cells, basis, width }: Tableau, row: number, column: number): void => {
  const own = cells[row] as Float64Array;
  const factor = own[column] as number;
  const used: number[] = [];
  for (let index = 0; index < width; index += 1) {
    const value = (own[index] as number) / factor;
    own[index] = Math.abs(value) < 1e-12 ? 0 : value;
    if (own[index] !== 0) used.push(index);
  }
  for (const other of cells) {
    if (other === own) continue;
    const times = other[column] as number;
    if (Math.abs(times) >= 1e-12)
      for (const index of used) other[index] = (other[index] as number) - times * (own[index] as number);
    other[column] = 0;
  }
  basis[row] = column;
};

/** Brings the costs to their least over the first `columns`, from a right side that is not negative. False where they have none or the steps run out. */
const descend = (tableau: Tableau, columns: number): boolean => {
  const { cells, basis } = tableau;
  const costs = cells[cells.length - 1] as Float64Array;
  for (let step = 0; step < STEPS; step += 1) {
    let column = -1;
    let steepest = -TINY;
    for (let index = 1; index < columns; index += 1) {
      const cost = costs[index] as number;
      if (cost >= steepest) continue;
      column = index;
      if (step > PATIENCE) break;
      steepest = cost;
    }
    if (column < 0) return true;
    let row = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < basis.length; index += 1) {
      const cell = cells[index]?.[column] as number;
      if (cell <= TINY) continue;
      const ratio = (cells[index]?.[0] as number) / cell;
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

/** Makes the right side whole again after rows were added, without making any cost negative (dual simplex). False where no numbers fit. */
const mend = (tableau: Tableau): boolean => {
  const { cells, basis, width } = tableau;
  const costs = cells[cells.length - 1] as Float64Array;
  for (let step = 0; step < STEPS; step += 1) {
    let row = -1;
    let lowest = -TINY;
    for (let index = 0; index < basis.length; index += 1) {
      const value = cells[index]?.[0] as number;
      const first = step > PATIENCE && value < -TINY && (row < 0 || (basis[index] as number) < (basis[row] as number));
      if (!first && (step > PATIENCE || value >= lowest)) continue;
      row = index;
      lowest = value;
    }
    if (row < 0) return true;
    const line = cells[row] as Float64Array;
    let column = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 1; index < width; index += 1) {
      const cell = line[index] as number;
      if (cell >= -TINY) continue;
      const ratio = (costs[index] as number) / -cell;
      if (ratio >= least - TINY) continue;
      least = ratio;
      column = index;
    }
    if (column < 0) return false;
    pivot(tableau, row, column);
  }
  return false;
};

/** The tableau with a row `terms <= value` more, in terms of what is not in the basis; its right side may be negative. */
const withRow = ({ cells, basis, width }: Tableau, terms: Row['terms'], value: number): Tableau => {
  const wider = cells.map((line) => {
    const copy = new Float64Array(width + 1);
    copy.set(line);
    return copy;
  });
  const line = new Float64Array(width + 1);
  line[0] = value;
  for (const [variable, factor] of terms) line[variable + 1] = (line[variable + 1] as number) + factor;
  for (const [row, column] of basis.entries()) {
    const times = line[column] as number;
    if (times === 0) continue;
    const own = wider[row] as Float64Array;
    for (let index = 0; index <= width; index += 1)
      line[index] = (line[index] as number) - times * (own[index] as number);
    line[column] = 0;
  }
  line[width] = 1;
  wider.splice(basis.length, 0, line);
  return { cells: wider, basis: [...basis, width], width: width + 1 };
};

/** The tableau with these rows more, mended; null where no numbers fit. */
const withRows = (tableau: Tableau, rows: readonly Row[]): Tableau | null => {
  let wider = tableau;
  for (const { terms, is, value } of rows) {
    if (is !== 'atLeast') wider = withRow(wider, terms, value);
    const negative = terms.map(([variable, factor]) => [variable, -factor] as const);
    if (is !== 'atMost') wider = withRow(wider, negative, -value);
  }
  return wider === tableau || mend(wider) ? wider : null;
};

/** A tableau of equations with a right side that is not negative, and no costs; null where there is none. */
const fitted = (variables: number, equations: readonly Row[]): Tableau | null => {
  const columns = variables + 1;
  const width = columns + equations.length;
  const basis: number[] = [];
  const lines = equations.map(({ terms, value }, index) => {
    const line = new Float64Array(width);
    line[0] = value;
    for (const [variable, factor] of terms) line[variable + 1] = (line[variable + 1] as number) + factor;
    if (value < 0) for (let at = 0; at < columns; at += 1) line[at] = -(line[at] as number);
    line[columns + index] = 1;
    basis.push(columns + index);
    return line;
  });
  // Columns of their own for each row are brought to nothing; a row that cannot lose its own says nothing new.
  const own = new Float64Array(width);
  for (const line of lines)
    for (let at = 0; at < columns; at += 1) own[at] = (own[at] as number) - (line[at] as number);
  const tableau: Tableau = { cells: [...lines, own], basis, width };
  if (!descend(tableau, columns) || -(own[0] as number) > 1e-6) return null;
  const kept: number[] = [];
  for (let row = 0; row < basis.length; row += 1) {
    if ((basis[row] as number) >= columns) {
      const column = lines[row]?.findIndex((cell, at) => at > 0 && at < columns && Math.abs(cell) > 1e-7) ?? -1;
      if (column < 0) continue;
      pivot(tableau, row, column);
    }
    kept.push(row);
  }
  const cells = kept.map((row) => (lines[row] as Float64Array).slice(0, columns));
  return {
    cells: [...cells, new Float64Array(columns)],
    basis: kept.map((row) => basis[row] as number),
    width: columns,
  };
};

/** The tableau at its least cost; null where it has none. */
const cheapest = ({ cells, basis, width }: Tableau, cost: IntegerProgram['cost']): Tableau | null => {
  const costs = new Float64Array(width);
  for (const [variable, factor] of cost) costs[variable + 1] = (costs[variable + 1] as number) + factor;
  for (const [row, column] of basis.entries()) {
    const times = costs[column] as number;
    const line = cells[row] as Float64Array;
    if (times !== 0)
      for (let at = 0; at < width; at += 1) costs[at] = (costs[at] as number) - times * (line[at] as number);
  }
  const own = { cells: [...cells.slice(0, -1).map((line) => line.slice()), costs], basis: [...basis], width };
  return descend(own, width) ? own : null;
};

const valuesOf = ({ cells, basis }: Tableau, variables: number): number[] => {
  const at = new Array<number>(variables).fill(0);
  for (const [row, column] of basis.entries()) if (column <= variables) at[column - 1] = cells[row]?.[0] as number;
  return at;
};

const costOf = (cost: IntegerProgram['cost'], at: readonly number[]): number =>
  cost.reduce((sum, [variable, factor]) => sum + factor * (at[variable] ?? 0), 0);

/** What is asked of rows that many questions share. */
export interface Question {
  readonly cost: IntegerProgram['cost'];
  /** Further rows. */
  readonly rows: readonly Row[];
  readonly branches: number;
}

/**
 * Answers questions about the same rows with the least cost in whole numbers, by branch and bound: each question, and each branch of it, goes on from the
 * tableau before it (dual simplex) instead of beginning anew. It works with floating point, so an answer is to be checked by whoever relies on it; that
 * there is `NONE` is only as sure as that.
 */
export const integerSolver = ({
  variables,
  whole,
  rows,
}: Pick<IntegerProgram, 'variables' | 'whole' | 'rows'>): ((question: Question) => Answer) => {
  const equations = fitted(
    variables,
    rows.filter(({ is }) => is === 'equal'),
  );
  const inequalities = rows.filter(({ is }) => is !== 'equal');
  const shared = equations && withRows(equations, inequalities);
  let least: { readonly cost: string; readonly tableau: Tableau | null } = { cost: '[]', tableau: shared };
  return ({ cost, rows: further, branches }) => {
    if (branches < 1) return 'GAVE_UP';
    if (shared === null) return 'NONE';
    const key = JSON.stringify(cost);
    if (least.cost !== key) least = { cost: key, tableau: cheapest(shared, cost) };
    if (least.tableau === null) return 'GAVE_UP';
    return branchAndBound(least.tableau, { variables, whole, cost, rows: further, branches });
  };
};

const branchAndBound = (root: Tableau, { variables, whole, cost, rows, branches }: IntegerProgram): Answer => {
  let best: { at: readonly number[]; cost: number } | null = null;
  let nodes = 0;
  const open: { readonly from: Tableau; readonly rows: readonly Row[] }[] = [{ from: root, rows }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes += 1;
    if (nodes > branches) return best ?? 'GAVE_UP';
    const tableau = withRows(node.from, node.rows);
    if (tableau === null) continue;
    const at = valuesOf(tableau, variables);
    if (best !== null && costOf(cost, at) > best.cost - TINY) continue;
    let broken = -1;
    let furthest = 1e-6;
    for (let variable = 0; variable < whole; variable += 1) {
      const value = at[variable] as number;
      const off = Math.abs(value - Math.round(value));
      if (off <= furthest) continue;
      furthest = off;
      broken = variable;
    }
    if (broken < 0) {
      const rounded = at.map((value, variable) => (variable < whole ? Math.round(value) : value));
      best = { at: rounded, cost: costOf(cost, rounded) };
      if (cost.length === 0) return best;
      continue;
    }
    const floor = Math.floor(at[broken] as number);
    open.push({ from: tableau, rows: [{ terms: [[broken, 1]], is: 'atLeast', value: floor + 1 }] });
    open.push({ from: tableau, rows: [{ terms: [[broken, 1]], is: 'atMost', value: floor }] });
  }
  return best ?? 'NONE';
};

/** The least cost in whole numbers, of one question. */
export const solveInteger = ({ cost, branches, ...rows }: IntegerProgram): Answer =>
  integerSolver(rows)({ cost, branches, rows: [] });
