import { AccountUnknown, RolesIncompatible } from './account.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen as told } from './errors.ts';
import { DatesInvalid, plain, ReasonMissing, STEP_ERRORS } from './expected-errors.ts';
import { Person } from './person.ts';
import { stepAskedFields } from './second-step.ts';
import type { CoAuthorFacts, DeputyFacts } from './services/stewardship.ts';

const CoAuthor = builder.objectRef<CoAuthorFacts>('CoAuthor').implement({
  description:
    'Somebody’s word that they published with somebody else: they do not decide about the other for some years.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'Who said so.' }),
    other: t.exposeString('other', { description: 'With whom, as they were named.' }),
    lastPublishedOn: t.expose('lastPublishedOn', {
      type: 'Date',
      description: 'Day of the last publication together.',
    }),
    declaredAt: t.expose('declaredAt', { type: 'DateTime', description: 'When it was said.' }),
  }),
});

command('declareCoAuthor', {
  description:
    'Declares that one has published with somebody. For some years from then one does not decide, endorse or verify anything of the other. Applicants name theirs in the request. Whether the other has an account is not told.',
  input: (t) => ({
    other: t.string({ required: true, description: "The other's address, or the id of their account." }),
    lastPublishedOn: t.field({ type: 'Date', required: true, description: 'Day of the last publication together.' }),
  }),
  success: (t: SuccessFields<{ readonly coAuthor: CoAuthorFacts }>) => ({
    coAuthor: t.field({ type: CoAuthor, description: 'What was declared.', resolve: ({ coAuthor }) => coAuthor }),
  }),
  errors: [DatesInvalid],
  run: ({ other, lastPublishedOn }, { stewardship }) => stewardship.declareCoAuthor(other, lastPublishedOn),
});

command('withdrawCoAuthor', {
  description: 'Takes back what one declared of a co-author oneself; both stay in the log.',
  input: (t) => ({ other: t.string({ required: true, description: 'The other, as they were named.' }) }),
  success: (t: SuccessFields<{ readonly withdrawn: number }>) => ({
    withdrawn: t.exposeInt('withdrawn', { description: 'How many declarations ended; 0 where there was none.' }),
  }),
  errors: [],
  run: ({ other }, { stewardship }) => stewardship.withdrawCoAuthor(other),
});

const TermInvalid = plain('TermInvalid', 'TERM_INVALID', 'The end is not within a year from now.');

const Deputy = builder.objectRef<DeputyFacts>('DeputySteward').implement({
  description: 'Somebody who stands in where too few stewards may decide a request.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'Their account.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'From when.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'Until when.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When an administrator ended it.' }),
    person: t.field({ type: Person, nullable: true, description: 'Who.', resolve: ({ person }) => person }),
    reason: t.exposeString('reason', { description: 'Why it was asked for.' }),
  }),
});

builder.queryField('deputies', (t) =>
  t.field({
    type: [Deputy],
    nullable: true,
    description:
      'Who stands in for stewards, for stewards and administrators: appointments that have not ended, the first to end first.',
    resolve: async (_, __, { stewardship }) => [...told(await stewardship.deputies())],
  }),
);

command('askForDeputySteward', {
  description:
    'Asks for a deputy steward, whom another administrator confirms. A deputy decides only where stewards have stepped back or may not decide, so that no request waits for ever.',
  input: (t) => ({
    accountId: t.id({ required: true, description: 'The account; not one’s own.' }),
    endsAt: t.field({ type: 'DateTime', required: true, description: 'Until when; at most a year away.' }),
    reason: t.string({ required: true, description: 'Why, for who confirms it.' }),
  }),
  success: stepAskedFields,
  errors: [AccountUnknown, ReasonMissing, TermInvalid, RolesIncompatible],
  run: ({ accountId, endsAt, reason }, { stewardship }) => stewardship.askForDeputy(accountId, endsAt, reason),
});

command('confirmDeputySteward', {
  description: 'Confirms a deputy steward that another administrator asked for.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for.' }),
    seen: t.string({ required: true, description: 'Its `seenHash`, as it was looked at.' }),
  }),
  success: (t: SuccessFields<{ readonly deputy: DeputyFacts }>) => ({
    deputy: t.field({ type: Deputy, description: 'The deputy.', resolve: ({ deputy }) => deputy }),
  }),
  errors: STEP_ERRORS,
  run: ({ stepId, seen }, { stewardship }) => stewardship.confirmDeputy(stepId, seen),
});

command('endDeputySteward', {
  description: 'Ends the appointment of a deputy steward, at once.',
  input: (t) => ({ accountId: t.id({ required: true, description: 'Their account.' }) }),
  success: (t: SuccessFields<{ readonly ended: number }>) => ({
    ended: t.exposeInt('ended', { description: 'How many appointments ended; 0 where there was none.' }),
  }),
  errors: [],
  run: ({ accountId }, { stewardship }) => stewardship.endDeputy(accountId),
});
