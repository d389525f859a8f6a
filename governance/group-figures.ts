/** What figures of a release are grouped by. EVERYBODY is one group: how many of all did how well. */
export const GROUPINGS = ['EVERYBODY', 'CLASS', 'LEVEL', 'SEX', 'SKIN_TYPE', 'DEVICE'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Of one release: in which group each patient is; null where that is known no more (erased). */
export type GroupOf = ReadonlyMap<string, string | null>;

/** Groups of a release of which figures are told; with the figure of them all, that of the rest is too. */
export interface ToldGroups {
  readonly groupOf: GroupOf;
  readonly told: readonly string[];
}

/** All groups that are not told count as one, since its mean follows from the told ones and the whole. Names of told ones begin with `=`. */
const REST = 'REST';
const ABSENT = 'ABSENT';

/** Groups that are told by size alone: the small ones are not, nor the next ones until those that are not told are enough together. */
function largeGroups(groupOf: GroupOf, names: readonly string[], fewest: number): readonly string[] {
  const groups = [...groupOf.values()];
  const ascending = names
    .map((name) => ({ name, size: groups.filter((group) => group === name).length }))
    .sort((a, b) => a.size - b.size);
  let [hidden, people] = [0, 0];
  for (const { size } of ascending) {
    if (size >= fewest && (hidden === 0 || people >= fewest)) break;
    hidden += 1;
    people += size;
  }
  const large = new Set(ascending.slice(hidden).map(({ name }) => name));
  return names.filter((name) => large.has(name));
}

/**
 * Groups whose figures may be told of a release, beside what is told of others of its study. Whoever knows all of these can work out figures of patients
 * who are in the same groups of the same releases, and of no fewer: there are always `fewest` of them or more. And who came or left is in no certain group:
 * of those who did between two releases, all groups have some.
 * @param names every group, those of nobody among them
 */
export function toldGroups(
  groupOf: GroupOf,
  names: readonly string[],
  others: readonly ToldGroups[],
  fewest: number,
): readonly string[] {
  const told = largeGroups(groupOf, names, fewest);
  const releases = [...others.filter((other) => other.told.length > 0), { groupOf, told }];
  const partIn = (release: ToldGroups, patient: string): string => {
    if (!release.groupOf.has(patient)) return ABSENT;
    const group = release.groupOf.get(patient) ?? null;
    return group !== null && release.told.includes(group) ? `=${group}` : REST;
  };
  const patients = [...new Set(releases.flatMap((release) => [...release.groupOf.keys()]))];
  const placed = patients.map((patient) => releases.map((release) => partIn(release, patient)));
  const alike = countBy(placed.map((parts) => parts.join('\n')));
  if ([...alike.values()].some((people) => people < fewest)) return [];
  const presence = (parts: readonly string[]): string => parts.map((part) => (part === ABSENT ? 0 : 1)).join('');
  const partsAt = (at: number, of: readonly (readonly string[])[]): Set<string> =>
    new Set(of.flatMap((parts) => (parts[at] === undefined || parts[at] === ABSENT ? [] : [parts[at]])));
  const everyGroup = [...new Set(placed.map(presence))].every((present) => {
    const among = placed.filter((parts) => presence(parts) === present);
    return releases.every((_, at) => present[at] === '0' || partsAt(at, among).size === partsAt(at, placed).size);
  });
  return everyGroup ? told : [];
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
