import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { DaysInvalid, HoldRefused, ReasonMissing, STEP_ERRORS, StudyUnknown } from './expected-errors.ts';
import { stepAskedFields } from './second-step.ts';
import type { TermsInput } from './services/withdrawals.ts';

const study = { description: 'Key of the study; the one that this server is for unless named.' };

const Terms = builder.objectRef<TermsInput>('WithdrawalTerms').implement({
  description: 'How long holders of copies have after a withdrawal, and how long its erasure waits.',
  fields: (t) => ({
    erasureHoldDays: t.exposeInt('erasureHoldDays', { description: 'Days from a withdrawal to the erasure.' }),
    attestationDays: t.exposeInt('attestationDays', { description: 'Days that holders have to attest.' }),
  }),
});

builder.queryField('withdrawalTerms', (t) =>
  t.field({
    type: Terms,
    nullable: true,
    description:
      'The terms of withdrawals that are in force, for stewards and administrators; null where there is no such study.',
    args: { study: t.arg.string(study) },
    resolve: async (_, args, { withdrawals }) => seen(await withdrawals.terms.inForce(args.study ?? null)),
  }),
);

const terms = (t: SuccessFields<TermsInput>) => ({
  study: t.exposeString('study', { nullable: true, description: 'Key of the study.' }),
  erasureHoldDays: t.exposeInt('erasureHoldDays', { description: 'Days of the hold.' }),
  attestationDays: t.exposeInt('attestationDays', { description: 'Days to attest.' }),
});

command('setWithdrawalTerms', {
  description:
    'Sets the days that the study’s protocol asks for; orders and notices that were given keep theirs. A shorter hold takes two administrators (`askToShortenHold`).',
  input: (t) => ({
    study: t.string(study),
    erasureHoldDays: t.int({ required: true, description: 'Days from a withdrawal to the erasure, 0 to 3650.' }),
    attestationDays: t.int({ required: true, description: 'Days that holders have to attest, 1 to 365.' }),
  }),
  success: terms,
  errors: [StudyUnknown, DaysInvalid, HoldRefused],
  run: ({ study: key, ...days }, { withdrawals }) => withdrawals.terms.set({ ...days, study: key ?? null }),
});

command('askToShortenHold', {
  description: 'Asks for fewer days between a withdrawal and the erasure, which another administrator has to confirm.',
  input: (t) => ({
    study: t.string(study),
    erasureHoldDays: t.int({ required: true, description: 'Days from a withdrawal to the erasure, 0 to 3650.' }),
    reason: t.string({ required: true, description: 'Why, for the other administrator and the log.' }),
  }),
  success: stepAskedFields,
  errors: [StudyUnknown, DaysInvalid, HoldRefused, ReasonMissing],
  run: ({ study: key, ...asked }, { withdrawals }) => withdrawals.terms.askToShorten({ ...asked, study: key ?? null }),
});

command('confirmShortenHold', {
  description:
    'Confirms, as another administrator, the shorter hold that was asked for; it counts for orders from now on.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for.' }),
    seen: t.string({ required: true, description: 'The hash of what was looked at (`pendingSteps`).' }),
  }),
  success: terms,
  errors: [StudyUnknown, HoldRefused, ...STEP_ERRORS],
  run: ({ stepId, seen: hash }, { withdrawals }) => withdrawals.terms.confirmShorten(stepId, hash),
});
