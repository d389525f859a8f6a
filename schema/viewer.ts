import { MODALITIES } from '../governance/modality.ts';
import { builder } from './builder.ts';
import type { ChecklistFacts, ChecklistItemFacts, ViewerFacts } from './context.ts';
import { ModalityEnum, RoleEnum, UseEnum } from './enums.ts';
import { notFound } from './errors.ts';
import type { ViewerGrantFacts } from './services/grants.ts';

export const Institution = builder
  .objectRef<NonNullable<ViewerFacts['account']['institution']>>('Institution')
  .implement({
    description: 'Where somebody works.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name.' }),
      ror: t.exposeString('ror', { nullable: true, description: 'Its ROR identifier.' }),
      country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2 code of its country.' }),
    }),
  });

const Account = builder.objectRef<ViewerFacts['account']>('Account').implement({
  description: 'A person as this server knows them.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    username: t.exposeString('username', { description: 'Name to sign in with.' }),
    name: t.exposeString('name', { description: 'Full name.' }),
    email: t.exposeString('email', { description: 'Address that notices go to.' }),
    institution: t.field({
      type: Institution,
      nullable: true,
      description: 'Where they work; null until somebody says.',
      resolve: ({ institution }) => institution,
    }),
  }),
});

export const GrantItem = builder.objectRef<ViewerGrantFacts['items'][number]>('GrantItem').implement({
  description: 'What a grant lets its members do with one modality.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, description: 'The modality.', resolve: ({ modality }) => modality }),
    uses: t.field({ type: [UseEnum], description: 'The uses.', resolve: ({ uses }) => [...uses] as 'READ'[] }),
  }),
});

export const Grant = builder.objectRef<ViewerGrantFacts>('Grant').implement({
  description: 'Access that was approved.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id, for the ISS-Grant header.' }),
    state: t.exposeString('state', { description: 'ACTIVE, SUSPENDED, REVOKED, EXPIRED or CLOSED.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    items: t.field({
      type: [GrantItem],
      description: 'What it covers, in the order of the kinds of data.',
      resolve: ({ items }) =>
        [...items].sort((one, other) => MODALITIES.indexOf(one.modality) - MODALITIES.indexOf(other.modality)),
    }),
    purposes: t.stringList({
      description: 'Data Use Ontology codes of its purpose.',
      resolve: ({ purposes }) => [...purposes],
    }),
    conditions: t.exposeString('conditions', { description: 'What it is conditional on; empty for nothing.' }),
  }),
});

const ChecklistItem = builder.objectRef<ChecklistItemFacts>('ChecklistItem').implement({
  description: 'One requirement and how it stands.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'What is required, as a word.' }),
    title: t.exposeString('title', { description: 'What is required, in words.' }),
    met: t.exposeBoolean('met', { description: 'Whether it is met.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it stops being met.' }),
    reasons: t.stringList({ description: 'Codes of what is missing.', resolve: ({ reasons }) => [...reasons] }),
    whatToDo: t.exposeString('whatToDo', { nullable: true, description: 'What to do about it.' }),
    whoActsNext: t.exposeString('whoActsNext', { nullable: true, description: 'Who has to act next.' }),
  }),
});

const UseChecklist = builder.objectRef<ChecklistFacts['uses'][number]>('UseChecklist').implement({
  description: 'The requirements of one use.',
  fields: (t) => ({
    use: t.field({ type: UseEnum, description: 'The use.', resolve: ({ use }) => use as 'READ' }),
    allowed: t.exposeBoolean('allowed', { description: 'Whether it is allowed now.' }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'When, as far as is known now, it ends.',
    }),
    items: t.field({ type: [ChecklistItem], description: 'Every requirement.', resolve: ({ items }) => [...items] }),
  }),
});

const AccessChecklist = builder.objectRef<ChecklistFacts>('AccessChecklist').implement({
  description: 'What is met, what is missing, what to do, who acts next and what expires when.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, description: 'The modality.', resolve: ({ modality }) => modality }),
    uses: t.field({ type: [UseChecklist], description: 'For each use.', resolve: ({ uses }) => [...uses] }),
  }),
});

export const Viewer = builder.objectRef<ViewerFacts>('Viewer').implement({
  description: 'The signed-in person.',
  fields: (t) => ({
    account: t.field({ type: Account, description: 'Who they are.', resolve: ({ account }) => account }),
    roles: t.field({ type: [RoleEnum], description: 'What they are.', resolve: ({ roles }) => [...roles] as never[] }),
    grants: t.field({
      type: [Grant],
      description: 'Grants that they are a member of.',
      resolve: ({ grants }) => [...grants],
    }),
    accessChecklist: t.field({
      type: AccessChecklist,
      description: 'How they stand with one modality.',
      args: {
        modality: t.arg({ type: ModalityEnum, required: true, description: 'The modality.' }),
        study: t.arg.string({ description: 'The study; the one that this server is for unless named.' }),
      },
      resolve: async (_, { modality, study }, { viewers, actor }) =>
        (await viewers.accessChecklist(actor, modality, study ?? null)) ?? notFound('study'),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: 'The signed-in person; null when nobody is.',
    resolve: (_, __, { viewers, actor }) => viewers.viewer(actor),
  }),
);
