import { SANCTION_KINDS } from '../governance/sanction.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { ReasonMissing, STEP_ERRORS, WrongState } from './expected-errors.ts';
import { Person } from './person.ts';
import { IncidentUnknown, SanctionUnknown, SubjectUnknown, SuspensionEndInvalid } from './safety-errors.ts';
import { stepAskedFields } from './second-step.ts';
import type { SanctionDetails } from './services/safety.ts';
import { Viewer } from './viewer.ts';

const SanctionKindEnum = builder.enumType('SanctionKind', {
  description:
    'WARN is recorded and shuts nobody out; SUSPEND shuts out until a moment; BAR, until two stewards lift it.',
  values: SANCTION_KINDS,
});

const Sanction = builder.objectRef<SanctionDetails>('Sanction').implement({
  description: 'What stewards imposed on a person or an institution.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    kind: t.field({ type: SanctionKindEnum, description: 'What it is.', resolve: ({ kind }) => kind }),
    person: t.field({ type: Person, nullable: true, description: 'On whom.', resolve: ({ person }) => person }),
    institution: t.exposeString('institution', { nullable: true, description: 'Or on which institution, by name.' }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Since when.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', nullable: true, description: 'When a suspension ends.' }),
    liftedAt: t.expose('liftedAt', { type: 'DateTime', nullable: true, description: 'When it was lifted.' }),
    liftReason: t.exposeString('liftReason', { nullable: true, description: 'Why it was lifted.' }),
    imposedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom; for stewards, else null.',
      resolve: ({ imposedBy }) => imposedBy,
    }),
    incidentId: t.exposeID('incidentId', { nullable: true, description: 'After which incident; for stewards.' }),
  }),
});

builder.objectField(Viewer, 'sanctions', (t) =>
  t.field({
    type: [Sanction],
    description: 'What was imposed on them and on their institution, newest first.',
    resolve: async (_, __, { sanctions }) => [...(await sanctions.mine())],
  }),
);

builder.queryField('sanctions', (t) =>
  t.field({
    type: [Sanction],
    nullable: true,
    description: 'Every sanction, newest first; for stewards.',
    resolve: async (_, __, { sanctions }) => [...seen(await sanctions.list())],
  }),
);

builder.queryField('peopleByName', (t) =>
  t.field({
    type: [Person],
    nullable: true,
    description:
      'Accounts whose name holds a text of at least two letters, the first twenty by name; for stewards, who may have to sanction somebody without a grant.',
    args: { name: t.arg.string({ required: true, description: 'A part of the name.' }) },
    resolve: async (_, { name }, { sanctions }) => [...seen(await sanctions.find(name))],
  }),
);

const success = (t: SuccessFields<{ readonly sanction: SanctionDetails }>) => ({
  sanction: t.field({
    type: Sanction,
    description: 'The sanction as it stands now.',
    resolve: ({ sanction }) => sanction,
  }),
});

command('imposeSanction', {
  description:
    'Warns, suspends or bars a person or an institution, at once, by a steward without a conflict; they are told by mail.',
  input: (t) => ({
    accountId: t.id({ description: 'The person.' }),
    institutionId: t.id({ description: 'Or the institution.' }),
    kind: t.field({ type: SanctionKindEnum, required: true, description: 'What to impose.' }),
    until: t.field({ type: 'DateTime', description: 'When a suspension ends; none for the other kinds.' }),
    reason: t.string({ required: true, description: 'Why, as whoever it concerns reads it.' }),
    incidentId: t.id({ description: 'The incident after which it comes.' }),
  }),
  success,
  errors: [SubjectUnknown, ReasonMissing, SuspensionEndInvalid, IncidentUnknown],
  run: ({ accountId, institutionId, kind, until, reason, incidentId }, { sanctions }) =>
    sanctions.impose({
      ...{ accountId: accountId ?? null, institutionId: institutionId ?? null, kind, reason },
      ...{ until: until ?? null, incidentId: incidentId ?? null },
    }),
});

command('liftSanction', {
  description: 'Lifts a suspension that runs, by one steward without a conflict. A bar takes two, see askToLiftBar.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The sanction.' }),
    reason: t.string({ required: true, description: 'Why.' }),
  }),
  success,
  errors: [SanctionUnknown, WrongState, ReasonMissing],
  run: ({ id, reason }, { sanctions }) => sanctions.lift(id, reason),
});

command('askToLiftBar', {
  description: 'Asks for a bar to be lifted; another steward without a conflict confirms it with liftBar.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The sanction.' }),
    reason: t.string({ required: true, description: 'Why, for whoever confirms.' }),
  }),
  success: stepAskedFields,
  errors: [SanctionUnknown, WrongState, ReasonMissing],
  run: ({ id, reason }, { sanctions }) => sanctions.askToLiftBar(id, reason),
});

command('liftBar', {
  description: 'Lifts a bar that another steward asked to lift.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for, see pendingSteps.' }),
    seen: t.string({ required: true, description: 'The seenHash of what was looked at.' }),
  }),
  success,
  errors: STEP_ERRORS,
  run: ({ stepId, seen: hash }, { sanctions }) => sanctions.liftBar(stepId, hash),
});
