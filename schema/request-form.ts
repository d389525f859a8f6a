import type { RequestDraft } from '../governance/forms.ts';
import { builder } from './builder.ts';
import { ForbiddenUseEnum, ModalityEnum, UseEnum } from './enums.ts';

type Item = NonNullable<RequestDraft['items']>[number];
type Approval = NonNullable<RequestDraft['ethicsApproval']>;

const FormItem = builder.objectRef<Item>('RequestFormItem').implement({
  description: 'One kind of data that a request asks for.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, description: 'The kind of data.', resolve: ({ modality }) => modality }),
    uses: t.field({ type: [UseEnum], description: 'What is to be done with it.', resolve: ({ uses }) => uses }),
    why: t.exposeString('why', { description: 'Why it is needed.' }),
  }),
});

const EthicsApproval = builder.objectRef<Approval>('EthicsApproval').implement({
  description: 'The approval of an ethics board.',
  fields: (t) => ({
    reference: t.exposeString('reference', { description: "The board's own number for it." }),
    documentSha256: t.exposeString('documentSha256', { description: 'SHA-256 of the document, as sent to /uploads.' }),
  }),
});

const CoAuthor = builder.objectRef<NonNullable<RequestDraft['coAuthors']>[number]>('RequestCoAuthor').implement({
  description: 'Somebody with whom the applicant has published.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Their name.' }),
    email: t.exposeString('email', { description: 'Their address.' }),
    lastPublishedOn: t.expose('lastPublishedOn', {
      type: 'Date',
      description: 'Day of the last publication together.',
    }),
  }),
});

export const RequestForm = builder.objectRef<RequestDraft>('RequestForm').implement({
  description: 'What a request says. Everything may be missing while it is written.',
  fields: (t) => ({
    title: t.string({ nullable: true, description: 'Title of the research.', resolve: ({ title }) => title ?? null }),
    plainSummary: t.string({
      nullable: true,
      description: 'The research in plain words; made public on approval.',
      resolve: ({ plainSummary }) => plainSummary ?? null,
    }),
    detail: t.string({
      nullable: true,
      description: 'The research in detail.',
      resolve: ({ detail }) => detail ?? null,
    }),
    position: t.string({
      nullable: true,
      description: "The applicant's position.",
      resolve: ({ position }) => position ?? null,
    }),
    items: t.field({
      type: [FormItem],
      description: 'What is asked for.',
      resolve: ({ items }) => items ?? [],
    }),
    securityPlan: t.string({
      nullable: true,
      description: 'How the data will be kept safe.',
      resolve: ({ securityPlan }) => securityPlan ?? null,
    }),
    attestsNist800171: t.boolean({
      description: 'Whether the applicant attests that the plan meets NIST SP 800-171.',
      resolve: ({ attestsNist800171 }) => attestsNist800171 ?? false,
    }),
    ethicsApproval: t.field({
      type: EthicsApproval,
      nullable: true,
      description: 'The approval of an ethics board.',
      resolve: ({ ethicsApproval }) => ethicsApproval ?? null,
    }),
    dataUse: t.stringList({
      description: 'Data Use Ontology codes of the purpose, for instance HMB or DS:MONDO:0004992.',
      resolve: ({ dataUse }) => dataUse ?? [],
    }),
    durationMonths: t.int({
      nullable: true,
      description: 'Months for which access is asked.',
      resolve: ({ durationMonths }) => durationMonths ?? null,
    }),
    coAuthors: t.field({
      type: [CoAuthor],
      description: 'With whom the applicant has published lately, and who therefore decides nothing about it.',
      resolve: ({ coAuthors }) => coAuthors ?? [],
    }),
    acceptsForbidden: t.field({
      type: [ForbiddenUseEnum],
      description: 'Forbidden uses that the applicant accepts as forbidden.',
      resolve: ({ acceptsForbidden }) => acceptsForbidden ?? [],
    }),
  }),
});

const FormItemInput = builder.inputType('RequestFormItemInput', {
  description: 'One kind of data that is asked for.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, required: true, description: 'The kind of data.' }),
    uses: t.field({ type: [UseEnum], required: true, description: 'What is to be done with it.' }),
    why: t.string({ required: true, description: 'Why it is needed.' }),
  }),
});

const EthicsApprovalInput = builder.inputType('EthicsApprovalInput', {
  description: 'The approval of an ethics board.',
  fields: (t) => ({
    reference: t.string({ required: true, description: "The board's own number for it." }),
    documentSha256: t.string({ required: true, description: 'SHA-256 of the document, as sent to /uploads.' }),
  }),
});

const CoAuthorInput = builder.inputType('RequestCoAuthorInput', {
  description: 'Somebody with whom the applicant has published.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Their name.' }),
    email: t.string({ required: true, description: 'Their address.' }),
    lastPublishedOn: t.field({ type: 'Date', required: true, description: 'Day of the last publication together.' }),
  }),
});

export const RequestFormInput = builder.inputType('RequestFormInput', {
  description: 'The whole form as it is to stand; what is left out is empty.',
  fields: (t) => ({
    title: t.string({ description: 'Title of the research, up to 200 characters.' }),
    plainSummary: t.string({ description: 'The research in plain words; made public on approval.' }),
    detail: t.string({ description: 'The research in detail.' }),
    position: t.string({ description: "The applicant's position." }),
    items: t.field({ type: [FormItemInput], description: 'What is asked for.' }),
    securityPlan: t.string({ description: 'How the data will be kept safe.' }),
    attestsNist800171: t.boolean({ description: 'The attestation that the plan meets NIST SP 800-171.' }),
    ethicsApproval: t.field({ type: EthicsApprovalInput, description: 'The approval of an ethics board.' }),
    dataUse: t.stringList({
      description: 'Data Use Ontology codes of the purpose by their short names, such as GRU, HMB or NCU.',
    }),
    durationMonths: t.int({ description: 'Months for which access is asked, 1 to 12.' }),
    coAuthors: t.field({
      type: [CoAuthorInput],
      description:
        'With whom the applicant has published lately; some years from the last time they decide nothing about it.',
    }),
    acceptsForbidden: t.field({
      type: [ForbiddenUseEnum],
      description: 'Forbidden uses that the applicant accepts as forbidden; all of them before it can be sent in.',
    }),
  }),
});

/** A form as the rules take it: what was left out, or null, is absent. What is wrong with it is for the rules to say. */
export const draftOf = (input: typeof RequestFormInput.$inferInput): RequestDraft =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value != null)) as RequestDraft;
