import { SEXES, type Sex, SKIN_TYPES, type SkinType } from '../labels/demographics.ts';
import { PAIN_LEVELS, type PainLevel, painCode, painNames } from '../labels/pain.ts';
import { type Interval, patientInterval } from './patient-interval.ts';

/** What is known of a patient whose rows are predicted; the truth to predict follows from the fixed pain level. */
export interface PatientFacts {
  readonly patient: string;
  readonly painLevel: PainLevel;
  readonly sex: Sex;
  readonly skinType: SkinType;
  /** null where unknown. */
  readonly sourceDevice: string | null;
}

/** The class that a model gave to one row (frame, chunk) of a patient. */
export interface Prediction {
  readonly patient: string;
  readonly predicted: number;
}

export interface PatientAccuracy {
  readonly patient: string;
  readonly painLevel: PainLevel;
  /** The class to be predicted. */
  readonly truth: string;
  readonly rows: number;
  readonly correct: number;
  /** Share of rows predicted right. */
  readonly accuracy: number;
}

/** Mean over the patients of a group of each patient's accuracy. */
export interface GroupAccuracy {
  readonly group: string;
  readonly patients: number;
  /** null for a group without patients. */
  readonly accuracy: number | null;
  /** Fewer patients than SMALL_GROUP: says little, and may say it about a person. */
  readonly small: boolean;
  /** null for fewer than two patients. */
  readonly interval: Interval | null;
}

/** Patients whose accuracy lies above the first bound and up to the second; the first range takes 0 in. */
export interface AccuracyRange {
  readonly above: number;
  readonly upTo: number;
  readonly patients: number;
}

export interface Evaluation {
  readonly classes: 2 | 4;
  readonly patients: number;
  readonly rows: number;
  /** Mean over patients, so that one with many videos weighs no more than one with few. */
  readonly overall: number;
  /** Of `overall`; null for fewer than two patients. */
  readonly interval: Interval | null;
  /** Every class, in order of the codes. */
  readonly byClass: readonly GroupAccuracy[];
  /** The four levels, also where the model tells only two classes apart. */
  readonly byLevel: readonly GroupAccuracy[];
  /** By code. */
  readonly byPatient: readonly PatientAccuracy[];
  readonly bySex: readonly GroupAccuracy[];
  readonly bySkinType: readonly GroupAccuracy[];
  /** Devices by name; `unknown` where none is recorded. */
  readonly byDevice: readonly GroupAccuracy[];
  /** Quarters. The last two together are the patients over 50 %. */
  readonly ranges: readonly AccuracyRange[];
  readonly patientsOver50: number;
  /** The five patients with the lowest accuracy, of equals the lower code first. */
  readonly lowest: readonly PatientAccuracy[];
  /** Patients beyond those five who are no better than the last of them. */
  readonly tiedWithLowest: number;
}

/** Groups of fewer patients are flagged (governance: their results need LABELS too). */
export const SMALL_GROUP = 5;

const LOWEST = 5;

const byCode = (a: { readonly patient: string }, b: { readonly patient: string }): number =>
  a.patient < b.patient ? -1 : 1;

const groupAccuracy = (
  group: string,
  members: readonly PatientAccuracy[],
  seed: number,
  place: number,
): GroupAccuracy => {
  const accuracies = members.map(({ accuracy }) => accuracy);
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  return {
    group,
    patients: members.length,
    accuracy: members.length === 0 ? null : mean,
    small: members.length < SMALL_GROUP,
    interval: patientInterval(accuracies, seed, place),
  };
};

const accuraciesOf = (
  predictions: readonly Prediction[],
  facts: ReadonlyMap<string, PatientFacts>,
  classes: 2 | 4,
): PatientAccuracy[] => {
  const counts = new Map<string, { rows: number; correct: number }>();
  for (const { patient, predicted } of predictions) {
    const known = facts.get(patient);
    if (known === undefined) throw new RangeError(`Nothing is known of patient ${patient}`);
    const count = counts.get(patient) ?? { rows: 0, correct: 0 };
    count.rows++;
    if (predicted === painCode(known.painLevel, classes)) count.correct++;
    counts.set(patient, count);
  }
  const accuracies = [...counts].map(([patient, { rows, correct }]): PatientAccuracy => {
    const { painLevel } = facts.get(patient) as PatientFacts;
    const truth = painNames(classes)[painCode(painLevel, classes)] as string;
    return { patient, painLevel, truth, rows, correct, accuracy: correct / rows };
  });
  return accuracies.sort(byCode);
};

/**
 * Evaluates predictions as the paper does (section 5): a patient's accuracy is the share of their rows predicted right,
 * and every other figure is a mean over patients. Patients without a prediction take no part.
 * @param seed of the intervals
 * @throws RangeError if there is no prediction, or one of a patient who is not among `patients`
 */
export const evaluate = (
  predictions: readonly Prediction[],
  patients: readonly PatientFacts[],
  classes: 2 | 4,
  seed = 0,
): Evaluation => {
  if (predictions.length === 0) throw new RangeError('There are no predictions to evaluate');
  const facts = new Map(patients.map((known) => [known.patient, known]));
  const all = accuraciesOf(predictions, facts, classes);
  const factsOf = ({ patient }: PatientAccuracy): PatientFacts => facts.get(patient) as PatientFacts;
  let place = 0;
  const whole = groupAccuracy('ALL', all, seed, place);
  const grouped = (names: readonly string[], nameOf: (one: PatientAccuracy) => string): GroupAccuracy[] =>
    names.map((name) => {
      const members = all.filter((one) => nameOf(one) === name);
      place += 1;
      return groupAccuracy(name, members, seed, place);
    });
  const deviceOf = (one: PatientAccuracy): string => factsOf(one).sourceDevice ?? 'unknown';
  const ranges = [0, 0.25, 0.5, 0.75].map((above): AccuracyRange => {
    const upTo = above + 0.25;
    const within = all.filter(({ accuracy }) => accuracy <= upTo && (accuracy > above || above === 0));
    return { above, upTo, patients: within.length };
  });
  const ascending = [...all].sort((a, b) => a.accuracy - b.accuracy || byCode(a, b));
  const lowest = ascending.slice(0, LOWEST);
  const limit = lowest.at(-1)?.accuracy ?? 0;
  return {
    classes,
    patients: all.length,
    rows: predictions.length,
    overall: whole.accuracy as number,
    interval: whole.interval,
    byClass: grouped(painNames(classes), ({ truth }) => truth),
    byLevel: grouped(PAIN_LEVELS, ({ painLevel }) => painLevel),
    byPatient: all,
    bySex: grouped(SEXES, (one) => factsOf(one).sex),
    bySkinType: grouped(SKIN_TYPES, (one) => factsOf(one).skinType),
    byDevice: grouped([...new Set(all.map(deviceOf))].sort(), deviceOf),
    ranges,
    patientsOver50: all.filter(({ accuracy }) => accuracy > 0.5).length,
    lowest,
    tiedWithLowest: ascending.slice(LOWEST).filter(({ accuracy }) => accuracy <= limit).length,
  };
};
