import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { StepEnded, StepUnknown } from './expected-errors.ts';
import { Person } from './person.ts';
import type { SecondStepDetails, StepAsked } from './services/second-steps.ts';

const PendingStep = builder.objectRef<SecondStepDetails>('PendingStep').implement({
  description: 'Something that one person asked for and another has to confirm.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id, for the command that confirms it.' }),
    action: t.exposeString('action', { description: 'What it is, as a word: GIVE_ROLE, LOOSEN_POLICY, LIFT_HALT …' }),
    payload: t.field({
      type: 'JSON',
      description: 'Everything that will be done once it is confirmed.',
      resolve: ({ payload }) => payload,
    }),
    seenHash: t.exposeString('payloadSha256', {
      description: 'SHA-256 of that, to be named by who confirms: proof that they mean the same.',
    }),
    reason: t.exposeString('reason', { description: 'Why it was asked for.' }),
    askedBy: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: ({ askedBy }) => askedBy }),
    askedAt: t.expose('askedAt', { type: 'DateTime', description: 'When.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it waits.' }),
    confirmable: t.exposeBoolean('confirmable', {
      description: 'Whether this person may confirm it; false for who asked.',
    }),
  }),
});

builder.queryField('pendingSteps', (t) =>
  t.field({
    type: [PendingStep],
    nullable: true,
    description: 'What waits for a second person: what one may confirm and what one asked for, oldest first.',
    resolve: async (_, __, { secondSteps }) => [...seen(await secondSteps.pending())],
  }),
);

/** Fields of the success of a command that asks for something. */
export const stepAskedFields = (t: SuccessFields<StepAsked>) => ({
  stepId: t.exposeID('stepId', { description: 'What another person has to confirm, with its id.' }),
  seenHash: t.exposeString('payloadSha256', {
    description: 'SHA-256 of what was asked for, to be named by who confirms.',
  }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it waits.' }),
});

command('withdrawStep', {
  description: 'Takes back something that waits for a second person; by who asked, or who could confirm it.',
  input: (t) => ({ id: t.id({ required: true, description: 'What was asked for.' }) }),
  success: (t: SuccessFields<{ readonly id: string }>) => ({
    id: t.exposeID('id', { description: 'What was taken back.' }),
  }),
  errors: [StepUnknown, StepEnded],
  run: ({ id }, { secondSteps }) => secondSteps.withdraw(id),
});
