import { PAIN_LEVELS, type PainLevel } from './pain.ts';
import { seededRandom, shuffled } from './seeded-random.ts';

/** One of the splits of a cross-validation: the patients withheld for testing and those trained on, each sorted by code. */
export interface Fold {
  /** From 1. */
  readonly number: number;
  readonly testPatients: readonly string[];
  readonly trainPatients: readonly string[];
}

export interface FoldPatient {
  readonly patient: string;
  readonly painLevel: PainLevel;
}

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The folds that withhold, in turn, each of these groups of patients and train on all the others. */
export const foldsOf = (testGroups: readonly (readonly string[])[]): Fold[] => {
  const all = testGroups.flat();
  return testGroups.map((group, i) => {
    const withheld = new Set(group);
    return {
      number: i + 1,
      testPatients: [...group].sort(byCode),
      trainPatients: all.filter((patient) => !withheld.has(patient)).sort(byCode),
    };
  });
};

/**
 * `count` folds in which every patient is withheld once, stratified by pain level: folds differ by at most one patient,
 * in all and at each level. The same patients and seed give the same folds, in whatever order the patients come.
 * (ISS itself uses the published folds.)
 * @throws RangeError if `count` is below 2 or above the number of patients, if a patient is there twice, or for a bad seed
 */
export const makeFolds = (patients: readonly FoldPatient[], count: number, seed: number): Fold[] => {
  if (!Number.isInteger(count) || count < 2 || count > patients.length) {
    throw new RangeError(`${patients.length} patients cannot be put into ${count} folds`);
  }
  if (new Set(patients.map(({ patient }) => patient)).size !== patients.length) {
    throw new RangeError('A patient is there twice');
  }
  const groups: string[][] = Array.from({ length: count }, () => []);
  // Dealt like cards, level after level without starting over, so that no fold gets the odd patient of every level.
  let next = 0;
  for (const level of PAIN_LEVELS) {
    const own = patients.filter(({ painLevel }) => painLevel === level).map(({ patient }) => patient);
    const random = seededRandom(seed, PAIN_LEVELS.indexOf(level));
    for (const patient of shuffled(own.sort(byCode), random)) groups[next++ % count]?.push(patient);
  }
  return foldsOf(groups);
};

/** What is wrong with a set of folds: the patients concerned, by fold where that matters. */
export interface FoldFaults {
  /** In training and in test of the same fold. */
  readonly shared: readonly { readonly fold: number; readonly patient: string }[];
  /** Withheld by more than one fold, or twice by one. */
  readonly repeated: readonly string[];
  /** Withheld by no fold, though trained on. */
  readonly neverWithheld: readonly string[];
  /** Neither trained on nor withheld by a fold of the set. */
  readonly leftOut: readonly { readonly fold: number; readonly patient: string }[];
}

export type FoldProof = { readonly disjoint: true } | { readonly disjoint: false; readonly faults: FoldFaults };

/**
 * Proves, from the lists themselves, that no fold shares a patient between training and test, that every patient is withheld
 * by exactly one fold and that every fold uses them all; or says who breaks it.
 * @throws RangeError for a set without folds, which proves nothing
 */
export const provenDisjoint = (folds: readonly Fold[]): FoldProof => {
  if (folds.length === 0) throw new RangeError('There are no folds to prove disjoint');
  const withheld = folds.flatMap((fold) => fold.testPatients);
  const all = [...new Set(folds.flatMap((fold) => [...fold.testPatients, ...fold.trainPatients]))].sort(byCode);
  const times = new Map<string, number>();
  for (const patient of withheld) times.set(patient, (times.get(patient) ?? 0) + 1);

  const shared: { fold: number; patient: string }[] = [];
  const leftOut: { fold: number; patient: string }[] = [];
  for (const { number: fold, testPatients, trainPatients } of folds) {
    const test = new Set(testPatients);
    const train = new Set(trainPatients);
    for (const patient of all) {
      if (test.has(patient) && train.has(patient)) shared.push({ fold, patient });
      if (!test.has(patient) && !train.has(patient)) leftOut.push({ fold, patient });
    }
  }
  const repeated = all.filter((patient) => (times.get(patient) ?? 0) > 1);
  const neverWithheld = all.filter((patient) => !times.has(patient));
  if (shared.length + repeated.length + neverWithheld.length + leftOut.length === 0) return { disjoint: true };
  return { disjoint: false, faults: { shared, repeated, neverWithheld, leftOut } };
};
