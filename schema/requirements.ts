import { builder } from './builder.ts';
import { ModalityEnum, TrainingTypeEnum, VerifiedHowEnum } from './enums.ts';
import type { ClassRequirementsFacts, RequirementsFacts } from './services/certificates.ts';

const ClassRequirements = builder.objectRef<ClassRequirementsFacts>('ClassRequirements').implement({
  description: 'What a class of data asks for, by the policy in force.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The class: labels, features, biometric or identifiable.' }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'Its kinds of data.',
      resolve: ({ modalities }) => [...modalities],
    }),
    training: t.field({
      type: [TrainingTypeEnum],
      description: 'The trainings that every person who uses it proves.',
      resolve: ({ training }) => [...training],
    }),
    verifiedBy: t.field({
      type: VerifiedHowEnum,
      description: 'The least way in which a steward has to have verified them.',
      resolve: ({ verifiedBy }) => verifiedBy,
    }),
    agreement: t.exposeBoolean('agreement', { description: 'Whether the data use agreement has to be signed.' }),
    stewards: t.exposeInt('stewards', { description: 'Stewards who have to agree.' }),
    exportByConfirmation: t.exposeBoolean('exportByConfirmation', {
      description: 'Whether taking a copy away needs a word of its own from each of them.',
    }),
  }),
});

const Requirements = builder.objectRef<RequirementsFacts>('Requirements').implement({
  description: 'What access asks for, by the policy in force.',
  fields: (t) => ({
    classes: t.field({
      type: [ClassRequirements],
      description: 'Each class of data, what asks least first.',
      resolve: ({ classes }) => [...classes],
    }),
    maxMonths: t.exposeInt('maxMonths', { description: 'Months that a grant lasts at most.' }),
    closeOutDays: t.exposeInt('closeOutDays', {
      description: 'Days after the end of a grant within which copies are destroyed and that is attested.',
    }),
    renewalWindowDays: t.exposeInt('renewalWindowDays', {
      description: 'Days before the end of a grant from which it can be renewed.',
    }),
  }),
});

builder.queryFields((t) => ({
  requirements: t.field({
    type: Requirements,
    description: 'What access asks for, by the policy in force. Open to all.',
    resolve: (_, __, { certificates }) => certificates.requirements(),
  }),
}));
