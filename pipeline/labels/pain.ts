/** The four levels of the fixed pain target, in order of their codes. */
export type PainLevel = 'NONE' | 'LOW' | 'MODERATE' | 'SEVERE';

/** The two classes, in order of their codes. */
export type PainClass = 'NO_PAIN' | 'PAIN';

export const PAIN_LEVELS: readonly PainLevel[] = ['NONE', 'LOW', 'MODERATE', 'SEVERE'];
export const PAIN_CLASSES: readonly PainClass[] = ['NO_PAIN', 'PAIN'];

/**
 * Level of a pain target: 0 NONE, 1-3 LOW, 4-6 MODERATE, 7-10 SEVERE (paper, section 3.1).
 * The target is the worst pain of the thirty days before enrolment; it never changes.
 * @throws RangeError if `target` is no whole number from 0 to 10
 */
export const painLevelOf = (target: number): PainLevel => {
  if (!Number.isInteger(target) || target < 0 || target > 10) {
    throw new RangeError(`A pain target is a whole number from 0 to 10, not ${target}`);
  }
  if (target === 0) return 'NONE';
  if (target <= 3) return 'LOW';
  return target <= 6 ? 'MODERATE' : 'SEVERE';
};

/** Class of a level: NONE is NO_PAIN, every other level PAIN. */
export const painClassOf = (level: PainLevel): PainClass => (level === 'NONE' ? 'NO_PAIN' : 'PAIN');

/** Code of a level among four classes: NONE 0 to SEVERE 3. */
export const painLevelCode = (level: PainLevel): number => PAIN_LEVELS.indexOf(level);

/** Code of a class among two: NO_PAIN 0, PAIN 1. */
export const painClassCode = (painClass: PainClass): number => PAIN_CLASSES.indexOf(painClass);

/** The number that label files give as `pain_class`: the level's code at four classes, the class's at two. */
export const painCode = (level: PainLevel, classes: 2 | 4): number =>
  classes === 4 ? painLevelCode(level) : painClassCode(painClassOf(level));

/** Names of the classes that a model with `classes` outputs tells apart, in order of their codes. */
export const painNames = (classes: 2 | 4): readonly (PainLevel | PainClass)[] =>
  classes === 4 ? PAIN_LEVELS : PAIN_CLASSES;
