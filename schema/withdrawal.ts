import { WITHDRAWAL_KINDS } from '../governance/rows.ts';
import {
  DUTY_STATES,
  REMAINING,
  type Remaining,
  WAITS_FOR,
  WITHDRAWAL_REASONS,
  WITHDRAWAL_STAGES,
  WITHDRAWAL_STEPS,
} from '../governance/withdrawal.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import {
  AlreadyWithdrawn,
  AttestationIncomplete,
  DutyUnknown,
  PatientUnknown,
  ReasonMissing,
  STEP_ERRORS,
  WithdrawalStepRefused,
  WithdrawalUnknown,
} from './expected-errors.ts';
import { Person } from './person.ts';
import { stepAskedFields } from './second-step.ts';
import type { DutyDetails, WithdrawalDetails } from './services/withdrawals.ts';

const KindEnum = builder.enumType('WithdrawalKind', {
  description:
    'STOP_COLLECTION: nothing more is collected, what there is stays. STOP_SHARING: nobody sees anything of the patient any more. ERASE: that, and it is destroyed.',
  values: WITHDRAWAL_KINDS,
});
const ReasonEnum = builder.enumType('WithdrawalReason', {
  description:
    'Why: the patient’s or a guardian’s wish, coming of age, a consent that does not hold, an ethics decision.',
  values: WITHDRAWAL_REASONS,
});
const StageEnum = builder.enumType('WithdrawalStage', {
  description: 'How far it is. Sharing has ended from the first stage on.',
  values: WITHDRAWAL_STAGES,
});
const StepEnum = builder.enumType('WithdrawalStep', {
  description:
    'What takes two stewards: telling the holders of copies, ordering the erasure, taking the withdrawal back.',
  values: WITHDRAWAL_STEPS,
});
const DutyStateEnum = builder.enumType('DestructionDutyState', {
  description: 'How far a holder is; OVERDUE from the moment that it was due.',
  values: DUTY_STATES,
});
const RemainingEnum = builder.enumType('WithdrawalRemains', {
  description: 'What can be left to do for a withdrawal.',
  values: REMAINING,
});
const WaitsForEnum = builder.enumType('WithdrawalWaitsFor', { description: 'Whose turn it is.', values: WAITS_FOR });

const Remains = builder.objectRef<Remaining>('WithdrawalTask').implement({
  description: 'Something that is left to do for a withdrawal.',
  fields: (t) => ({
    what: t.field({ type: RemainingEnum, description: 'What.', resolve: ({ what }) => what }),
    waitsFor: t.field({ type: WaitsForEnum, description: 'Whose turn it is.', resolve: ({ waitsFor }) => waitsFor }),
    count: t.exposeInt('count', { description: 'How many of it.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of it is due, or until when it waits.',
    }),
  }),
});

const Duty = builder.objectRef<DutyDetails>('DestructionDuty').implement({
  description: 'Exports and single files that somebody took and is to destroy, because somebody in them has withdrawn.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id, for attestDestruction.' }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    grantId: t.exposeID('grantId', { description: 'The grant under which they were taken.' }),
    exports: t.idList({ description: 'The exports.', resolve: ({ exports }) => [...exports] }),
    singleFiles: t.boolean({
      description: 'Whether files that were taken one by one are to be destroyed too: all of them.',
      resolve: ({ downloads }) => downloads > 0,
    }),
    downloads: t.int({
      nullable: true,
      description:
        'How many of those had the patient in them; null in one’s own list, where the number would tell whose they are.',
      resolve: ({ downloads, holder }) => (holder === null ? null : downloads),
    }),
    state: t.field({ type: DutyStateEnum, description: 'How far it is.', resolve: ({ state }) => state }),
    toldAt: t.expose('toldAt', { type: 'DateTime', nullable: true, description: 'When the holder was told.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true, description: 'By when it is to be attested.' }),
    attestedAt: t.expose('attestedAt', { type: 'DateTime', nullable: true, description: 'When it was attested.' }),
    holder: t.field({
      type: Person,
      nullable: true,
      description: 'Who took them; null in one’s own list.',
      resolve: ({ holder }) => holder,
    }),
  }),
});

const Marked = builder.objectRef<WithdrawalDetails['marked'][number]>('WithdrawalMark').implement({
  description: 'Something that was made with the patient.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'What it is: EXPORT, RUN, CHECKPOINT, EMBEDDING.' }),
    id: t.exposeID('id', { description: 'Its id.' }),
    effect: t.exposeString('effect', {
      description: 'MARKED (a result that says so), ENDED (an export), BLOCKED (not given out any more).',
    }),
  }),
});

const Withdrawal = builder.objectRef<WithdrawalDetails>('Withdrawal').implement({
  description: 'A patient’s withdrawal, what followed and what is left to do.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    kind: t.field({ type: KindEnum, description: 'What was asked for.', resolve: ({ kind }) => kind }),
    reason: t.exposeString('reason', { description: 'Why, as a word.' }),
    stage: t.field({ type: StageEnum, description: 'How far it is.', resolve: ({ stage }) => stage }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was recorded, and sharing ended.' }),
    recordedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom.',
      resolve: ({ recordedBy }) => recordedBy,
    }),
    notifiedAt: t.expose('notifiedAt', { type: 'DateTime', nullable: true, description: 'When holders were told.' }),
    eraseAfter: t.expose('eraseAfter', {
      type: 'DateTime',
      nullable: true,
      description: 'End of the hold; null until the erasure is ordered.',
    }),
    erasedAt: t.expose('erasedAt', { type: 'DateTime', nullable: true, description: 'When it was erased.' }),
    takenBackAt: t.expose('takenBackAt', { type: 'DateTime', nullable: true, description: 'When it was taken back.' }),
    proof: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was destroyed and how that was checked; null until it was.',
      resolve: ({ proof }) => proof,
    }),
    nextRelease: t.exposeString('nextRelease', {
      description: 'Of the release without the patient: NONE (not needed), MAKING, PROBLEM, DRAFTED or PUBLISHED.',
    }),
    draftVersion: t.exposeString('draftVersion', { nullable: true, description: 'Version of the draft.' }),
    draftProblem: t.exposeString('draftProblem', { nullable: true, description: 'What kept it from being drafted.' }),
    marked: t.field({ type: [Marked], description: 'What was made with them.', resolve: ({ marked }) => [...marked] }),
    duties: t.field({ type: [Duty], description: 'Who holds copies.', resolve: ({ duties }) => [...duties] }),
    remaining: t.field({
      type: [Remains],
      description: 'What is left to do, in order; empty when nothing is.',
      resolve: ({ remaining }) => [...remaining],
    }),
    allowedSteps: t.field({
      type: [StepEnum],
      description: 'Steps that can be asked for now; what waits for a second steward already is not among them.',
      resolve: ({ allowedSteps }) => [...allowedSteps],
    }),
  }),
});

const study = { description: 'Key of the study; the one that this server is for unless named.' };

builder.queryField('withdrawals', (t) =>
  t.field({
    type: [Withdrawal],
    nullable: true,
    description: 'Withdrawals, newest first, with what remains to be done for each; for stewards.',
    args: { study: t.arg.string(study) },
    resolve: async (_, args, { withdrawals }) => [...seen(await withdrawals.list(args.study ?? null))],
  }),
);

builder.queryField('destructionDuties', (t) =>
  t.field({
    type: [Duty],
    nullable: true,
    description: 'Exports of one’s own that are to be destroyed, newest first.',
    resolve: async (_, __, { withdrawals }) => [...seen(await withdrawals.duties())],
  }),
);

const success = (t: SuccessFields<{ readonly withdrawal: WithdrawalDetails }>) => ({
  withdrawal: t.field({
    type: Withdrawal,
    description: 'The withdrawal as it stands now.',
    resolve: ({ withdrawal }) => withdrawal,
  }),
});

command('recordWithdrawal', {
  description:
    'Records that a patient withdraws. STOP_SHARING and ERASE take them out of every query, count, split and download of every release at once; what is being made with them ends.',
  input: (t) => ({
    study: t.string(study),
    patient: t.string({ required: true, description: 'Code of the patient.' }),
    kind: t.field({ type: KindEnum, required: true, description: 'What is asked for.' }),
    reason: t.field({ type: ReasonEnum, required: true, description: 'Why.' }),
  }),
  success,
  errors: [PatientUnknown, AlreadyWithdrawn],
  run: ({ study: key, ...input }, { withdrawals }) => withdrawals.record({ ...input, study: key ?? null }),
});

command('askWithdrawalStep', {
  description: 'Asks for a step of a withdrawal that another steward has to confirm.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The withdrawal.' }),
    step: t.field({ type: StepEnum, required: true, description: 'What is to be done.' }),
    reason: t.string({ required: true, description: 'Why, for the other steward and the log; no names.' }),
  }),
  success: stepAskedFields,
  errors: [WithdrawalUnknown, WithdrawalStepRefused, ReasonMissing],
  run: ({ id, step, reason }, { withdrawals }) => withdrawals.ask(id, step, reason),
});

command('confirmWithdrawalStep', {
  description: 'Confirms, as another steward, what was asked for, and does it at once.',
  input: (t) => ({
    stepId: t.id({ required: true, description: 'What was asked for.' }),
    seen: t.string({ required: true, description: 'The hash of what was looked at (`pendingSteps`).' }),
  }),
  success,
  errors: [WithdrawalUnknown, WithdrawalStepRefused, ...STEP_ERRORS],
  run: ({ stepId, seen: hash }, { withdrawals }) => withdrawals.confirm(stepId, hash),
});

command('attestDestruction', {
  description: 'Attests that one’s copies of exports, and what was made from them, are destroyed.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The duty.' }),
    copiesDestroyed: t.boolean({ required: true, description: 'Every copy, backups among them, is destroyed.' }),
    derivativesDestroyed: t.boolean({
      required: true,
      description: 'So are models and other data that were made from them.',
    }),
  }),
  success: (t: SuccessFields<{ readonly duty: DutyDetails }>) => ({
    duty: t.field({ type: Duty, description: 'The duty as it stands now.', resolve: ({ duty }) => duty }),
  }),
  errors: [DutyUnknown, AttestationIncomplete],
  run: ({ id, ...attested }, { withdrawals }) => withdrawals.attest(id, attested),
});
