import { everybodyOf } from '../governance/request/state.ts';
import { AccessRequest } from './access-request.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { ModalityEnum, TrainingTypeEnum, VerifiedHowEnum } from './enums.ts';
import { seen } from './errors.ts';
import {
  CertificateUnknown,
  CourseNotAccepted,
  CredentialMissing,
  DatesInvalid,
  FileChanged,
  FileMissing,
  FileTooLarge,
  ReasonMissing,
  WrongState,
} from './expected-errors.ts';
import { FileAddress } from './file-address.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import type { CertificateDetails, CertificateTotal, TrainingFacts, TrainingGapFacts } from './services/certificates.ts';
import { Viewer } from './viewer.ts';

export const Certificate = builder.objectRef<CertificateDetails>('Certificate').implement({
  description: 'A training certificate.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    owner: t.field({ type: Person, description: 'Whose it is.', resolve: ({ owner }) => owner }),
    type: t.field({
      type: TrainingTypeEnum,
      description: 'One of the six kinds of training.',
      resolve: ({ type }) => type,
    }),
    course: t.exposeString('course', { description: 'Key of the course, as `trainings` lists it.' }),
    state: t.exposeString('state', {
      description:
        'PENDING, VERIFIED, REJECTED, EXPIRED (by its date alone), WITHDRAWN (by its owner) or REPLACED (by another, while it waited).',
    }),
    completedOn: t.expose('completedOn', { type: 'Date', description: 'Day on which the course was completed.' }),
    expiresOn: t.expose('expiresOn', {
      type: 'Date',
      nullable: true,
      description: 'Last day that the certificate names; null where it names none.',
    }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it stops counting.' }),
    credentialId: t.exposeString('credentialId', { description: "The issuer's id for it." }),
    uploadedAt: t.expose('uploadedAt', { type: 'DateTime', description: 'When it was handed in.' }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a steward last decided about it; null until one does.',
    }),
    verifiedHow: t.field({
      type: VerifiedHowEnum,
      nullable: true,
      description: 'How it was verified; null where it is not.',
      resolve: ({ verifiedHow }) => verifiedHow as 'SEEN' | null,
    }),
    rejectedFor: t.exposeString('rejectedFor', { nullable: true, description: 'Why it was rejected.' }),
    fileSha256: t.exposeString('fileSha256', { description: 'SHA-256 of its file.' }),
    contentType: t.exposeString('contentType', { description: 'What its file is, told from its content.' }),
    file: t.field({
      type: FileAddress,
      description:
        'Its file, for minutes and this person alone. It is whatever its owner sent: pictures are shown in a sandbox, a PDF is saved.',
      resolve: ({ id }, _, { certificates }) => certificates.file(id),
    }),
  }),
});

const Course = builder.objectRef<TrainingFacts['courses'][number]>('Course').implement({
  description: 'A course that is accepted.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in commands.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    url: t.exposeString('url', { description: 'Where it is given.' }),
  }),
});

const Training = builder.objectRef<TrainingFacts>('Training').implement({
  description: 'A kind of training that researchers prove.',
  fields: (t) => ({
    type: t.field({ type: TrainingTypeEnum, description: 'Which.', resolve: ({ type }) => type }),
    title: t.exposeString('title', { description: 'What it is called.' }),
    durationMonths: t.exposeInt('durationMonths', {
      description: 'Months for which a certificate counts that names no end.',
    }),
    courses: t.field({ type: [Course], description: 'Accepted courses.', resolve: ({ courses }) => [...courses] }),
  }),
});

const CertificateConnection = pageType('Certificate', Certificate);

const CertificateTotalType = builder.objectRef<CertificateTotal>('CertificateTotal').implement({
  description: 'How many certificates of a kind of training wait.',
  fields: (t) => ({
    type: t.field({ type: TrainingTypeEnum, description: 'The kind of training.', resolve: ({ type }) => type }),
    waiting: t.exposeInt('waiting', { description: 'How many wait.' }),
    oldestAt: t.expose('oldestAt', { type: 'DateTime', description: 'When the oldest of them was handed in.' }),
  }),
});

builder.objectField(Viewer, 'certificates', (t) =>
  t.field({
    type: [Certificate],
    description: 'Their training certificates, newest first.',
    resolve: async (_, __, { certificates }) => [...(await certificates.mine())],
  }),
);

builder.objectField(AccessRequest, 'certificates', (t) =>
  t.field({
    type: [Certificate],
    nullable: true,
    description: 'Training certificates of everybody on the team, newest first; for stewards.',
    resolve: async ({ state }, _, { certificates }) => [...seen(await certificates.ofPeople(everybodyOf(state)))],
  }),
);

const TrainingGap = builder.objectRef<TrainingGapFacts>('TrainingGap').implement({
  description:
    'A training that a kind of data asks for, and somebody of the team does not have yet: until then they do not get it.',
  fields: (t) => ({
    person: t.field({ type: Person, description: 'Who.', resolve: ({ person }) => person }),
    modality: t.field({
      type: ModalityEnum,
      description: 'For which kind of data.',
      resolve: ({ modality }) => modality,
    }),
    training: t.field({ type: TrainingTypeEnum, description: 'Which training.', resolve: ({ training }) => training }),
    standing: t.exposeString('standing', {
      description:
        'MISSING, EXPIRED, or UNVERIFIED: handed in, and waits for a steward to verify it as this data asks.',
    }),
  }),
});

builder.objectField(AccessRequest, 'missingTraining', (t) =>
  t.field({
    type: [TrainingGap],
    description:
      "What is still missing for the data that is granted, proposed, or else asked for: everybody's on the team for stewards and the deputy who decides it, one's own for others.",
    resolve: async ({ state }, _, { certificates }) => [...(await certificates.gaps(state))],
  }),
);

builder.queryFields((t) => ({
  certificatesPending: t.field({
    type: [Certificate],
    nullable: true,
    description: 'Certificates that wait for a steward, oldest first; for stewards.',
    resolve: async (_, __, { certificates }) => [...seen(await certificates.pending())],
  }),
  certificateQueue: t.field({
    type: CertificateConnection,
    nullable: true,
    description: 'Certificates that wait for a steward, oldest first, by page; for stewards.',
    args: {
      type: t.arg({ type: TrainingTypeEnum, description: 'Of this kind of training alone.' }),
      first: t.arg.int({ description: 'Length of the page.' }),
      after: t.arg.string({ description: 'Cursor that the page before ended with.' }),
    },
    resolve: async (_, { type, ...page }, { certificates }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, seen(await certificates.queue(type ?? null, asked)));
    },
  }),
  certificateTotals: t.field({
    type: [CertificateTotalType],
    nullable: true,
    description: 'How many certificates of each kind of training wait; for stewards.',
    resolve: async (_, __, { certificates }) => [...seen(await certificates.totals())],
  }),
  certificate: t.field({
    type: Certificate,
    nullable: true,
    description: "One's own certificate, or anybody's for stewards; null where there is none for this person.",
    args: { id: t.arg.id({ required: true, description: 'The certificate.' }) },
    resolve: (_, { id }, { certificates }) => certificates.get(id),
  }),
  trainings: t.field({
    type: [Training],
    description: 'The six kinds of training, with the courses that are accepted.',
    resolve: async (_, __, { certificates }) => [...(await certificates.trainings())],
  }),
}));

const success = (t: SuccessFields<{ readonly certificate: CertificateDetails }>) => ({
  certificate: t.field({
    type: Certificate,
    description: 'The certificate as it stands now.',
    resolve: ({ certificate }) => certificate,
  }),
});

command('uploadCertificate', {
  description:
    'Hands in a training certificate of the signed-in person, whose file was sent to /uploads before. It waits for a steward then.',
  input: (t) => ({
    type: t.field({ type: TrainingTypeEnum, required: true, description: 'The kind of training.' }),
    course: t.string({ required: true, description: 'Key of the course, as `trainings` lists it.' }),
    completedOn: t.field({ type: 'Date', required: true, description: 'Day on which the course was completed.' }),
    expiresOn: t.field({ type: 'Date', description: 'Last day that the certificate names, if any.' }),
    credentialId: t.string({ required: true, description: "The issuer's id for it." }),
    fileSha256: t.string({ required: true, description: 'SHA-256 of the file, as the upload answered.' }),
  }),
  success,
  errors: [CourseNotAccepted, DatesInvalid, CredentialMissing, FileTooLarge, FileMissing],
  run: ({ expiresOn, ...claim }, { certificates }) => certificates.upload({ ...claim, expiresOn: expiresOn ?? null }),
});

const DECISIONS = [CertificateUnknown, WrongState];

command('verifyCertificate', {
  description: 'Verifies a certificate of somebody else.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The certificate.' }),
    how: t.field({ type: VerifiedHowEnum, required: true, description: 'How one satisfied oneself that it is real.' }),
    seen: t.string({ required: true, description: 'SHA-256 of the file that was looked at.' }),
  }),
  success,
  errors: [...DECISIONS, FileChanged],
  run: ({ id, how, seen: file }, { certificates }) => certificates.verify(id, how, file),
});

command('replaceCertificateFile', {
  description:
    'Gives a certificate of the signed-in person that still waits another file, sent to /uploads before. It keeps its place.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The certificate.' }),
    fileSha256: t.string({ required: true, description: 'SHA-256 of the file, as the upload answered.' }),
  }),
  success,
  errors: [...DECISIONS, FileTooLarge, FileMissing],
  run: ({ id, fileSha256 }, { certificates }) => certificates.replaceFile(id, fileSha256),
});

command('withdrawCertificate', {
  description: 'Takes a certificate of the signed-in person back; what hangs on it ends at once.',
  input: (t) => ({ id: t.id({ required: true, description: 'The certificate.' }) }),
  success,
  errors: DECISIONS,
  run: ({ id }, { certificates }) => certificates.withdraw(id),
});

command('rejectCertificate', {
  description: 'Rejects a certificate of somebody else; what hangs on it ends at once.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The certificate.' }),
    reason: t.string({ required: true, description: 'Why, so that its owner can act on it.' }),
  }),
  success,
  errors: [...DECISIONS, ReasonMissing],
  run: ({ id, reason }, { certificates }) => certificates.reject(id, reason),
});
