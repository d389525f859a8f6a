import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { ModalityEnum, SplitPartEnum } from './enums.ts';
import { seen } from './errors.ts';
import {
  ExportLimit,
  ExportUnknown,
  FoldNeeded,
  FoldUnknown,
  ModalitiesEmpty,
  NothingToExport,
  ReleaseUnknown,
  StudyUnknown,
} from './expected-errors.ts';
import { FileAddress } from './file-address.ts';
import { jobFields } from './job.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import type { ExportFacts, ExportFileFacts } from './services/exports.ts';
import { Viewer } from './viewer.ts';

const ExportFile = builder.objectRef<ExportFileFacts>('ExportFile').implement({
  description: 'A file of an export.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where it lies in the export.' }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'Its length in bytes.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of its bytes.' }),
    modality: t.field({
      type: ModalityEnum,
      nullable: true,
      description: 'The kind of data; null for what describes the export.',
      resolve: ({ modality }) => modality as 'LABELS' | null,
    }),
    file: t.field({
      type: FileAddress,
      description: 'Where it can be fetched now.',
      resolve: ({ url, expiresAt }) => ({ url, expiresAt }),
    }),
  }),
});

const ExportFilePage = pageType('ExportFile', ExportFile);

export const Export = builder.objectRef<ExportFacts>('Export').implement({
  description: 'A sanctioned copy of part of a release, made by a job and taken file by file while access lasts.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    ...jobFields(t),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    synthetic: t.exposeBoolean('synthetic', { description: 'True where every patient of it is made up.' }),
    release: t.exposeString('release', { description: 'Version of the release.' }),
    grantId: t.exposeID('grantId', { description: 'The grant that it is made under.' }),
    fold: t.exposeInt('fold', { nullable: true, description: 'Number of the fold; null for all.' }),
    part: t.field({ type: SplitPartEnum, description: 'Side of the fold.', resolve: ({ part }) => part }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'Kinds of data that it holds.',
      resolve: ({ modalities }) => [...modalities],
    }),
    fileCount: t.exposeInt('fileCount', { nullable: true, description: 'Number of its files; null until it is made.' }),
    bytes: t.expose('bytes', {
      type: 'SafeInt',
      nullable: true,
      description: 'Bytes of all its files; null until it is made.',
    }),
    manifestSha256: t.exposeString('manifestSha256', {
      nullable: true,
      description: 'SHA-256 of manifest.json; null until it is made.',
    }),
    receipt: t.string({
      nullable: true,
      description:
        'What was given to whom, signed with the key of the log (/audit/keys): grant, holder, state of the release, SHA-256 of the manifest. Null until it is made.',
      resolve: ({ id }, _, { exports }) => exports.receipt(id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true, description: 'When it was made.' }),
    files: t.field({
      type: ExportFilePage,
      nullable: true,
      description: 'Its files by path, each with an address that works for minutes; null until it is made.',
      args: {
        first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
        after: t.arg.string({ description: 'Cursor of the file after which to begin.' }),
      },
      resolve: async ({ id }, page, { exports }) => {
        const asked = pageAsked(page);
        const files = seen(await exports.files(id, asked));
        return files === null ? null : pageAnswer(asked, files);
      },
    }),
  }),
});

builder.queryField('export', (t) =>
  t.field({
    type: Export,
    nullable: true,
    description: "An export of one's own; null where there is none.",
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { exports }) => exports.get(id),
  }),
);

builder.objectField(Viewer, 'exports', (t) =>
  t.field({
    type: [Export],
    description: 'Their exports, newest first.',
    resolve: async (_, __, { exports }) => [...(await exports.mine())],
  }),
);

const success = (t: SuccessFields<{ readonly export: ExportFacts }>) => ({
  export: t.field({ type: Export, description: 'The export as it stands now.', resolve: (done) => done.export }),
});

command('requestExport', {
  description: 'Asks for a copy of part of a release, under one grant that allows its EXPORT.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    release: t.string({ description: 'Version of the release; the newest published one unless named.' }),
    fold: t.int({ description: 'Number of a fold; none for all patients.' }),
    part: t.field({ type: SplitPartEnum, description: 'Side of the fold; ALL unless named.' }),
    modalities: t.field({
      type: [ModalityEnum],
      required: true,
      description: 'Kinds of data; LABELS always come with them.',
    }),
    grant: t.id({ description: 'The grant to act for, instead of the one of the ISS-Grant header.' }),
  }),
  success,
  errors: [StudyUnknown, ReleaseUnknown, FoldUnknown, FoldNeeded, ModalitiesEmpty, NothingToExport, ExportLimit],
  run: ({ study, release, fold, part, modalities, grant }, { exports }) =>
    exports.request({
      study: study ?? null,
      release: release ?? null,
      fold: fold ?? null,
      part: part ?? 'ALL',
      modalities,
      grant: grant ?? null,
    }),
});

command('cancelExport', {
  description: 'Ends the making of an export. One that has ended stays as it is.',
  input: (t) => ({ id: t.id({ required: true, description: 'The export.' }) }),
  success,
  errors: [ExportUnknown],
  run: ({ id }, { exports }) => exports.cancel(id),
});
