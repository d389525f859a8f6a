import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupOf, type ToldGroups, toldGroups } from '../../governance/group-figures.ts';

/** Patients by group: `{ M: 6, F: 7 }` are M0 to M5 and F0 to F6. */
const people = (sizes: Record<string, number>): Map<string, string | null> =>
  new Map(
    Object.entries(sizes).flatMap(([group, size]) => Array.from({ length: size }, (_, i) => [`${group}${i}`, group])),
  );
const SEXES = ['F', 'M'];
const first = (groupOf: GroupOf, names = SEXES): ToldGroups => ({ groupOf, told: toldGroups(groupOf, names, [], 5) });
const without = (groupOf: GroupOf, ...gone: string[]): GroupOf =>
  new Map([...groupOf].filter(([patient]) => !gone.includes(patient)));

describe('groups of which figures are told', () => {
  it.each([
    [{ F: 5, M: 5 }, ['F', 'M']],
    [{ F: 4, M: 20 }, []],
    [{ F: 0, M: 20 }, []],
    [{ F: 3, M: 20, X: 9 }, ['M']],
    [{ F: 3, M: 20, X: 2 }, ['M']],
    [{ F: 1, M: 20, X: 2, Y: 6 }, ['M']],
    [{ F: 1, M: 20, X: 4, Y: 6 }, ['M', 'Y']],
  ])('of a first release: %j tells %j', (sizes, told) => {
    expect([...toldGroups(people(sizes), Object.keys(sizes), [], 5)].sort()).toEqual([...told].sort());
  });

  it('are all told again of the same patients, and none where one has left, come or been corrected', () => {
    const one = people({ F: 9, M: 9 });
    const beside = [first(one)];
    expect(toldGroups(one, SEXES, beside, 5)).toEqual(SEXES);
    expect(toldGroups(without(one, 'F0'), SEXES, beside, 5)).toEqual([]);
    expect(toldGroups(new Map([...one, ['new', 'F']]), SEXES, beside, 5)).toEqual([]);
    expect(toldGroups(new Map([...one, ['F0', 'M']]), SEXES, beside, 5)).toEqual([]);
    // Erased since: nobody knows any more in which group they were.
    expect(
      toldGroups(without(one, 'F0'), SEXES, [{ ...beside[0]!, groupOf: new Map([...one, ['F0', null]]) }], 5),
    ).toEqual([]);
  });

  it('are told where many of every group have come, not where those who came are all of one', () => {
    const one = people({ F: 9, M: 9 });
    const beside = [first(one)];
    expect(toldGroups(people({ F: 14, M: 14 }), SEXES, beside, 5)).toEqual(SEXES);
    expect(toldGroups(people({ F: 19, M: 9 }), SEXES, beside, 5)).toEqual([]);
    expect(toldGroups(people({ F: 14, M: 12 }), SEXES, beside, 5)).toEqual([]);
  });

  it('of three releases let nobody be worked out by all three, though any two would', () => {
    const all = people({ F: 20, M: 20 });
    const [a, b] = [
      ['F0', 'F1', 'F2', 'F3', 'F4', 'M0', 'M1', 'M2', 'M3', 'M4'],
      ['F4', 'F5', 'F6', 'F7', 'F8', 'M4', 'M5', 'M6', 'M7', 'M8'],
    ];
    const one = first(all);
    const two: ToldGroups = { groupOf: without(all, ...a), told: toldGroups(without(all, ...a), SEXES, [one], 5) };
    expect(two.told).toEqual(SEXES);
    expect(toldGroups(without(all, ...b), SEXES, [one], 5)).toEqual(SEXES);
    expect(toldGroups(without(all, ...b), SEXES, [one, two], 5)).toEqual([]);
  });

  it('leave an attacker who adds and takes away all that is told nothing of fewer than five, whatever came and went', () => {
    const release = fc.array(fc.nat({ max: 3 }), { minLength: 36, maxLength: 36 });
    let told = 0;
    fc.assert(
      fc.property(fc.array(release, { minLength: 2, maxLength: 4 }), (plan) => {
        const releases: ToldGroups[] = [];
        // Blocks of three patients of a group come and go together, mostly, so that some releases are told.
        for (const marks of plan) {
          const groupOf = new Map<string, string>();
          for (let i = 0; i < 36; i += 1)
            if ((marks[Math.floor(i / 12)] ?? 0) > 0 && (i % 12 !== 0 || (marks[i] ?? 0) > 0))
              groupOf.set(`p${i}`, i % 2 === 0 ? 'F' : 'M');
          releases.push({ groupOf, told: toldGroups(groupOf, SEXES, releases, 5) });
        }
        const seen = releases.filter((one) => one.told.length > 0);
        told += seen.length > 1 ? 1 : 0;
        const sums = seen.flatMap(({ groupOf, told: groups }) => [
          [...groupOf.keys()],
          ...groups.map((group) => [...groupOf].flatMap(([id, of]) => (of === group ? [id] : []))),
        ]);
        // Sums and differences of up to three of them, which is how one would go about it.
        const vectors = sums.map((ids) => new Map(ids.map((id) => [id, 1])));
        for (const [i, x] of vectors.entries())
          for (const [j, y] of vectors.entries())
            for (const z of [new Map<string, number>(), ...vectors.slice(0, Math.min(i, j))])
              for (const sign of [1, -1]) {
                const support = [...new Set([...x.keys(), ...y.keys(), ...z.keys()])].filter(
                  (id) => (x.get(id) ?? 0) - (y.get(id) ?? 0) + sign * (z.get(id) ?? 0) !== 0,
                ).length;
                if (support > 0 && support < 5) return false;
              }
        return true;
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(told).toBeGreaterThan(20);
  });
});
