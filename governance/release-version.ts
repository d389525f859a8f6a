/** How far a version has moved: 1.2.3 to 1.2.4 is a patch, to 1.3.0 a minor step, to 2.0.0 a major one. */
export const STEPS = ['patch', 'minor', 'major'] as const;
export type Step = (typeof STEPS)[number];

/**
 * Every way in which one release can differ from the one before it, with the smallest step that it takes. The promise of a number:
 * - patch: the data are the same, to the byte; only words about them (notes, errata) are others;
 * - minor: everything that was there is still there, unchanged; something has come in addition;
 * - major: something that was there has gone, or is no longer what it was, so that results on the two cannot be compared.
 */
export const CHANGES = {
  PATIENTS_ADDED: { step: 'minor', does: 'patients have come in' },
  SUBMISSIONS_ADDED: { step: 'minor', does: 'check-ins of known patients have come in' },
  FILES_ADDED: { step: 'minor', does: 'kinds of files or answers have come in that a check-in had none of' },
  PATIENTS_REMOVED: { step: 'major', does: 'patients have gone' },
  SUBMISSIONS_REMOVED: { step: 'major', does: 'check-ins of remaining patients have gone' },
  FILES_REMOVED: { step: 'major', does: 'files or answers have gone' },
  FILES_CHANGED: { step: 'major', does: 'files, or what was measured of them, are no longer the same' },
  LABELS_CHANGED: { step: 'major', does: 'facts of patients, moments or answers are no longer the same' },
  FOLDS_CHANGED: { step: 'major', does: 'patients are withheld by another fold than before' },
} as const satisfies Record<string, { step: Step; does: string }>;

export type ReleaseChange = keyof typeof CHANGES;
export const RELEASE_CHANGES = Object.keys(CHANGES) as readonly ReleaseChange[];

const SEMVER = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** True for three numbers without leading zeros, each below a thousand million. */
export const isVersion = (text: string): boolean => SEMVER.test(text);

/** Negative where `one` comes before `other`; versions are `major.minor.patch`. */
export const compareVersions = (one: string, other: string): number => {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  const at = [0, 1, 2].find((index) => left[index] !== right[index]);
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
};

/** The step from one version to a later one; null where it is not later. */
export const stepBetween = (from: string, to: string): Step | null => {
  if (compareVersions(to, from) <= 0) return null;
  const [old, next] = [from.split('.'), to.split('.')];
  if (old[0] !== next[0]) return 'major';
  return old[1] !== next[1] ? 'minor' : 'patch';
};

/** The smallest step that these changes take. */
export const stepOf = (changes: readonly ReleaseChange[]): Step => {
  const needed = changes.map((change) => STEPS.indexOf(CHANGES[change].step));
  return STEPS[Math.max(0, ...needed)] ?? 'patch';
};

/** The published release that a version follows: the highest before it. Null for the first. */
export const baseOf = <Known extends { readonly version: string }>(
  version: string,
  published: readonly Known[],
): Known | null =>
  published
    .filter((one) => compareVersions(one.version, version) < 0)
    .sort((one, other) => compareVersions(other.version, one.version))[0] ?? null;

/**
 * Changes that the number does not allow: none where it promises no more than is true. A larger step than needed is allowed, since a
 * study may have reasons of its own to begin anew.
 */
export const changesTooLarge = (
  from: string,
  to: string,
  changes: readonly ReleaseChange[],
): readonly ReleaseChange[] => {
  const step = stepBetween(from, to);
  if (step === null) return changes;
  return changes.filter((change) => STEPS.indexOf(CHANGES[change].step) > STEPS.indexOf(step));
};

/** The first version after `from` that allows these changes. */
export const nextVersion = (from: string, changes: readonly ReleaseChange[]): string => {
  const [major = 0, minor = 0, patch = 0] = from.split('.').map(Number);
  switch (stepOf(changes)) {
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'major':
      return `${major + 1}.0.0`;
  }
};
