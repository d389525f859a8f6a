import { builder } from './builder.ts';
import { command, type InputFields, type SuccessFields } from './command.ts';
import { ReleaseStatusEnum } from './enums.ts';
import { seen } from './errors.ts';
import { ReasonMissing, ReleaseUnknown, StudyUnknown, TextTooLong, WrongState } from './expected-errors.ts';
import { Person } from './person.ts';
import { decodeNodeId, encodeNodeId } from './planner/node-id.ts';
import { ReleaseCheck } from './release-check.ts';
import {
  CheckNeeded,
  CheckUnknown,
  ContentChanged,
  FoldsIncomplete,
  NotAsked,
  NothingToRelease,
  ReleaseNotSound,
  VersionInvalid,
  VersionTooSmall,
} from './release-errors.ts';
import {
  type DraftFacts,
  RELEASE_MUTATIONS,
  type ReleaseCheckFacts,
  type ReleaseStanding,
} from './services/releases.ts';

const LETTER = 'R';

/** Id of a release as everywhere in the API. */
const nodeOf = (releaseId: string): string => encodeNodeId({ letter: LETTER, releaseId, rowId: releaseId, number: 0 });

/** The release that an id names, by its node id; what is none names no release. */
const releaseOf = (id: string): string => {
  const node = decodeNodeId(id);
  return node?.letter === LETTER ? node.releaseId : id;
};

const ReleaseMutationEnum = builder.enumType('ReleaseMutation', {
  description: 'What can be done to a release, by the names of the mutations.',
  values: RELEASE_MUTATIONS,
});

const Standing = builder.objectRef<ReleaseStanding>('ReleaseStanding').implement({
  description: 'What the reader could do to a release now.',
  fields: (t) => ({
    allowedCommands: t.field({
      type: [ReleaseMutationEnum],
      description: 'What would not be refused.',
      resolve: ({ allowedCommands }) => [...allowedCommands],
    }),
    publicationLacks: t.exposeString('publicationLacks', {
      nullable: true,
      description: 'Of a draft: why its publication would be refused to the reader; null where it would not be.',
    }),
  }),
});

export const ReleaseDraft = builder.objectRef<DraftFacts>('ReleaseDraft').implement({
  description: 'A release as those see it who make and publish it: what it is, not what it holds.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, the one of the release.', resolve: ({ id }) => nodeOf(id) }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    status: t.field({ type: ReleaseStatusEnum, description: 'Where it stands.', resolve: ({ status }) => status }),
    notes: t.exposeString('notes', { description: 'What is new in it.' }),
    digest: t.exposeString('digest', { nullable: true, description: 'SHA-256 over everything that it holds.' }),
    patients: t.exposeInt('patients', { description: 'Number of its patients.' }),
    submissions: t.exposeInt('submissions', { description: 'Number of its submissions.' }),
    draftedAt: t.expose('draftedAt', { type: 'DateTime', description: 'When it was drafted.' }),
    draftedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom.',
      resolve: ({ draftedBy }) => draftedBy,
    }),
    publicationAskedAt: t.expose('publicationAskedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its publication was asked for.',
    }),
    publicationAskedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom; somebody else publishes it.',
      resolve: ({ publicationAskedBy }) => publicationAskedBy,
    }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', nullable: true, description: 'When it was published.' }),
    statusReason: t.exposeString('statusReason', {
      nullable: true,
      description: 'Why it is deprecated or retracted.',
    }),
    errata: t.field({ type: ['JSON'], description: 'Its errata, oldest first.', resolve: ({ errata }) => [...errata] }),
    lastCheck: t.field({
      type: ReleaseCheck,
      nullable: true,
      description: 'The check that was asked for last; null where there was none.',
      resolve: async ({ id }, _, { releaseCommands }) => seen(await releaseCommands.lastCheck(id)),
    }),
    standing: t.field({
      type: Standing,
      description: 'What the reader could do to it now.',
      resolve: async ({ id }, _, { releaseCommands }) => seen(await releaseCommands.standing(id)),
    }),
  }),
});

builder.queryField('draftReleases', (t) =>
  t.field({
    type: [ReleaseDraft],
    nullable: true,
    description: 'Drafts of releases, newest first; for curators and stewards.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      published: t.arg.boolean({ description: 'Whether those that were published are listed too.' }),
    },
    resolve: async (_, { study, published }, { releaseCommands }) => [
      ...seen(await releaseCommands.drafts(study ?? null, published ?? false)),
    ],
  }),
);

const success = (t: SuccessFields<{ readonly release: DraftFacts }>) => ({
  release: t.field({
    type: ReleaseDraft,
    description: 'The release as it stands now.',
    resolve: ({ release }) => release,
  }),
});

const checkSuccess = (t: SuccessFields<{ readonly check: ReleaseCheckFacts }>) => ({
  check: t.field({ type: ReleaseCheck, description: 'The check as it stands now.', resolve: ({ check }) => check }),
});

const errors = [
  ReleaseUnknown,
  WrongState,
  VersionInvalid,
  VersionTooSmall,
  NotAsked,
  ContentChanged,
  CheckNeeded,
  ReasonMissing,
  TextTooLong,
  ReleaseNotSound,
];

const which = (t: InputFields) => ({ releaseId: t.id({ required: true, description: 'Id of the release.' }) });

const why = (t: InputFields) => ({
  ...which(t),
  reason: t.string({ required: true, description: 'Why; everybody reads it.' }),
});

command('draftRelease', {
  description: 'Freezes what the study holds now as a draft.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    version: t.string({
      required: true,
      description:
        'Three numbers, later than every version before: a patch where the data are the same, a minor step where something has come in, a major one where something has gone or changed.',
    }),
    notes: t.string({ description: 'What is new in it.' }),
  }),
  success,
  errors: [...errors, StudyUnknown, NothingToRelease, FoldsIncomplete],
  run: ({ study, version, notes }, { releaseCommands }) =>
    releaseCommands.draft({ study: study ?? null, version, notes: notes ?? '' }),
});

command('askForPublication', {
  description: 'Asks for the publication of a draft, which takes another person.',
  input: which,
  success,
  errors,
  run: ({ releaseId }, { releaseCommands }) => releaseCommands.askForPublication(releaseOf(releaseId)),
});

command('publishRelease', {
  description:
    'Publishes exactly what was asked for, which a check of every byte has found to be sound within the last 24 hours. It never changes afterwards.',
  input: which,
  success,
  errors,
  run: ({ releaseId }, { releaseCommands }) => releaseCommands.publish(releaseOf(releaseId)),
});

command('deprecateRelease', {
  description: 'Marks a published release as superseded; it can still be read.',
  input: why,
  success,
  errors,
  run: ({ releaseId, reason }, { releaseCommands }) => releaseCommands.deprecate(releaseOf(releaseId), reason),
});

command('retractRelease', {
  description: 'Retracts a release: all access to its data ends at once, for everybody, and for good.',
  input: why,
  success,
  errors,
  run: ({ releaseId, reason }, { releaseCommands }) => releaseCommands.retract(releaseOf(releaseId), reason),
});

command('addErratum', {
  description: 'Adds an erratum to what was published. Everybody reads it; it is never changed or removed.',
  input: (t) => ({
    ...which(t),
    concerns: t.string({ required: true, description: 'What it is about, in a few words.' }),
    text: t.string({ required: true, description: 'What is wrong, and what to make of it.' }),
    correctedIn: t.string({ description: 'Version in which it is put right; none where there is none yet.' }),
  }),
  success,
  errors,
  run: ({ releaseId, concerns, text, correctedIn }, { releaseCommands }) =>
    releaseCommands.addErratum(releaseOf(releaseId), { concerns, text, correctedIn: correctedIn ?? null }),
});

command('checkRelease', {
  description:
    'Asks for a proof of what a release promises: its files, their form, its folds, its digest. A job does it; one that waits or runs already is not asked for twice.',
  input: (t) => ({
    ...which(t),
    checksums: t.boolean({
      description: 'Whether every byte is read and its checksum compared, as a publication needs it; by default yes.',
    }),
  }),
  success: checkSuccess,
  errors: [ReleaseUnknown],
  run: ({ releaseId, checksums }, { releaseCommands }) =>
    releaseCommands.check(releaseOf(releaseId), checksums ?? true),
});

command('cancelReleaseCheck', {
  description: 'Ends a check that waits or runs. One that has ended stays as it is.',
  input: (t) => ({ id: t.id({ required: true, description: 'The check.' }) }),
  success: checkSuccess,
  errors: [CheckUnknown],
  run: ({ id }, { releaseCommands }) => releaseCommands.cancelCheck(id),
});
