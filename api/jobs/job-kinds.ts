/**
 * Every kind of job, with the version of its payload's form. Raise it when an older worker could not do, or would do otherwise, what a newer server asks
 * for: it then leaves such jobs to newer workers. A newer worker takes older ones, so the form that it parses still takes them.
 */
export const JOB_VERSIONS: Readonly<Record<string, number>> = {
  'ingest-submission': 1,
  'run-baseline': 1,
  export: 1,
  'clear-exports': 1,
  'check-release': 1,
  'draft-without': 1,
  'remind-holder': 1,
  'erase-patient': 1,
  'send-mail': 1,
  'seal-older': 1,
  'clear-unsealed': 1,
};

/** Kinds that nobody may pause or limit: what a patient was promised does not wait for a curator. */
export const NEVER_HELD: ReadonlySet<string> = new Set([
  'draft-without',
  'erase-patient',
  'remind-holder',
  'clear-exports',
]);

/** The kinds, by name. */
export const JOB_KINDS = Object.keys(JOB_VERSIONS).sort();
