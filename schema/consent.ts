import type { Json } from '../governance/canonical.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import type { Context } from './context.ts';
import { ModalityEnum } from './enums.ts';
import { notFound, seen } from './errors.ts';
import { ConsentNotNewest, ConsentsInvalid, PatientUnknown, UsesUnknown, VersionMissing } from './expected-errors.ts';
import { Person } from './person.ts';
import { withoutText } from './receipt-text.ts';
import type { ConsentDetails } from './services/curation.ts';

const Consent = builder.objectRef<ConsentDetails>('Consent').implement({
  description: 'What a patient has consented to, from an instant on.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    version: t.exposeString('version', { description: 'Version of the consent form.' }),
    uses: t.stringList({ description: 'Data Use Ontology codes that it permits.', resolve: ({ uses }) => [...uses] }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'Kinds of data that may be shared.',
      resolve: ({ modalities }) => [...modalities],
    }),
    adultFrom: t.expose('adultFrom', {
      type: 'Date',
      nullable: true,
      description: 'Day on which the patient comes of age; null for who was of age.',
    }),
    reconsentedOn: t.expose('reconsentedOn', {
      type: 'Date',
      nullable: true,
      description: 'Day on which they consented anew.',
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'Since when it counts.' }),
    recordedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom it was recorded; null for what was taken from the enrolment.',
      resolve: ({ recordedBy }) => recordedBy,
    }),
    undoes: t.exposeID('undoes', {
      nullable: true,
      description: 'The record that was a mistake, and whose place this one takes.',
    }),
    importId: t.exposeID('importId', { nullable: true, description: 'The file that it came with.' }),
  }),
});

/** A receipt cannot be erased: it names the record, and a repeat reads it. */
const receipt = {
  failed: withoutText,
  keep: ({ consent }: { readonly consent: ConsentDetails }) => consent.id,
  again: async (id: Json, { consents }: Context) => ({
    consent: seen(await consents.read(String(id))) ?? notFound('consent'),
  }),
};

command('recordConsent', {
  description: 'Records what a patient has consented to. It counts at once and replaces what was recorded before.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    patient: t.string({ required: true, description: 'Code of the patient.' }),
    version: t.string({ required: true, description: 'Version of the consent form.' }),
    uses: t.stringList({ required: true, description: 'Data Use Ontology codes that it permits, for instance HMB.' }),
    modalities: t.field({ type: [ModalityEnum], required: true, description: 'Kinds of data that may be shared.' }),
    adultFrom: t.field({
      type: 'Date',
      description: 'Day on which the patient comes of age; none for who was of age.',
    }),
    reconsentedOn: t.field({ type: 'Date', description: 'Day on which they consented anew.' }),
  }),
  success: (t: SuccessFields<{ readonly consent: ConsentDetails }>) => ({
    consent: t.field({ type: Consent, description: 'The record.', resolve: ({ consent }) => consent }),
  }),
  errors: [PatientUnknown, UsesUnknown, VersionMissing],
  receipt,
  run: ({ study, adultFrom, reconsentedOn, ...input }, { consents }) =>
    consents.record({
      ...input,
      study: study ?? null,
      adultFrom: adultFrom ?? null,
      reconsentedOn: reconsentedOn ?? null,
    }),
});

const study = { description: 'Key of the study; the one that this server is for unless named.' };

command('undoConsent', {
  description:
    'Puts a mistake right: a new record says what the one before the newest said, or that there is no consent where none was before.',
  input: (t) => ({
    study: t.string(study),
    patient: t.string({ required: true, description: 'Code of the patient.' }),
    consent: t.id({ required: true, description: 'The newest record, which is the mistake.' }),
  }),
  success: (t: SuccessFields<{ readonly consent: ConsentDetails }>) => ({
    consent: t.field({ type: Consent, description: 'The new record.', resolve: ({ consent }) => consent }),
  }),
  errors: [PatientUnknown, ConsentNotNewest],
  receipt,
  run: ({ study: key, ...input }, { consents }) => consents.undo({ ...input, study: key ?? null }),
});

command('importConsents', {
  description:
    'Records the consents of many patients from a CSV file: patient, version, uses and modalities (parted by semicolons), adult_from and reconsented_on. All of it or nothing.',
  input: (t) => ({
    study: t.string(study),
    file: t.field({ type: 'Base64', required: true, description: 'The bytes of the file.' }),
  }),
  success: (t: SuccessFields<{ readonly importId: string; readonly recorded: number }>) => ({
    importId: t.exposeID('importId', { description: 'What the records of this file are known by.' }),
    recorded: t.exposeInt('recorded', { description: 'Number of patients.' }),
  }),
  errors: [ConsentsInvalid],
  receipt: {
    failed: withoutText,
    keep: ({ importId, recorded }) => ({ importId, recorded }),
    again: async (kept) => kept as unknown as { importId: string; recorded: number },
  },
  run: ({ study: key, file }, { consents }) => consents.import({ study: key ?? null, file }),
});

builder.queryField('consents', (t) =>
  t.field({
    type: [Consent],
    nullable: true,
    description: 'Every consent that was recorded of a patient, newest first; for stewards and curators.',
    args: {
      study: t.arg.string(study),
      patient: t.arg.string({ required: true, description: 'Code of the patient.' }),
    },
    resolve: async (_, { study: key, patient }, { consents }) => [
      ...seen(await consents.history(key ?? null, patient)),
    ],
  }),
);
