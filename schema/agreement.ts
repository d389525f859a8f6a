import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import {
  DayInvalid,
  EditorialFirst,
  GraceInvalid,
  TextMissing,
  TextUnchanged,
  VersionTaken,
} from './expected-errors.ts';
import { Person } from './person.ts';
import type { AgreementPreviewFacts, AgreementStandingFacts, MustSignFacts } from './services/agreements.ts';

const Agreement = builder.objectRef<AgreementStandingFacts>('Agreement').implement({
  description: 'A version of the data use agreement, with how it stands now.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Its number, which a signature names.' }),
    title: t.exposeString('title', { description: 'Its title.' }),
    text: t.exposeString('text', { description: 'Its text.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of the text, in UTF-8; signatures record it.' }),
    effectiveOn: t.expose('effectiveOn', {
      type: 'Date',
      description: "First day, of the study's calendar, on which it is in force.",
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'The instant at which that day begins.' }),
    publishedAt: t.expose('publishedAt', {
      type: 'DateTime',
      description: 'When it was published; from then on it may be signed.',
    }),
    graceDays: t.exposeInt('graceDays', {
      description: 'Days for which a signature under the one before still counts.',
    }),
    earlierSignaturesEndAt: t.expose('earlierSignaturesEndAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When signatures under earlier versions end; null for an editorial one, which ends none.',
    }),
    editorial: t.exposeBoolean('editorial', {
      description: 'True where it says nothing new and needs no new signature.',
    }),
    standing: t.exposeString('standing', { description: 'ANNOUNCED, IN_FORCE or SUPERSEDED.' }),
  }),
});

const MustSign = builder.objectRef<MustSignFacts>('MustSign').implement({
  description: 'Somebody who loses access by a new version unless they sign it.',
  fields: (t) => ({
    person: t.field({ type: Person, description: 'Who.', resolve: ({ person }) => person }),
    as: t.exposeString('as', { description: 'MEMBER of the team, or OFFICIAL of the institution.' }),
    grantId: t.exposeID('grantId', { description: 'The grant whose access it is.' }),
    until: t.expose('until', { type: 'DateTime', description: 'When what they signed before ends.' }),
  }),
});

const AgreementPreview = builder.objectRef<AgreementPreviewFacts>('AgreementPreview').implement({
  description: 'What a new version would do, were it published now.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'The number that it would have; publishAgreement has to name it.' }),
    graceDays: t.exposeInt('graceDays', { description: 'Its grace.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it would be in force.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When signatures under earlier versions would end; null for an editorial one.',
    }),
    mustSign: t.field({
      type: [MustSign],
      description: 'Everybody who would have to sign.',
      resolve: ({ mustSign }) => [...mustSign],
    }),
  }),
});

builder.queryFields((t) => ({
  agreement: t.field({
    type: Agreement,
    nullable: true,
    description: 'The data use agreement in force.',
    resolve: async (_, __, { agreements }) =>
      (await agreements.versions()).find(({ standing }) => standing === 'IN_FORCE') ?? null,
  }),
  agreements: t.field({
    type: [Agreement],
    description: 'Every version of the data use agreement, newest first, announced ones among them.',
    resolve: async (_, __, { agreements }) => [...(await agreements.versions())],
  }),
  agreementPreview: t.field({
    type: AgreementPreview,
    nullable: true,
    description: 'What publishing a version would do, for stewards; null for a day or a grace that cannot be.',
    args: {
      effectiveOn: t.arg({ type: 'Date', required: true, description: 'First day on which it would be in force.' }),
      graceDays: t.arg.int({ description: "Its grace; the policy's unless given." }),
      editorial: t.arg.boolean({ description: 'Whether it would say nothing new; false unless given.' }),
    },
    resolve: async (_, { effectiveOn, graceDays, editorial }, { agreements }) =>
      seen(await agreements.preview({ effectiveOn, graceDays: graceDays ?? null, editorial: editorial ?? false })),
  }),
}));

command('publishAgreement', {
  description:
    'Publishes a version of the data use agreement. Who has to sign it is told; signatures under earlier versions end with its grace, and access with them.',
  input: (t) => ({
    version: t.int({ required: true, description: 'The number that it is to have, as `agreementPreview` says.' }),
    title: t.string({ required: true, description: 'Its title.' }),
    text: t.string({ required: true, description: 'Its text, plain.' }),
    effectiveOn: t.field({
      type: 'Date',
      required: true,
      description: 'First day on which it is in force: today, or within a year.',
    }),
    graceDays: t.int({
      description: "Days for which earlier signatures still count, 0 for none; the policy's unless given.",
    }),
    editorial: t.boolean({
      description: 'True where it says nothing new and needs no new signature; false unless given.',
    }),
  }),
  success: (t: SuccessFields<{ readonly agreement: AgreementStandingFacts; readonly toSign: number }>) => ({
    agreement: t.field({ type: Agreement, description: 'The version.', resolve: ({ agreement }) => agreement }),
    toSign: t.exposeInt('toSign', { description: 'How many people have to sign it, and are told so.' }),
  }),
  errors: [VersionTaken, TextMissing, TextUnchanged, DayInvalid, GraceInvalid, EditorialFirst],
  run: ({ graceDays, editorial, ...given }, { agreements }) =>
    agreements.publish({ ...given, graceDays: graceDays ?? null, editorial: editorial ?? false }),
});
