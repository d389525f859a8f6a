/**
 * Tables of a study's report, by the paper's numbers, that a steward sees without a grant: of everybody together and of cohorts. Those by fold are of two or
 * three patients each, and need LABELS as results of such folds do.
 */
export const STEWARD_TABLES: ReadonlySet<number> = new Set([2, 4]);

/** What of a group is not told: one patient alone, and the smallest other one where that alone could be worked out from the rest and the total. */
export function hiddenGroups(sizes: readonly number[]): readonly boolean[] {
  const hidden = sizes.map((size) => size === 1);
  if (hidden.filter(Boolean).length !== 1) return hidden;
  const others = sizes.filter((size) => size > 1);
  if (others.length > 0) hidden[sizes.indexOf(Math.min(...others))] = true;
  return hidden;
}
