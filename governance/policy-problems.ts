import { isCountry } from './countries.ts';
import { type Policy, policySchema } from './policy.ts';

/** Something in a policy that cannot stand. */
export interface PolicyProblem {
  /** Where, for instance `training.HIPAA.durationMonths`; empty for all of it. */
  readonly path: string;
  readonly message: string;
}

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

const MOST_PROBLEMS = 50;
const MOST_DAYS = 3_650;

/** What a policy that is to be set has to keep, beyond its form: a stored one is read with parsePolicy alone. */
const furtherProblems = (policy: Policy): readonly PolicyProblem[] => {
  const problems: PolicyProblem[] = [];
  const twice = (path: string, words: readonly (string | number)[]): void => {
    const seen = new Set(words.filter((word, at) => words.indexOf(word) !== at));
    for (const word of seen) problems.push({ path, message: `"${word}" stands there twice` });
  };
  const atMost = (path: string, value: number, most: number): void => {
    if (value > most) problems.push({ path, message: `at most ${most}` });
  };
  for (const [name, rule] of Object.entries(policy.classes)) twice(`classes.${name}.training`, rule.training);
  for (const [type, { courses, title }] of Object.entries(policy.training)) {
    const path = `training.${type}`;
    atMost(`${path}.title (characters)`, title.length, 200);
    atMost(`${path}.courses (number)`, courses.length, 100);
    twice(
      `${path}.courses`,
      courses.map(({ key }) => key),
    );
  }
  twice('reminderDays', policy.reminderDays);
  atMost('reminderDays (number)', policy.reminderDays.length, 20);
  for (const day of policy.reminderDays) atMost('reminderDays', day, MOST_DAYS);
  atMost('certificateMaxBytes', policy.certificateMaxBytes, 10 * 1024 * 1024);
  atMost('agreementGraceDays', policy.agreementGraceDays, 365);
  atMost('grant.closeOutDays', policy.grant.closeOutDays, 365);
  atMost('grant.renewalWindowDays', policy.grant.renewalWindowDays, 365);
  atMost('coAuthorYears', policy.coAuthorYears, 50);
  atMost('smallCell', policy.smallCell, 1_000);
  atMost('resultGroup', policy.resultGroup, 1_000);
  twice('ineligibleCountries', policy.ineligibleCountries);
  policy.ineligibleCountries.forEach((code, at) => {
    if (!isCountry(code))
      problems.push({ path: `ineligibleCountries.${at}`, message: `"${code}" is no country's code (ISO 3166-1)` });
  });
  return problems;
};

/** A value that older versions did not have is filled in when one of them is read; who sets a policy says it. */
const leftOut = (given: object): readonly PolicyProblem[] =>
  Object.keys(policySchema.shape)
    .filter((key) => !Object.hasOwn(given, key))
    .map((path) => ({ path, message: 'missing' }));

/**
 * Reads a policy that somebody wants to set: either it can stand, or every place in it that cannot, with the reason.
 * A duration that is zero or missing is one of them: nothing is read as for ever.
 */
export const readNewPolicy = (given: unknown): ParsedPolicy => {
  const parsed = policySchema.safeParse(given);
  const problems = parsed.success
    ? [...leftOut(given as object), ...furtherProblems(parsed.data)]
    : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  if (parsed.success && problems.length === 0) return { ok: true, policy: parsed.data };
  return { ok: false, problems: problems.slice(0, MOST_PROBLEMS) };
};
