import { AccountUnknown, OwnAccount } from './account.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { NameInvalid, plain, ReasonMissing, WrongState } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import {
  INSTITUTION_STANDINGS,
  type InstitutionDetails,
  type InstitutionMove,
  type InstitutionStanding,
} from './services/institutions.ts';

const InstitutionUnknown = plain(
  'InstitutionUnknown',
  'INSTITUTION_UNKNOWN',
  'There is no such institution to be had.',
);
const InstitutionExists = plain('InstitutionExists', 'INSTITUTION_EXISTS', 'The institution is there already.');
const InstitutionUnchanged = plain('InstitutionUnchanged', 'INSTITUTION_UNCHANGED', 'They work there already.');
const InstitutionFixed = plain(
  'InstitutionFixed',
  'INSTITUTION_FIXED',
  'Who decides about people of institutions does not choose their own; an administrator changes it.',
);
const RorInvalid = plain('RorInvalid', 'ROR_INVALID', 'The form or the check digits of the ROR identifier are wrong.');
const CountryUnknown = plain('CountryUnknown', 'COUNTRY_UNKNOWN', 'The country is no code of ISO 3166-1 alpha-2.');
const NotOfInstitution = plain('NotOfInstitution', 'NOT_OF_INSTITUTION', 'The account is of another institution.');
const OfficialBound = plain('OfficialBound', 'OFFICIAL_BOUND', 'The account signs for the institution already.');
const OfficialUnknown = plain('OfficialUnknown', 'OFFICIAL_UNKNOWN', 'The account does not sign for the institution.');

const Standing = builder.enumType('InstitutionStanding', {
  description: 'Whether people of an institution may be given data: only of a VERIFIED one.',
  values: INSTITUTION_STANDINGS,
});

const Official = builder.objectRef<InstitutionDetails['officials'][number]>('InstitutionOfficial').implement({
  description: 'Somebody who may sign for an institution.',
  fields: (t) => ({
    person: t.field({ type: Person, description: 'Who.', resolve: ({ person }) => person }),
    boundAt: t.expose('boundAt', { type: 'DateTime', description: 'Since when.' }),
    proof: t.exposeString('proof', { description: 'How it was made sure.' }),
  }),
});

const InstitutionRecord = builder.objectRef<InstitutionDetails>('InstitutionRecord').implement({
  description: 'An institution. Its officials and the reason of its standing are for administrators and stewards.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    name: t.exposeString('name', { description: 'Its name.' }),
    ror: t.exposeString('ror', {
      nullable: true,
      description: 'Its identifier in the Research Organization Registry.',
    }),
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2 code of its country.' }),
    standing: t.field({ type: Standing, description: 'Its standing.', resolve: ({ standing }) => standing }),
    standingReason: t.exposeString('standingReason', { description: 'Why it stands so.' }),
    standingAt: t.expose('standingAt', { type: 'DateTime', nullable: true, description: 'Since when it stands so.' }),
    officials: t.field({
      type: [Official],
      description: 'Who signs for it.',
      resolve: ({ officials }) => [...officials],
    }),
  }),
});

const InstitutionPage = pageType('InstitutionRecord', InstitutionRecord);

builder.queryField('institutions', (t) =>
  t.field({
    type: InstitutionPage,
    nullable: true,
    description: 'Institutions by name: the verified ones to choose from; all of them for administrators and stewards.',
    args: {
      search: t.arg.string({ description: 'Part of a name or ROR identifier.' }),
      standing: t.arg({ type: Standing, description: 'Those of this standing.' }),
      country: t.arg.string({ description: 'Those of this country, ISO 3166-1 alpha-2.' }),
      first: t.arg.int({ description: 'Rows of the page at most.' }),
      after: t.arg.string({ description: 'Cursor that a page before ended with.' }),
    },
    resolve: async (_, { search, standing, country, ...page }, { institutions }) => {
      const asked = pageAsked(page);
      const filter = { search: search ?? null, standing: standing ?? null, country: country ?? null };
      return pageAnswer(asked, seen(await institutions.list(filter, asked)));
    },
  }),
);

const fields = (t: SuccessFields<{ readonly institution: InstitutionDetails }>) => ({
  institution: t.field({
    type: InstitutionRecord,
    description: 'The institution as it stands now.',
    resolve: ({ institution }) => institution,
  }),
});
const idField = { required: true, description: 'The institution; not one’s own.' } as const;

command('addInstitution', {
  description: 'Adds an institution; nobody can choose it before it is verified.',
  input: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    ror: t.string({ description: 'Its ROR identifier, bare or as an address.' }),
    country: t.string({ required: true, description: 'ISO 3166-1 alpha-2 code of its country.' }),
  }),
  success: fields,
  errors: [NameInvalid, RorInvalid, CountryUnknown, InstitutionExists],
  run: ({ ror, ...input }, { institutions }) => institutions.add({ ...input, ror: ror ?? null }),
});

command('verifyInstitution', {
  description: 'Verifies an institution that is UNVERIFIED: its people can choose it.',
  input: (t) => ({
    id: t.id(idField),
    reason: t.string({ required: true, description: 'How one made sure of it.' }),
  }),
  success: fields,
  errors: [InstitutionUnknown, ReasonMissing, WrongState],
  run: (input, { institutions }) => institutions.verify(input),
});

command('setInstitutionStanding', {
  description: 'Changes the standing of an institution; access of its people ends at once where it is not VERIFIED.',
  input: (t) => ({
    id: t.id(idField),
    standing: t.field({ type: Standing, required: true, description: 'Its standing from now on.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: fields,
  errors: [InstitutionUnknown, ReasonMissing, WrongState],
  run: ({ standing, ...input }, { institutions }) =>
    institutions.setStanding({ ...input, standing: standing as InstitutionStanding }),
});

command('bindOfficial', {
  description: 'Binds an account to the institution it works at, as one that may sign for it.',
  input: (t) => ({
    id: t.id(idField),
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    proof: t.string({ required: true, description: 'How one made sure that they may, outside of this server.' }),
  }),
  success: fields,
  errors: [InstitutionUnknown, ReasonMissing, WrongState, AccountUnknown, NotOfInstitution, OfficialBound],
  run: (input, { institutions }) => institutions.bind(input),
});

command('unbindOfficial', {
  description: 'Ends that an account signs for an institution, at once.',
  input: (t) => ({
    id: t.id(idField),
    accountId: t.id({ required: true, description: 'The account.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: fields,
  errors: [InstitutionUnknown, ReasonMissing, OfficialUnknown],
  run: (input, { institutions }) => institutions.unbind(input),
});

interface Moved {
  readonly institution: InstitutionDetails | null;
  readonly move: InstitutionMove;
}
const movedFields = (t: SuccessFields<Moved>) => ({
  institution: t.field({
    type: InstitutionRecord,
    nullable: true,
    description: 'Where they work now.',
    // What only administrators see of it is not part of this answer.
    resolve: ({ institution }) => institution && { ...institution, officials: [], standingReason: '' },
  }),
  suspendedRequests: t.idList({
    description: 'Their own requests whose grants are suspended now.',
    resolve: ({ move }) => [...move.suspendedRequests],
  }),
  leftRequests: t.idList({
    description: 'Requests of others that they are a member of no more.',
    resolve: ({ move }) => [...move.leftRequests],
  }),
});

command('chooseInstitution', {
  description:
    'Says where the signed-in person works from now on. Their grants, given to another institution, are suspended at once, and they leave those of others.',
  input: (t) => ({ id: t.id({ required: true, description: 'The institution, one of `institutions`.' }) }),
  success: movedFields,
  errors: [InstitutionUnknown, InstitutionUnchanged, InstitutionFixed],
  run: ({ id }, { institutions }) => institutions.choose(id),
});

command('moveAccount', {
  description: 'Says where somebody works from now on, with what chooseInstitution ends.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    institutionId: t.id({ description: 'A verified institution; none for nowhere.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success: movedFields,
  errors: [InstitutionUnknown, ReasonMissing, AccountUnknown, InstitutionUnchanged, OwnAccount],
  run: ({ institutionId, ...input }, { institutions }) =>
    institutions.move({ ...input, institutionId: institutionId ?? null }),
});
