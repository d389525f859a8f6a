import { canonicalText, type Json } from './canonical.ts';
import type { ClassRule, Course, Policy } from './policy.ts';
import { TRAINING_TYPES } from './training.ts';

/** One value of the policy that a change touches. */
export interface PolicyChange {
  /** Where, for instance `training.HIPAA.durationMonths`. */
  readonly path: string;
  /** Null where there was, or will be, nothing. */
  readonly before: Json;
  readonly after: Json;
  /** True where it could let anybody see, keep or get more, or for longer. */
  readonly loosens: boolean;
}

type Compare<Value> = (before: Value, after: Value, path: string) => readonly PolicyChange[];
type Rules<Of> = { readonly [Key in keyof Of]-?: Compare<Of[Key]> };

const same = (one: unknown, other: unknown): boolean =>
  canonicalText((one ?? null) as Json) === canonicalText((other ?? null) as Json);

/** A value that is compared as a whole. */
const value =
  <Value>(loosens: (before: Value, after: Value) => boolean): Compare<Value> =>
  (before, after, path) =>
    same(before, after)
      ? []
      : [{ path, before: before as Json, after: after as Json, loosens: loosens(before, after) }];

/** More of it lets people see, keep or do more. */
const limit = value<number>((before, after) => !(after < before));
/** Less of it does. */
const floor = value<number>((before, after) => !(after > before));
/** Asked for or not. */
const demand = value<boolean>((before, after) => before && !after);
/** Any change may help somebody: a day that ends later for one certificate begins sooner for an agreement. */
const anyWay = value<unknown>(() => true);
/** Says nothing about who sees what. */
const neutral = value<unknown>(() => false);
/** What has to be met, or keeps out: more of it is stricter; the order and repetitions say nothing. */
const barriers = (path: string, before: readonly string[], after: readonly string[]): readonly PolicyChange[] => [
  ...[...new Set(before)]
    .filter((one) => !after.includes(one))
    .map((one) => ({ path: `${path}.${one}`, before: one, after: null, loosens: true })),
  ...[...new Set(after)]
    .filter((one) => !before.includes(one))
    .map((one) => ({ path: `${path}.${one}`, before: null, after: one, loosens: false })),
];

/** A course that is new, or that is no longer quite what it was, may be one that nobody accepted. */
const courses: Compare<readonly Course[]> = (before, after, path) => {
  const keys = [...new Set([...before, ...after].map(({ key }) => key))];
  return keys.flatMap((key) => {
    const [was, will] = [before.find((one) => one.key === key), after.find((one) => one.key === key)];
    return same(was, will)
      ? []
      : [
          {
            path: `${path}.${key}`,
            before: (was ?? null) as Json,
            after: (will ?? null) as Json,
            loosens: will !== undefined,
          },
        ];
  });
};

/** Every part of an object by its own rule; a new field without one does not compile. */
const each =
  <Of extends object>(rules: Rules<Of>): Compare<Of> =>
  (before, after, path) =>
    (Object.keys(rules) as (keyof Of & string)[]).flatMap((key) =>
      rules[key](before[key], after[key], path === '' ? key : `${path}.${key}`),
    );

const classRule = each<ClassRule>({
  grant: demand as Compare<true>,
  agreement: demand,
  training: (before, after, path) => barriers(path, before, after),
  verifiedBy: value((before) => before === 'ISSUER'),
  stewards: floor,
  exportByConfirmation: demand,
});

const trainingRule = each<Policy['training']['HIPAA']>({ title: neutral, courses, durationMonths: limit });

const RULES: Rules<Policy> = {
  // Its number follows from its place in the history.
  version: () => [],
  timeZone: anyWay,
  classes: each({ labels: classRule, features: classRule, biometric: classRule, identifiable: classRule }),
  training: each(Object.fromEntries(TRAINING_TYPES.map((type) => [type, trainingRule])) as Rules<Policy['training']>),
  reminderDays: neutral,
  certificateMaxBytes: limit,
  agreementGraceDays: limit,
  grant: each({ maxMonths: limit, closeOutDays: limit, renewalWindowDays: limit, renewalExtensionDays: limit }),
  coAuthorYears: floor,
  ineligibleCountries: (before, after, path) => barriers(path, before, after),
  smallCell: floor,
  resultGroup: floor,
  exceptionHours: limit,
  tokenMaxDays: limit,
};

/** Everything in which two policies differ, and whether it loosens; in the order of the policy. Empty where they say the same. */
export const policyChanges = (before: Policy, after: Policy): readonly PolicyChange[] =>
  each<Policy>(RULES)(before, after, '');

/** True where a change could let anybody see, keep or get more. It takes two people then. */
export const loosens = (changes: readonly PolicyChange[]): boolean => changes.some((change) => change.loosens);
