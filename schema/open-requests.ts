import { builder } from './builder.ts';
import { ModalityEnum } from './enums.ts';
import { notFound } from './errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import type { ApprovedUseFacts, QueueFacts, QueueMonthFacts } from './services/stewardship.ts';

const ApprovedUse = builder.objectRef<ApprovedUseFacts>('ApprovedUse').implement({
  description: 'A use of the data that was approved, as the public register lists it.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    applicant: t.exposeString('applicant', { description: 'Who leads it.' }),
    institution: t.exposeString('institution', { description: 'Where.' }),
    title: t.exposeString('title', { description: 'Title of the research.' }),
    plainSummary: t.exposeString('plainSummary', {
      description: 'The research in plain words, as the applicant wrote it: text, not markup.',
    }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'The kinds of data.',
      resolve: ({ modalities }) => [...modalities],
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When the grant began.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends or ended.' }),
    state: t.exposeString('state', { description: 'ACTIVE, SUSPENDED, REVOKED, EXPIRED or CLOSED.' }),
  }),
});

const QueueMonth = builder.objectRef<QueueMonthFacts>('QueueMonth').implement({
  description: 'Requests that were first sent in in one month.',
  fields: (t) => ({
    month: t.exposeString('month', { description: 'The month, for instance 2026-03, in the zone of the study.' }),
    received: t.exposeInt('received', { description: 'How many were sent in.' }),
    answered: t.exposeInt('answered', { description: 'How many of them have had a first answer of the committee.' }),
    decided: t.exposeInt('decided', { description: 'How many of them are approved or rejected.' }),
    medianDaysToAnswer: t.exposeFloat('medianDaysToAnswer', {
      nullable: true,
      description: 'Median of days to the first answer; null where it would be of few.',
    }),
    medianDaysToDecision: t.exposeFloat('medianDaysToDecision', {
      nullable: true,
      description: 'Median of days to the decision; null where it would be of few.',
    }),
  }),
});

const Queue = builder.objectRef<QueueFacts>('QueueMetrics').implement({
  description: 'How long requests wait; open to all.',
  fields: (t) => ({
    waiting: t.exposeInt('waiting', { description: 'How many wait for a decision.' }),
    waitingForOfficial: t.exposeInt('waitingForOfficial', { description: 'Of these, for their signing official.' }),
    waitingForSteward: t.exposeInt('waitingForSteward', { description: 'Of these, for the data access committee.' }),
    months: t.field({
      type: [QueueMonth],
      description: 'By month, the newest first; two years at most.',
      resolve: ({ months }) => [...months],
    }),
  }),
});

const ApprovedUsePage = pageType('ApprovedUse', ApprovedUse);

builder.queryFields((t) => ({
  approvedUses: t.field({
    type: ApprovedUsePage,
    description: 'The public register of approved uses, the newest first; open to all.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
      after: t.arg.string({ description: 'Cursor of the row after which to begin.' }),
    },
    resolve: async (_, { study, ...page }, { openRequests }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, (await openRequests.approvedUses(study ?? null, asked)) ?? notFound('study'));
    },
  }),
  queueMetrics: t.field({
    type: Queue,
    description: 'How many requests wait, and how long answers and decisions took, by month; open to all.',
    args: { study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }) },
    resolve: async (_, { study }, { openRequests }) => (await openRequests.queue(study ?? null)) ?? notFound('study'),
  }),
}));
