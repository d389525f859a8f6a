import { builder } from './builder.ts';
import { command, type InputFields, type SuccessFields } from './command.ts';
import { ReleaseStatusEnum } from './enums.ts';
import { seen } from './errors.ts';
import {
  ContentChanged,
  FoldsIncomplete,
  NotAsked,
  NothingToRelease,
  ReasonMissing,
  ReleaseNotSound,
  ReleaseProblem,
  ReleaseUnknown,
  StudyUnknown,
  VersionInvalid,
  WrongState,
} from './expected-errors.ts';
import { Person } from './person.ts';
import { decodeNodeId, encodeNodeId } from './planner/node-id.ts';
import type { DraftFacts, ReleaseProblemFacts } from './services/releases.ts';

const LETTER = 'R';

/** Id of a release as everywhere in the API. */
const nodeOf = (releaseId: string): string => encodeNodeId({ letter: LETTER, releaseId, rowId: releaseId, number: 0 });

/** The release that an id names, by its node id; what is none names no release. */
const releaseOf = (id: string): string => {
  const node = decodeNodeId(id);
  return node?.letter === LETTER ? node.releaseId : id;
};

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
  }),
});

builder.queryField('draftReleases', (t) =>
  t.field({
    type: [ReleaseDraft],
    nullable: true,
    description: 'Drafts of releases, newest first; for curators and stewards.',
    args: { study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }) },
    resolve: async (_, { study }, { releaseCommands }) => [...seen(await releaseCommands.drafts(study ?? null))],
  }),
);

const success = (t: SuccessFields<{ readonly release: DraftFacts }>) => ({
  release: t.field({
    type: ReleaseDraft,
    description: 'The release as it stands now.',
    resolve: ({ release }) => release,
  }),
});

const errors = [ReleaseUnknown, WrongState, VersionInvalid, NotAsked, ContentChanged, ReasonMissing, ReleaseNotSound];

const which = (t: InputFields) => ({ releaseId: t.id({ required: true, description: 'Id of the release.' }) });

const checksums = (t: InputFields) => ({
  checksums: t.boolean({ description: 'Whether every file is read and its checksum compared; by default not.' }),
});

command('draftRelease', {
  description: 'Freezes what the study holds now as a draft.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    version: t.string({ required: true, description: 'Three numbers, later than every version before.' }),
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
  description: 'Publishes exactly what was asked for, after a check. It never changes afterwards.',
  input: (t) => ({ ...which(t), ...checksums(t) }),
  success,
  errors,
  run: ({ releaseId, checksums: read }, { releaseCommands }) =>
    releaseCommands.publish(releaseOf(releaseId), read ?? false),
});

command('checkRelease', {
  description: 'Proves what a release promises: its files, its folds, its digest.',
  input: (t) => ({ ...which(t), ...checksums(t) }),
  success: (t: SuccessFields<{ readonly problems: readonly ReleaseProblemFacts[] }>) => ({
    problems: t.field({
      type: [ReleaseProblem],
      description: 'Every problem that was found; none where it holds.',
      resolve: ({ problems }) => [...problems],
    }),
  }),
  errors: [ReleaseUnknown],
  run: ({ releaseId, checksums: read }, { releaseCommands }) =>
    releaseCommands.check(releaseOf(releaseId), read ?? false),
});
