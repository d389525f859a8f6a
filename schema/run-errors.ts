import { FoldUnknown, plain, ReleaseUnknown } from './expected-errors.ts';

export const ExperimentUnknown = plain('ExperimentUnknown', 'EXPERIMENT_UNKNOWN', 'There is no such experiment.');
export const ExperimentNotAvailable = plain(
  'ExperimentNotAvailable',
  'EXPERIMENT_NOT_AVAILABLE',
  'The experiment cannot be run here.',
);
export const ClassesUnknown = plain('ClassesUnknown', 'CLASSES_UNKNOWN', 'The experiment has no such classes.');
export const PresetUnknown = plain('PresetUnknown', 'PRESET_UNKNOWN', 'There is no such preset.');
export const SeedInvalid = plain('SeedInvalid', 'SEED_INVALID', 'The seed is not a whole number from 0 to 4294967295.');
export const RunUnknown = plain('RunUnknown', 'RUN_UNKNOWN', 'There is no such run of this person.');
export const RunLimit = plain('RunLimit', 'RUN_LIMIT', 'The person has begun as many runs within 24 hours as allowed.');
export const TooFewPatients = plain(
  'TooFewPatients',
  'TOO_FEW_PATIENTS',
  'Too few patients may be used under the grant.',
);
export const FoldHidden = plain(
  'FoldHidden',
  'FOLD_HIDDEN',
  'Nothing of the patients whom the fold withholds may be used under the grant.',
);

/** Of a command that asks for a run. */
export const RUN_ERRORS = [
  ReleaseUnknown,
  ExperimentUnknown,
  ExperimentNotAvailable,
  ClassesUnknown,
  PresetUnknown,
  FoldUnknown,
  SeedInvalid,
  TooFewPatients,
  FoldHidden,
  RunLimit,
] as const;
