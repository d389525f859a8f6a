import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { ModalityEnum, UseEnum } from './enums.ts';
import { seen } from './errors.ts';
import { ReasonMissing, STEP_ERRORS } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { Person } from './person.ts';
import {
  PolicyChangeType,
  PolicyInvalid,
  PolicyLoosens,
  PolicyMoved,
  PolicyProblemType,
  PolicyUnchanged,
} from './policy-errors.ts';
import { ReasonType } from './reason.ts';
import { stepAskedFields } from './second-step.ts';
import type { AffectedPerson, PolicyPreview, PolicyVersionDetails } from './services/policy.ts';

const PolicyVersion = builder.objectRef<PolicyVersionDetails>('PolicyVersion').implement({
  description: 'The policy as it was, or is, from some moment on.',
  fields: (t) => ({
    number: t.exposeInt('number', {
      description: 'Its number, from 1; commands that change it name the one they are based on.',
    }),
    policy: t.field({
      type: 'JSON',
      description: 'All of it: what each class of data asks for, trainings with their courses and durations, limits.',
      resolve: ({ policy }) => policy,
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'Since when.' }),
    madeBy: t.field({
      type: Person,
      nullable: true,
      description: 'Who made it so; null for the one that the server began with.',
      resolve: ({ madeBy }) => madeBy,
    }),
    askedBy: t.field({
      type: Person,
      nullable: true,
      description: 'Who had asked for it, where that took two.',
      resolve: ({ askedBy }) => askedBy,
    }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    changes: t.field({
      type: [PolicyChangeType],
      description: 'In what it differs from the one before.',
      resolve: ({ changes }) => [...changes],
    }),
  }),
});

const PolicyVersionPage = pageType('PolicyVersion', PolicyVersion);

const PolicyCell = builder.objectRef<AffectedPerson['gains'][number]>('PolicyCell').implement({
  description: 'A use of a kind of data.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, description: 'The kind of data.', resolve: ({ modality }) => modality }),
    use: t.field({ type: UseEnum, description: 'The use.', resolve: ({ use }) => use }),
  }),
});

const PolicyAffected = builder.objectRef<AffectedPerson>('PolicyAffected').implement({
  description: 'Somebody who would gain or lose by another policy, under one grant.',
  fields: (t) => ({
    person: t.field({ type: Person, nullable: true, description: 'Who.', resolve: ({ person }) => person }),
    grantId: t.exposeID('grantId', { nullable: true, description: "The grant; null for a curator's exception." }),
    gains: t.field({ type: [PolicyCell], description: 'What they could then do.', resolve: ({ gains }) => [...gains] }),
    losses: t.field({
      type: [PolicyCell],
      description: 'What they could then do no more.',
      resolve: ({ losses }) => [...losses],
    }),
    reasons: t.field({
      type: [ReasonType],
      description: 'Why what they lose would be refused.',
      resolve: ({ reasons }) => [...reasons],
    }),
  }),
});

const Preview = builder.objectRef<PolicyPreview>('PolicyPreview').implement({
  description: 'What another policy would change, decided from the facts as they are now.',
  fields: (t) => ({
    basedOn: t.exposeInt('basedOn', { description: 'The version in force, with which it is compared.' }),
    loosens: t.exposeBoolean('loosens', {
      description: 'Whether it could let anybody see, keep or get more, so that it takes two people.',
    }),
    changes: t.field({
      type: [PolicyChangeType],
      description: 'In what it differs.',
      resolve: ({ changes }) => [...changes],
    }),
    problems: t.field({
      type: [PolicyProblemType],
      description: 'Why it cannot be set; nobody is looked at then.',
      resolve: ({ problems }) => [...problems],
    }),
    people: t.field({
      type: [PolicyAffected],
      description: 'Who gains or loses; a page of them.',
      resolve: ({ people }) => [...people],
    }),
    lookedAt: t.exposeInt('lookedAt', { description: 'How many memberships of grants were looked at for this page.' }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'Where to go on.' }),
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there may be more.' }),
  }),
});

const pageArgs = {
  first: { description: 'Rows of the page at most.' },
  after: { description: 'Cursor that a page before ended with.' },
} as const;

builder.queryFields((t) => ({
  policy: t.field({
    type: PolicyVersion,
    nullable: true,
    description: 'The policy in force; for everybody who is signed in.',
    resolve: async (_, __, { policies }) => seen(await policies.current()),
  }),
  policyVersions: t.field({
    type: PolicyVersionPage,
    nullable: true,
    description: 'How the policy changed, newest first; for stewards, auditors and administrators.',
    args: { first: t.arg.int(pageArgs.first), after: t.arg.string(pageArgs.after) },
    resolve: async (_, args, { policies }) => {
      const asked = pageAsked(args);
      return pageAnswer(asked, seen(await policies.history(asked)));
    },
  }),
  previewPolicy: t.field({
    type: Preview,
    nullable: true,
    description: 'Who would gain and lose what by another policy; for administrators.',
    args: {
      policy: t.arg({ type: 'JSON', required: true, description: 'The policy, whole.' }),
      first: t.arg.int(pageArgs.first),
      after: t.arg.string(pageArgs.after),
    },
    resolve: async (_, { policy, ...page }, { policies }) => seen(await policies.preview(policy, pageAsked(page))),
  }),
}));

const versionFields = (t: SuccessFields<{ readonly version: PolicyVersionDetails }>) => ({
  version: t.field({
    type: PolicyVersion,
    description: 'The policy that is in force now.',
    resolve: ({ version }) => version,
  }),
});

const CHANGE_ERRORS = [PolicyInvalid, PolicyMoved, PolicyUnchanged, ReasonMissing] as const;

command('tightenPolicy', {
  description: 'Makes the policy stricter, at once and for everybody; refused where any value of it becomes looser.',
  input: (t) => ({
    basedOn: t.int({ required: true, description: 'The version that was looked at.' }),
    policy: t.field({ type: 'JSON', required: true, description: 'The policy, whole.' }),
    reason: t.string({ required: true, description: 'Why, for whoever reads the history.' }),
  }),
  success: versionFields,
  errors: [...CHANGE_ERRORS, PolicyLoosens],
  run: ({ policy, ...input }, { policies }) => policies.tighten({ ...input, policy }),
});

command('askToLoosenPolicy', {
  description: 'Asks for another policy that loosens something; in force once another administrator confirms it.',
  input: (t) => ({
    basedOn: t.int({ required: true, description: 'The version that was looked at.' }),
    policy: t.field({ type: 'JSON', required: true, description: 'The policy, whole.' }),
    reason: t.string({ required: true, description: 'Why, for who confirms it and for whoever reads the history.' }),
  }),
  success: stepAskedFields,
  errors: CHANGE_ERRORS,
  run: ({ policy, ...input }, { policies }) => policies.askToLoosen({ ...input, policy }),
});

command('confirmLoosenPolicy', {
  description: 'Confirms a policy that another administrator asked for: it is in force at once.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for.' }),
    seen: t.string({ required: true, description: 'Its `seenHash`, as it was looked at.' }),
  }),
  success: versionFields,
  errors: [PolicyMoved, ...STEP_ERRORS],
  run: ({ stepId, seen: hash }, { policies }) => policies.confirmLoosen(stepId, hash),
});
