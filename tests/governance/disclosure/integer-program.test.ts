import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agrees } from '../../../governance/disclosure/fillings.ts';
import { type Row, solveInteger } from '../../../governance/disclosure/integer-program.ts';
import { settled } from '../../../governance/disclosure/public-knowledge.ts';

const row = (terms: readonly (readonly [number, number])[], is: Row['is'], value: number): Row => ({
  terms,
  is,
  value,
});

/** The least cost by trying every whole number up to a limit. */
const tried = (
  variables: number,
  limit: number,
  rows: readonly Row[],
  cost: readonly (readonly [number, number])[],
) => {
  let best: number | null = null;
  const at = new Array<number>(variables).fill(0);
  for (let code = 0; code < (limit + 1) ** variables; code += 1) {
    for (let index = 0, left = code; index < variables; index += 1, left = Math.floor(left / (limit + 1)))
      at[index] = left % (limit + 1);
    if (!agrees(at, rows)) continue;
    const value = cost.reduce((sum, [variable, factor]) => sum + factor * (at[variable] ?? 0), 0);
    if (best === null || value < best) best = value;
  }
  return best;
};

describe('an integer program', () => {
  it('is solved in whole numbers, where halves would do better', () => {
    // Three pairs that each have to have one: with halves 1.5, whole 2.
    const rows = [
      row([[0, 1], [1, 1]], 'atLeast', 1),
      row([[1, 1], [2, 1]], 'atLeast', 1),
      row([[0, 1], [2, 1]], 'atLeast', 1),
    ]; // biome-ignore format: a row a line
    const cost = [[0, 1], [1, 1], [2, 1]] as const; // biome-ignore format: as above
    expect(solveInteger({ variables: 3, whole: 3, rows, cost, branches: 50 })).toMatchObject({ cost: 2 });
    expect(solveInteger({ variables: 3, whole: 0, rows, cost, branches: 50 })).toMatchObject({ cost: 1.5 });
  });

  it('has no answer, or none in so few branches', () => {
    const none = [row([[0, 2]], 'equal', 3)];
    expect(solveInteger({ variables: 1, whole: 1, rows: none, cost: [], branches: 50 })).toBe('NONE');
    expect(solveInteger({ variables: 1, whole: 1, rows: none, cost: [], branches: 0 })).toBe('GAVE_UP');
    expect(solveInteger({ variables: 1, whole: 1, rows: [row([[0, 1]], 'atMost', -1)], cost: [], branches: 9 })).toBe(
      'NONE',
    );
  });

  it('gives what trying everything gives', () => {
    const terms = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(1, 1, 1, 2, -1)), {
      selector: ([variable]) => variable,
      minLength: 1,
      maxLength: 4,
    });
    const rows = fc.array(
      fc.tuple(terms, fc.constantFrom<Row['is']>('equal', 'atMost', 'atLeast'), fc.integer({ min: 0, max: 6 })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(rows, terms, (drawn, cost) => {
        const bounded = [
          ...drawn.map(([some, is, value]) => row(some, is, value)),
          ...[0, 1, 2, 3].map((variable) => row([[variable, 1]], 'atMost', 5)),
        ];
        const best = tried(4, 5, bounded, cost);
        const answer = solveInteger({ variables: 4, whole: 4, rows: bounded, cost, branches: 2000 });
        if (best === null) expect(answer).toBe('NONE');
        else {
          expect(answer).toMatchObject({ cost: best });
          expect(typeof answer !== 'string' && agrees(answer.at, bounded)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what rows settle by themselves', () => {
  it('is followed from sum to sum', () => {
    const sum = (variables: number[], value: number): Row =>
      row(
        variables.map((one) => [one, 1] as const),
        'equal',
        value,
      );
    expect(settled([sum([0, 1, 2], 4), sum([1, 2], 0), sum([0, 3], 6)])).toEqual(
      new Map([
        [1, 0],
        [2, 0],
        [0, 4],
        [3, 2],
      ]),
    );
    expect(() => settled([sum([0], 2), sum([0, 1], 1)])).toThrow(RangeError);
  });
});
