import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { TrainingTypeEnum, VerifiedHowEnum } from './enums.ts';
import { seen } from './errors.ts';
import {
  CertificateUnknown,
  CourseNotAccepted,
  CredentialMissing,
  DatesInvalid,
  FileMissing,
  FileTooLarge,
  ReasonMissing,
  WrongState,
} from './expected-errors.ts';
import { FileAddress } from './file-address.ts';
import { Person } from './person.ts';
import type { CertificateDetails, TrainingFacts } from './services/certificates.ts';
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
    state: t.exposeString('state', { description: 'PENDING, VERIFIED or REJECTED.' }),
    completedOn: t.expose('completedOn', { type: 'Date', description: 'Day on which the course was completed.' }),
    expiresOn: t.expose('expiresOn', {
      type: 'Date',
      nullable: true,
      description: 'Last day that the certificate names; null where it names none.',
    }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it stops counting.' }),
    credentialId: t.exposeString('credentialId', { description: "The issuer's id for it." }),
    uploadedAt: t.expose('uploadedAt', { type: 'DateTime', description: 'When it was handed in.' }),
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
      description: 'Its file, for minutes and this person alone.',
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

builder.objectField(Viewer, 'certificates', (t) =>
  t.field({
    type: [Certificate],
    description: 'Their training certificates, newest first.',
    resolve: async (_, __, { certificates }) => [...(await certificates.mine())],
  }),
);

builder.queryFields((t) => ({
  certificatesPending: t.field({
    type: [Certificate],
    nullable: true,
    description: 'Certificates that wait for a steward, oldest first; for stewards.',
    resolve: async (_, __, { certificates }) => [...seen(await certificates.pending())],
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
  }),
  success,
  errors: DECISIONS,
  run: ({ id, how }, { certificates }) => certificates.verify(id, how),
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
