import type { Json } from '../governance/canonical.ts';
import { QUARANTINE_REVIEWS } from '../governance/quarantine-review.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import type { Context } from './context.ts';
import { notFound, seen } from './errors.ts';
import {
  QuarantineUnknown,
  RangeInvalid,
  ReasonMissing,
  ReviewRefusedError,
  SubmissionUnknown,
} from './expected-errors.ts';
import { Person } from './person.ts';
import { withoutText } from './receipt-text.ts';
import type { QuarantineDetails } from './services/curation.ts';

const ReviewEnum = builder.enumType('QuarantineReview', {
  description: 'What a review ends with: it stays, for a reason, or is lifted.',
  values: QUARANTINE_REVIEWS,
});

const Quarantine = builder.objectRef<QuarantineDetails>('Quarantine').implement({
  description: 'A submission, or a range of its time, that nobody sees until it is looked at.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    fromSeconds: t.exposeFloat('fromSeconds', {
      nullable: true,
      description: 'Where it begins, in seconds; null for all of it.',
    }),
    toSeconds: t.exposeFloat('toSeconds', {
      nullable: true,
      description: 'Where it ends, in seconds; null for all of it.',
    }),
    reason: t.exposeString('reason', { description: 'Why.' }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'Since when.' }),
    placedBy: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: ({ placedBy }) => placedBy }),
    liftedAt: t.expose('liftedAt', { type: 'DateTime', nullable: true, description: 'When it was lifted.' }),
    liftedBy: t.field({
      type: Person,
      nullable: true,
      description: 'By whom it was lifted.',
      resolve: ({ liftedBy }) => liftedBy,
    }),
    reviewedAt: t.expose('reviewedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody last looked at it and kept it.',
    }),
    reviewedBy: t.field({
      type: Person,
      nullable: true,
      description: 'Who did.',
      resolve: ({ reviewedBy }) => reviewedBy,
    }),
    reviewReason: t.exposeString('reviewReason', { nullable: true, description: 'Why it stayed.' }),
    reviewDueAt: t.expose('reviewDueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a steward who did not place it has to look at it; null once it is lifted.',
    }),
    patient: t.exposeString('patient', {
      nullable: true,
      description: 'Code of the patient; null for who may not look at what is in quarantine.',
    }),
    timestamp: t.exposeString('timestamp', {
      nullable: true,
      description: 'Moment as recorded; null for who may not look at what is in quarantine.',
    }),
  }),
});

builder.queryField('quarantines', (t) =>
  t.field({
    type: [Quarantine],
    nullable: true,
    description: 'What is in quarantine, newest first; for curators and stewards.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      reviewDue: t.arg.boolean({
        description: 'Those alone that somebody has to look at by now, the longest due first.',
      }),
    },
    resolve: async (_, { study, reviewDue }, { quarantines }) => [
      ...seen(await quarantines.list(study ?? null, reviewDue ?? false)),
    ],
  }),
);

const success = (t: SuccessFields<{ readonly quarantine: QuarantineDetails }>) => ({
  quarantine: t.field({
    type: Quarantine,
    description: 'The quarantine as it stands now.',
    resolve: ({ quarantine }) => quarantine,
  }),
});

/** A receipt cannot be erased: it names the quarantine, and a repeat reads it. */
const receipt = {
  failed: withoutText,
  keep: ({ quarantine }: { readonly quarantine: QuarantineDetails }) => quarantine.id,
  again: async (id: Json, { quarantines }: Context) => ({
    quarantine: seen(await quarantines.read(String(id))) ?? notFound('quarantine'),
  }),
};

command('placeQuarantine', {
  description:
    'Hides a submission, or a range of its time, everywhere at once. It is named by `node`, or by patient and timestamp as recorded.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    node: t.id({ description: 'Id of a submission of a release, or of a frame or chunk in it.' }),
    patient: t.string({ description: 'Code of the patient.' }),
    timestamp: t.string({
      description: 'Moment as released, for curators also as recorded, for instance 20201201T003232.',
    }),
    fromSeconds: t.float({ description: 'Where the range begins, in seconds; none for all of it.' }),
    toSeconds: t.float({ description: 'Where the range ends, in seconds; none for all of it.' }),
    reason: t.string({ required: true, description: 'Why, for instance a name that is spoken.' }),
  }),
  success,
  errors: [SubmissionUnknown, RangeInvalid, ReasonMissing],
  receipt,
  run: ({ study, node, patient, timestamp, fromSeconds, toSeconds, reason }, { quarantines }) =>
    quarantines.place({
      study: study ?? null,
      node: node ?? null,
      patient: patient ?? null,
      timestamp: timestamp ?? null,
      fromSeconds: fromSeconds ?? null,
      toSeconds: toSeconds ?? null,
      reason,
    }),
});

command('liftQuarantine', {
  description: 'Ends a quarantine: what it hid is seen again at once.',
  input: (t) => ({ id: t.id({ required: true, description: 'The quarantine.' }) }),
  success,
  errors: [QuarantineUnknown],
  receipt,
  run: ({ id }, { quarantines }) => quarantines.lift(id),
});

command('reviewQuarantine', {
  description:
    'Reviews, as another steward than who placed it, a quarantine: it stays for a reason, or what it hid is seen again at once.',
  input: (t) => ({
    id: t.id({ required: true, description: 'The quarantine.' }),
    outcome: t.field({ type: ReviewEnum, required: true, description: 'Whether it stays.' }),
    reason: t.string({ description: 'Why it stays.' }),
  }),
  success,
  errors: [QuarantineUnknown, ReviewRefusedError, ReasonMissing],
  receipt,
  run: ({ id, outcome, reason }, { quarantines }) => quarantines.review(id, outcome, reason ?? ''),
});
