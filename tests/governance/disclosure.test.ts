import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attribute,
  type CountCell,
  type CountTable,
  cellName,
  combinations,
  countTable,
} from '../../governance/count-table.ts';
import { type SafeTables, safeTables } from '../../governance/disclosure.ts';
import { inferIntervals } from '../../governance/inference.ts';

const sex: Attribute = { name: 'sex', values: ['M', 'F'] };
const skin: Attribute = { name: 'skin', values: ['I_III', 'IV_VI'] };
const level: Attribute = { name: 'level', values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] };

const tableOf = (key: string, attributes: readonly Attribute[], counts: readonly number[]): CountTable => ({
  key,
  attributes,
  cells: combinations(attributes).map((at, index) => ({ at, count: counts[index] ?? 0 })),
});

const countsOf = (safe: SafeTables, key: string): readonly (number | null)[] =>
  safe.tables.find((table) => table.key === key)?.cells.map(({ count }) => count) ?? [];

const options = { threshold: 5, known: [] };

describe('counting', () => {
  it('has a cell for what nobody is, and refuses a row outside the table', () => {
    const rows = [
      { sex: 'M', skin: 'I_III' },
      { sex: 'M', skin: 'I_III' },
      { sex: 'F', skin: 'I_III' },
    ];
    expect(countTable('t', [sex, skin], rows).cells.map(({ count }) => count)).toEqual([2, 0, 1, 0]);
    expect(countTable('all', [], rows).cells).toEqual([{ at: {}, count: 3 }]);
    expect(() => countTable('t', [sex], [{ sex: 'X' }])).toThrow('sex=X');
  });
});

describe('safe counts', () => {
  it('hides what is under the threshold, nobody included, and nothing where no total tells', () => {
    const safe = safeTables([tableOf('levels', [level], [13, 4, 0, 8])], options);
    expect(countsOf(safe, 'levels')).toEqual([13, null, null, 8]);
  });

  it('hides a second cell where the total would give the first away', () => {
    const safe = safeTables([tableOf('total', [], [29]), tableOf('levels', [level], [13, 4, 4, 8])], options);
    expect(countsOf(safe, 'total')).toEqual([29]);
    // 29 - 13 - 8 leaves 8 for two hidden cells: each may be anything up to 8, so no more is needed.
    expect(countsOf(safe, 'levels')).toEqual([13, null, null, 8]);
    const one = safeTables([tableOf('total', [], [30]), tableOf('levels', [level], [13, 4, 5, 8])], options);
    expect(countsOf(one, 'levels')).toEqual([13, null, null, 8]);
  });

  it('hides in rows and columns alike', () => {
    const tables = [
      tableOf('total', [], [40]),
      tableOf('sex', [sex], [25, 15]),
      tableOf('skin', [skin], [22, 18]),
      tableOf('both', [sex, skin], [12, 13, 10, 5]),
    ];
    expect(countsOf(safeTables(tables, options), 'both')).toEqual([12, 13, 10, 5]);
    const small = [
      ...tables.slice(0, 1),
      tableOf('sex', [sex], [26, 14]),
      ...tables.slice(2, 3),
      tableOf('both', [sex, skin], [12, 14, 10, 4]),
    ];
    expect(countsOf(safeTables(small, options), 'both')).toEqual([null, null, null, null]);
  });

  it('takes what is published elsewhere as known, and says what that gives away', () => {
    const levels = tableOf('levels', [level], [13, 4, 5, 8]);
    const total: CountCell = { at: {}, count: 30 };
    expect(countsOf(safeTables([levels], options), 'levels')).toEqual([13, null, 5, 8]);
    expect(countsOf(safeTables([levels], { threshold: 5, known: [total] }), 'levels')).toEqual([13, null, null, 8]);
    const all = levels.cells.filter(({ at }) => at.level !== 'LOW');
    const safe = safeTables([levels], { threshold: 5, known: [total, ...all] });
    expect(safe.exposed).toEqual([{ level: 'LOW' }]);
  });

  it('links tables by what they have in common, printed or not', () => {
    // Neither table prints the levels, but both add up to them.
    const bySex = tableOf('by sex', [sex, level], [10, 6, 7, 9, 8, 7, 6, 5]);
    const bySkin = tableOf('by skin', [skin, level], [15, 9, 7, 8, 3, 4, 6, 6]);
    const safe = safeTables([bySex, bySkin], options);
    const shown = new Map(
      safe.tables.flatMap(({ cells }) =>
        cells.flatMap(({ at, count }) => (count === null ? [] : [[cellName(at), count] as const])),
      ),
    );
    expect(shown.has('level=NONE|skin=IV_VI')).toBe(false);
    expect(shown.has('level=NONE|skin=I_III') && shown.has('level=NONE|sex=M') && shown.has('level=NONE|sex=F')).toBe(
      false,
    );
  });

  it('says so where tables contradict each other', () => {
    const tables = [tableOf('total', [], [29]), tableOf('sex', [sex], [20, 10])];
    expect(() => safeTables(tables, options)).toThrow(RangeError);
    expect(() =>
      safeTables([tableOf('a', [sex], [1, 2]), tableOf('b', [{ ...sex, values: ['F', 'M'] }], [2, 1])], options),
    ).toThrow('other values');
    expect(() =>
      safeTables([tableOf('a', [sex], [9, 9])], { threshold: 5, known: [{ at: { age: 'old' }, count: 3 }] }),
    ).toThrow('age=old');
  });

  it('is sound: bounds that are inferred always hold the truth', () => {
    const equations = [{ whole: 't', parts: ['a', 'b', 'c'] }];
    expect(
      inferIntervals(
        equations,
        new Map([
          ['t', 10],
          ['a', 3],
        ]),
      ).get('b'),
    ).toEqual({ low: 0, high: 7 });
    expect(
      inferIntervals(
        equations,
        new Map([
          ['a', 3],
          ['b', 2],
        ]),
      ).get('t'),
    ).toEqual({ low: 5, high: Number.POSITIVE_INFINITY });
  });
});

/** An attack by trying every way to fill what is hidden in a table of two rows and three columns with totals. */
const fillings = (
  rows: number,
  columns: number,
  hidden: readonly boolean[],
  truth: readonly number[],
  totals: boolean,
): number[][] => {
  const ways: number[][] = [];
  const limit = Math.max(...truth) + 6;
  const cell = [...truth];
  const places = hidden.flatMap((yes, index) => (yes ? [index] : []));
  const sums = (values: readonly number[]): string => {
    const row = Array.from({ length: rows }, (_, r) =>
      values.slice(r * columns, (r + 1) * columns).reduce((a, b) => a + b, 0),
    );
    const column = Array.from({ length: columns }, (_, c) =>
      values.filter((_v, index) => index % columns === c).reduce((a, b) => a + b, 0),
    );
    return totals ? `${row} ${column}` : '';
  };
  const goal = sums(truth);
  const fill = (depth: number): void => {
    const place = places[depth];
    if (place === undefined) {
      if (sums(cell) === goal) ways.push([...cell]);
      return;
    }
    for (let value = 0; value <= limit; value += 1) {
      cell[place] = value;
      fill(depth + 1);
    }
  };
  if (places.length <= 4) fill(0);
  return ways;
};

it('no small cell of a table with shown totals can be worked out, tried with every filling', () => {
  const three: Attribute = { name: 'age', values: ['young', 'middle', 'old'] };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 6, maxLength: 6 }), (counts) => {
      const both = tableOf('both', [sex, three], counts);
      const margin = (by: Attribute): CountTable => ({
        key: by.name,
        attributes: [by],
        cells: by.values.map((value) => ({
          at: { [by.name]: value },
          count: both.cells.filter(({ at }) => at[by.name] === value).reduce((sum, { count }) => sum + count, 0),
        })),
      });
      const total = tableOf('total', [], [counts.reduce((a, b) => a + b, 0)]);
      const safe = safeTables([total, margin(sex), margin(three), both], options);
      const marginsShown = ['total', 'sex', 'age'].every((key) => countsOf(safe, key).every((count) => count !== null));
      const hidden = countsOf(safe, 'both').map((count) => count === null);
      const ways = marginsShown ? fillings(2, 3, hidden, counts, true) : [];
      for (const [index, count] of counts.entries()) {
        if (count < 5) expect(hidden[index]).toBe(true);
        if (count < 5 && ways.length > 0)
          expect(Math.max(...ways.map((way) => way[index] ?? 0))).toBeGreaterThanOrEqual(5);
      }
      // Nothing is hidden or shown by chance.
      expect(safeTables([total, margin(sex), margin(three), both], options)).toEqual(safe);
    }),
    { numRuns: 150 },
  );
});
