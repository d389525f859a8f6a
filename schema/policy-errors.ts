import type { PolicyChange } from '../governance/policy-change.ts';
import type { PolicyProblem } from '../governance/policy-problems.ts';
import { builder } from './builder.ts';
import { ExpectedError, plain, typed } from './expected-errors.ts';
import type { PolicyFailed } from './services/policy.ts';

export const PolicyProblemType = builder.objectRef<PolicyProblem>('PolicyProblem').implement({
  description: 'Something in a policy that cannot stand.',
  fields: (t) => ({
    path: t.exposeString('path', {
      description: 'Where, for instance training.HIPAA.durationMonths; empty for all of it.',
    }),
    message: t.exposeString('message', { description: 'What is wrong.' }),
  }),
});

export const PolicyChangeType = builder.objectRef<PolicyChange>('PolicyChange').implement({
  description: 'A value in which two policies differ.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, for instance training.HIPAA.durationMonths.' }),
    before: t.field({ type: 'JSON', nullable: true, description: 'What it was.', resolve: ({ before }) => before }),
    after: t.field({ type: 'JSON', nullable: true, description: 'What it becomes.', resolve: ({ after }) => after }),
    loosens: t.exposeBoolean('loosens', { description: 'Whether it could let anybody see, keep or get more.' }),
  }),
});

export const PolicyInvalid = typed(
  'PolicyInvalid',
  ['POLICY_INVALID'],
  builder.objectRef<PolicyFailed>('PolicyInvalid').implement({
    description: 'The policy cannot stand. The code is POLICY_INVALID.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      problems: t.field({
        type: [PolicyProblemType],
        description: 'Everything that is wrong with it.',
        resolve: ({ problems }) => [...(problems ?? [])],
      }),
    }),
  }),
);

export const PolicyMoved = typed(
  'PolicyMoved',
  ['POLICY_MOVED'],
  builder.objectRef<PolicyFailed>('PolicyMoved').implement({
    description: 'The policy is another by now than the one that was looked at. The code is POLICY_MOVED.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      currentVersion: t.exposeInt('currentVersion', { nullable: true, description: 'The version in force.' }),
    }),
  }),
);

export const PolicyLoosens = typed(
  'PolicyLoosens',
  ['POLICY_LOOSENS'],
  builder.objectRef<PolicyFailed>('PolicyLoosens').implement({
    description: 'Something of it becomes looser, which takes two people. The code is POLICY_LOOSENS.',
    interfaces: [ExpectedError],
    fields: (t) => ({
      changes: t.field({
        type: [PolicyChangeType],
        description: 'All that differs.',
        resolve: ({ changes }) => [...(changes ?? [])],
      }),
    }),
  }),
);

export const PolicyUnchanged = plain('PolicyUnchanged', 'POLICY_UNCHANGED', 'The policy in force says the same.');
