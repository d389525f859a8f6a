import { HALT_SCOPES } from '../governance/facts.ts';
import { HALT_CATEGORIES } from '../governance/halt.ts';
import { builder } from './builder.ts';
import { command, type InputFields, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { ReasonMissing, STEP_ERRORS, WrongState } from './expected-errors.ts';
import { Person } from './person.ts';
import { HaltUnknown, TargetUnknown } from './safety-errors.ts';
import { stepAskedFields } from './second-step.ts';
import type { HaltDetails } from './services/safety.ts';

const HaltScopeEnum = builder.enumType('HaltScope', {
  description: 'How much a halt stops: everything, a release, a kind of data, the people of an institution, a grant.',
  values: HALT_SCOPES,
});

const HaltCategoryEnum = builder.enumType('HaltCategory', {
  description: 'What a halt is about, as far as those whom it concerns are told.',
  values: HALT_CATEGORIES,
});

const Halt = builder.objectRef<HaltDetails>('Halt').implement({
  description: 'Access that is stopped for now, on every path.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    scope: t.field({ type: HaltScopeEnum, description: 'How much it stops.', resolve: ({ scope }) => scope }),
    target: t.exposeString('target', {
      nullable: true,
      description: 'Of what: the id of a release, an institution or a grant, or a kind of data; null with ALL.',
    }),
    targetName: t.exposeString('targetName', {
      nullable: true,
      description:
        'Of what, as people call it: study and version of a release, the name of an institution; else as `target`.',
    }),
    category: t.field({
      type: HaltCategoryEnum,
      description: 'What it is about.',
      resolve: ({ category }) => category,
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'Since when.' }),
    liftedAt: t.expose('liftedAt', { type: 'DateTime', nullable: true, description: 'When it was lifted.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why; for stewards and auditors, else null.' }),
    placedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom; for stewards and auditors, else null.',
      resolve: ({ placedBy }) => placedBy,
    }),
    incidentId: t.exposeID('incidentId', {
      nullable: true,
      description: 'The incident that it contains; for stewards and auditors, else null.',
    }),
  }),
});

builder.queryField('activeHalts', (t) =>
  t.field({
    type: [Halt],
    nullable: true,
    description: 'Halts in force that concern one, newest first; staff see all of them.',
    resolve: async (_, __, { halts }) => [...seen(await halts.active())],
  }),
);

/** Inputs that say what is to be halted. */
export const haltFields = (t: InputFields) => ({
  scope: t.field({ type: HaltScopeEnum, required: true, description: 'How much to stop.' }),
  target: t.string({
    description: 'Of what: the id of a release, an institution or a grant, or a kind of data; none with ALL.',
  }),
  category: t.field({
    type: HaltCategoryEnum,
    defaultValue: 'OTHER',
    description: 'What it is about, as those whom it concerns are told.',
  }),
  reason: t.string({ required: true, description: 'Why, for the stewards who are to lift it.' }),
});

const success = (t: SuccessFields<{ readonly halt: HaltDetails }>) => ({
  halt: t.field({ type: Halt, description: 'The halt as it stands now.', resolve: ({ halt }) => halt }),
});

command('haltAccess', {
  description:
    'Stops access at once, on every path: reads, files under way, exports and runs, by any one steward. Two are needed to lift it.',
  input: haltFields,
  success,
  errors: [TargetUnknown, ReasonMissing],
  run: ({ scope, target, category, reason }, { halts }) =>
    halts.place({ scope, target: target ?? null, category: category ?? 'OTHER', reason }),
});

command('askToLiftHalt', {
  description: 'Asks for a halt to be lifted; another steward confirms it with liftHalt.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The halt.' }),
    reason: t.string({ required: true, description: 'Why it is safe, for whoever confirms.' }),
  }),
  success: stepAskedFields,
  errors: [HaltUnknown, WrongState, ReasonMissing],
  run: ({ id, reason }, { halts }) => halts.askToLift(id, reason),
});

command('liftHalt', {
  description: 'Lifts a halt that another steward asked to lift.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for, see pendingSteps.' }),
    seen: t.string({ required: true, description: 'The seenHash of what was looked at.' }),
  }),
  success,
  errors: STEP_ERRORS,
  run: ({ stepId, seen: hash }, { halts }) => halts.lift(stepId, hash),
});
