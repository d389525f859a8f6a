import { builder } from './builder.ts';
import { ExpectedError, plain, typed } from './expected-errors.ts';
import type {
  ReleaseNotSound as ReleaseFailed,
  ReleaseProblemFacts,
  VersionTooSmall as VersionFailed,
} from './services/releases.ts';

export const ReleaseProblem = builder.objectRef<ReleaseProblemFacts>('ReleaseProblem').implement({
  description: 'A promise that a release does not keep.',
  fields: (t) => ({
    about: t.exposeString('about', { description: 'What it is about: a file, a patient, the release.' }),
    problem: t.exposeString('problem', { description: 'What is wrong.' }),
  }),
});

export const ReleaseNotSound = typed(
  'ReleaseNotSound',
  ['CHECK_FAILED'],
  builder.objectRef<ReleaseFailed>('ReleaseNotSound').implement({
    description: 'The release does not keep what a release promises. The code is CHECK_FAILED.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      problems: t.field({
        type: [ReleaseProblem],
        description: 'Every problem that was found.',
        resolve: ({ problems }) => [...problems],
      }),
    }),
  }),
);

export const VersionTooSmall = typed(
  'VersionTooSmall',
  ['VERSION_TOO_SMALL'],
  builder.objectRef<VersionFailed>('VersionTooSmall').implement({
    description: 'The version promises more than is true of what has changed. The code is VERSION_TOO_SMALL.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      changes: t.stringList({
        description: 'What it does not allow for: words of `ReleaseChange`.',
        resolve: ({ changes }) => [...changes],
      }),
      nextVersion: t.exposeString('nextVersion', { nullable: true, description: 'The first version that does.' }),
    }),
  }),
);

export const VersionInvalid = plain(
  'VersionInvalid',
  'VERSION_INVALID',
  'The version is not three numbers, later than all before.',
);

export const CheckNeeded = plain(
  'CheckNeeded',
  'CHECK_NEEDED',
  'The release has to be checked first, every byte of it.',
);

export const CheckUnknown = plain('CheckUnknown', 'CHECK_UNKNOWN', 'There is no such check.');

export const NotAsked = plain('NotAsked', 'NOT_ASKED', 'Nobody has asked for the publication yet.');

export const ContentChanged = plain(
  'ContentChanged',
  'CONTENT_CHANGED',
  'The release is not what its publication was asked for.',
);

export const NothingToRelease = plain('NothingToRelease', 'NOTHING_TO_RELEASE', 'No submission is processed yet.');

export const FoldsIncomplete = plain(
  'FoldsIncomplete',
  'FOLDS_INCOMPLETE',
  'Some patients are assigned to a fold and some are not.',
);
