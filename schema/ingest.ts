import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { DropOutcomeEnum, SourceFileEnum } from './enums.ts';
import { notFound, seen } from './errors.ts';
import {
  DropSynthetic,
  DropTooLarge,
  EnrolmentInvalid,
  FilesMissingError,
  ItemRepeated,
  ItemUnknown,
  StudyUnknown,
} from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import { withoutText } from './receipt-text.ts';
import type { CorrectionFacts, DropFacts, DropItemFacts, DropSummaryFacts } from './services/ingest.ts';

const DropItem = builder.objectRef<DropItemFacts>('DropItem').implement({
  description: 'A submission of a drop, and what has become of it.',
  fields: (t) => ({
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    timestamp: t.exposeString('timestamp', { description: 'Moment as recorded, for instance 20201201T003232.' }),
    outcome: t.field({
      type: DropOutcomeEnum,
      description: 'What has become of it.',
      resolve: ({ outcome }) => outcome as 'WAITING',
    }),
    reasonCode: t.exposeString('reasonCode', { nullable: true, description: 'Why it was not used, as a word.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it was not used, as a sentence.' }),
    frames: t.exposeInt('frames', {
      nullable: true,
      description: 'Frames that were taken; null until it is processed.',
    }),
    faces: t.exposeInt('faces', { nullable: true, description: 'Frames on which a face was found.' }),
    chunks: t.exposeInt('chunks', { nullable: true, description: 'Chunks of sound.' }),
    seconds: t.exposeFloat('seconds', { nullable: true, description: 'Seconds of work that it took.' }),
    wanted: t.field({
      type: [SourceFileEnum],
      description: 'Files that were announced and have not arrived.',
      resolve: async ({ wanted }) => [...(await wanted())],
    }),
  }),
});

const RunningItem = builder.objectRef<DropFacts['running'][number]>('RunningDropItem').implement({
  description: 'A submission that is being processed.',
  fields: (t) => ({
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    timestamp: t.exposeString('timestamp', { description: 'Moment as recorded.' }),
    stage: t.exposeString('stage', { description: 'What is being done.' }),
    done: t.exposeInt('done', { description: 'Items of this stage that are done.' }),
    total: t.exposeInt('total', { description: 'Items of this stage.' }),
  }),
});

const Correction = builder.objectRef<CorrectionFacts>('EnrolmentCorrection').implement({
  description:
    'What an enrolment file changed of a patient who was enrolled before; published releases keep what they said.',
  fields: (t) => ({
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    field: t.exposeString('field', { description: 'What was changed, such as painTarget.' }),
    from: t.exposeString('from', { nullable: true, description: 'As it was; null where nothing was recorded.' }),
    to: t.exposeString('to', { nullable: true, description: 'As it is now; null where nothing is recorded any more.' }),
  }),
});

const Drop = builder.objectRef<DropFacts>('Drop').implement({
  description: 'Submissions that came in together.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    items: t.field({ type: [DropItem], description: 'Its submissions.', resolve: ({ items }) => [...items] }),
    running: t.field({
      type: [RunningItem],
      description: 'Those that are being processed now.',
      resolve: ({ running }) => [...running],
    }),
    corrections: t.field({
      type: [Correction],
      description:
        'What its enrolment file changed of patients who were enrolled before; nothing of whoever was erased since.',
      resolve: async ({ corrections }) => [...(await corrections())],
    }),
    waiting: t.int({
      description: 'Number of submissions without an outcome.',
      resolve: ({ items }) => items.filter(({ outcome }) => outcome === 'WAITING').length,
    }),
  }),
});

const DropSummary = builder.objectRef<DropSummaryFacts>('DropSummary').implement({
  description: 'A drop in the list of them.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id, for `drop`.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it was announced.' }),
    openedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom; null for the program itself.',
      resolve: ({ openedBy }) => openedBy,
    }),
    submissions: t.exposeInt('submissions', { description: 'How many submissions it has.' }),
    waiting: t.exposeInt('waiting', { description: 'How many of them have no outcome yet.' }),
    failed: t.exposeInt('failed', { description: 'How many of them were not used, for a reason that the drop says.' }),
  }),
});

const DropSummaryConnection = pageType('DropSummary', DropSummary);

builder.queryField('drops', (t) =>
  t.field({
    type: DropSummaryConnection,
    nullable: true,
    description: 'Drops, the newest first; for curators.',
    args: {
      first: t.arg.int({ description: 'Length of the page.' }),
      after: t.arg.string({ description: 'Cursor that the page before ended with.' }),
    },
    resolve: async (_, page, { ingest }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, seen(await ingest.drops(asked)));
    },
  }),
);

builder.queryField('drop', (t) =>
  t.field({
    type: Drop,
    nullable: true,
    description: 'How far a drop is; for curators. Null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: async (_, { id }, { ingest }) => seen(await ingest.drop(id)),
  }),
);

const DropItemInput = builder.inputType('DropItemInput', {
  description: 'A submission of a drop, before any of its bytes are sent.',
  fields: (t) => ({
    patient: t.string({ required: true, description: 'Code of the patient, as in enrolment.csv.' }),
    timestamp: t.string({ required: true, description: 'Moment as recorded, for instance 20201201T003232.' }),
    videoSha256: t.string({ description: 'SHA-256 of narrative.mp4; none where there is no such file.' }),
    videoBytes: t.field({
      type: 'SafeInt',
      required: true,
      description: 'Length of narrative.mp4 in bytes; 0 where there is none.',
    }),
    surveySha256: t.string({ description: 'SHA-256 of survey.csv; none where there is no such file.' }),
  }),
});

command('openDrop', {
  description:
    'Announces submissions of a study. What is new of them is wanted then: PUT /ingest/<drop>/<patient>/<timestamp>/narrative.mp4 and survey.csv.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    enrolment: t.field({ type: 'Base64', required: true, description: 'The bytes of enrolment.csv.' }),
    items: t.field({ type: [DropItemInput], required: true, description: 'The submissions; thousands at most.' }),
  }),
  success: (t: SuccessFields<{ readonly drop: DropFacts }>) => ({
    drop: t.field({ type: Drop, description: 'The drop.', resolve: ({ drop }) => drop }),
  }),
  errors: [StudyUnknown, EnrolmentInvalid, ItemRepeated, DropTooLarge, DropSynthetic],
  run: ({ study, enrolment, items }, { ingest }) =>
    ingest.open({
      study: study ?? null,
      enrolment,
      items: items.map(({ videoSha256, surveySha256, ...item }) => ({
        ...item,
        videoSha256: videoSha256 ?? null,
        surveySha256: surveySha256 ?? null,
      })),
    }),
  receipt: {
    failed: withoutText,
    keep: ({ drop }) => drop.id,
    // How far it is by now: what is wanted is asked of the drop as it stands.
    again: async (id, { ingest }) => ({ drop: seen(await ingest.drop(String(id))) ?? notFound('drop') }),
  },
});

command('processSubmission', {
  description: 'Has a submission processed whose files have arrived.',
  input: (t) => ({
    dropId: t.id({ required: true, description: 'The drop.' }),
    patient: t.string({ required: true, description: 'Code of the patient.' }),
    timestamp: t.string({ required: true, description: 'Moment as recorded.' }),
  }),
  success: (t: SuccessFields<{ readonly queued: boolean }>) => ({
    queued: t.exposeBoolean('queued', { description: 'False where it has its outcome already.' }),
  }),
  errors: [ItemUnknown, FilesMissingError],
  run: ({ dropId, patient, timestamp }, { ingest }) => ingest.process(dropId, patient, timestamp),
});
