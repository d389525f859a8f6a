import type { Sex, SkinType } from '../labels/demographics.ts';
import { type Fold, foldsOf, makeFolds } from '../labels/folds.ts';
import { type PainLevel, painLevelOf } from '../labels/pain.ts';
import { PUBLISHED_COHORTS } from '../published/cohorts.ts';
import { PUBLISHED_PATIENTS, PUBLISHED_PATIENTS_WITH_DATA, type PublishedPatient } from '../published/patients.ts';
import { PUBLISHED_FOLDS } from '../published/splits.ts';
import { type Random, randomFor } from './random.ts';

/** Who takes part in a synthetic study, before faces, voices and dates are drawn. */
export type Enrolled = {
  readonly code: string;
  readonly sex: Sex;
  readonly skinType: SkinType;
  readonly painLevel: PainLevel;
  /** 0 to 10, within the level. */
  readonly painTarget: number;
  readonly sourceDevice: string | null;
  readonly answersSurvey: boolean;
  /** False for who stands for 0009, whose recordings cannot be read. */
  readonly readable: boolean;
};

export type Cohort = { readonly patients: readonly Enrolled[]; readonly folds: readonly Fold[] };

/** Synthetic codes begin here, so that nobody takes them for patients of the study. */
const FIRST_CODE = 9000;
const NO_SURVEY = '0015';

/** Code in the demo of a published patient: 0001 becomes 9001. */
export const demoCode = (published: string): string => String(FIRST_CODE + Number(published));

/**
 * The published patient that a synthetic one with the published shape stands for.
 * @throws RangeError where there is none
 */
export const publishedOf = (code: string): PublishedPatient => {
  const found = PUBLISHED_PATIENTS.find(({ patient }) => demoCode(patient) === code);
  if (found === undefined) throw new RangeError(`${code} stands for no published patient`);
  return found;
};

const targets: Readonly<Record<PainLevel, readonly number[]>> = (() => {
  const all = Array.from({ length: 11 }, (_, target) => target);
  const of = (level: PainLevel): number[] => all.filter((target) => painLevelOf(target) === level);
  return { NONE: of('NONE'), LOW: of('LOW'), MODERATE: of('MODERATE'), SEVERE: of('SEVERE') };
})();

/** The demo: sex, skin type, pain level, device and folds of the 29 published patients with data, under codes from 9001 (9009 is missing). */
export const demoCohort = (seed: number): Cohort => standingFor(PUBLISHED_PATIENTS_WITH_DATA, seed);

/** The same with 9009, who is enrolled and has nothing that could be read. */
export const likeIssCohort = (seed: number): Cohort => standingFor(PUBLISHED_PATIENTS, seed);

function standingFor(published: readonly PublishedPatient[], seed: number): Cohort {
  const patients = published.map(({ patient, sex, skinType, painLevel, sourceDevice, videos }) => ({
    code: demoCode(patient),
    sex,
    skinType,
    painLevel,
    painTarget: randomFor(seed, demoCode(patient), 'target').pick(targets[painLevel]),
    sourceDevice,
    answersSurvey: patient !== NO_SURVEY,
    readable: videos !== null,
  }));
  return { patients, folds: foldsOf(PUBLISHED_FOLDS.map(({ testPatients }) => testPatients.map(demoCode))) };
}

/**
 * `count` patients spread evenly over the sixteen cohorts of Table 2, with up to ten stratified folds (none for a single patient).
 * Throws RangeError for a count that is no whole number from 1 to 90,000.
 */
export function stratifiedCohort(count: number, seed: number): Cohort {
  if (!Number.isInteger(count) || count < 1 || count > 90_000) {
    throw new RangeError(`A synthetic study has 1 to 90000 patients, not ${count}`);
  }
  const random = randomFor(seed, 'cohorts');
  const patients: Enrolled[] = [];
  while (patients.length < count) {
    for (const { sex, skinType, painLevel } of random.shuffle(PUBLISHED_COHORTS).slice(0, count - patients.length)) {
      const index = patients.length;
      const code = String(FIRST_CODE + 1 + index);
      const painTarget = randomFor(seed, code, 'target').pick(targets[painLevel]);
      const answersSurvey = index % 29 !== 14; // as rare as in the study
      patients.push({
        code,
        sex,
        skinType,
        painLevel,
        painTarget,
        sourceDevice: device(random),
        answersSurvey,
        readable: true,
      });
    }
  }
  const folds =
    count < 2
      ? []
      : makeFolds(
          patients.map(({ code, painLevel }) => ({ patient: code, painLevel })),
          Math.min(10, count),
          seed,
        );
  return { patients, folds };
}

/** In the proportions of Table 7. */
const device = (random: Random): string | null =>
  random.weighted<string | null>([
    ['iOS', 16],
    ['Android', 10],
    ['Clinic Only', 2],
    [null, 1],
  ]);
