import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { ModalityEnum } from './enums.ts';
import { PatientUnknown, UsesUnknown, VersionMissing } from './expected-errors.ts';
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
  }),
});

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
  run: ({ study, adultFrom, reconsentedOn, ...input }, { consents }) =>
    consents.record({
      ...input,
      study: study ?? null,
      adultFrom: adultFrom ?? null,
      reconsentedOn: reconsentedOn ?? null,
    }),
});
