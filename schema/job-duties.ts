import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { plain } from './expected-errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import { type FailedJobFacts, JOB_KIND_STEPS, type JobKindFacts } from './services/job-duties.ts';

const JobKindStepEnum = builder.enumType('JobKindStep', {
  description: 'What a curator can do with a kind of work: pauseJobs, resumeJobs, limitJobs.',
  values: JOB_KIND_STEPS,
});

const JobKind = builder.objectRef<JobKindFacts>('JobKind').implement({
  description: 'A kind of work of the pipeline, and how it stands.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'Its name.' }),
    paused: t.exposeBoolean('paused', {
      description: 'True where none begins until it is resumed; what runs goes on.',
    }),
    atOnce: t.exposeInt('atOnce', {
      nullable: true,
      description: 'How many may run at once; null for as many as there are workers.',
    }),
    queued: t.exposeInt('queued', { description: 'How many wait.' }),
    running: t.exposeInt('running', { description: 'How many run.' }),
    failed: t.exposeInt('failed', { description: 'How many were given up.' }),
    waitingSince: t.expose('waitingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when the oldest waits that could begin.',
    }),
    allowedSteps: t.field({
      type: [JobKindStepEnum],
      description: 'What may be done with it now; nothing where the work was promised to a patient.',
      resolve: ({ allowedSteps }) => [...allowedSteps],
    }),
  }),
});

const FailedJob = builder.objectRef<FailedJobFacts>('FailedJob').implement({
  description: 'Work that was given up, after its last attempt or because no other could help.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The job.' }),
    kind: t.exposeString('kind', { description: 'What kind of work it is.' }),
    code: t.exposeString('code', { description: 'Why, as a word.' }),
    message: t.exposeString('message', { description: 'Why, as a sentence.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    failedAt: t.expose('failedAt', { type: 'DateTime', description: 'When it was given up.' }),
  }),
});

const FailedJobConnection = pageType('FailedJob', FailedJob);

builder.queryFields((t) => ({
  jobKinds: t.field({
    type: [JobKind],
    nullable: true,
    description: 'Every kind of work, and how it stands; for curators.',
    resolve: async (_, __, { jobDuties }) => [...seen(await jobDuties.kinds())],
  }),
  failedJobs: t.field({
    type: FailedJobConnection,
    nullable: true,
    description: 'Work that was given up, the newest first; for curators.',
    args: {
      first: t.arg.int({ description: 'Length of the page.' }),
      after: t.arg.string({ description: 'Cursor that the page before ended with.' }),
    },
    resolve: async (_, page, { jobDuties }) => {
      const asked = pageAsked(page);
      return pageAnswer(asked, seen(await jobDuties.failed(asked)));
    },
  }),
}));

const JobUnknown = plain('JobUnknown', 'JOB_UNKNOWN', 'No job that was given up has this id.');
const JobDoubled = plain('JobDoubled', 'JOB_DOUBLED', 'The same work waits or runs already.');
const JobKindUnknown = plain('JobKindUnknown', 'JOB_KIND_UNKNOWN', 'There is no such kind of work.');
const JobKindFixed = plain('JobKindFixed', 'JOB_KIND_FIXED', 'Work of this kind is neither paused nor limited.');
const JobLimitInvalid = plain('JobLimitInvalid', 'JOB_LIMIT_INVALID', 'So many at once are not possible.');

command('retryJob', {
  description:
    'Has work done that was given up: it waits again, with all its attempts. Whether it may be done is asked anew.',
  input: (t) => ({ id: t.id({ required: true, description: 'The job.' }) }),
  success: (t: SuccessFields<{ readonly id: string }>) => ({ id: t.exposeID('id', { description: 'The job.' }) }),
  errors: [JobUnknown, JobDoubled],
  run: ({ id }, { jobDuties }) => jobDuties.retry(id),
});

const kindSuccess = (t: SuccessFields<{ readonly kind: JobKindFacts }>) => ({
  kind: t.field({ type: JobKind, description: 'How it stands now.', resolve: ({ kind }) => kind }),
});

command('pauseJobs', {
  description: 'Lets no work of a kind begin until it is resumed; what runs goes on, what is asked for waits.',
  input: (t) => ({ kind: t.string({ required: true, description: 'Which kind.' }) }),
  success: kindSuccess,
  errors: [JobKindUnknown, JobKindFixed],
  run: ({ kind }, { jobDuties }) => jobDuties.pause(kind, true),
});

command('resumeJobs', {
  description: 'Lets work of a kind begin again.',
  input: (t) => ({ kind: t.string({ required: true, description: 'Which kind.' }) }),
  success: kindSuccess,
  errors: [JobKindUnknown, JobKindFixed],
  run: ({ kind }, { jobDuties }) => jobDuties.pause(kind, false),
});

command('limitJobs', {
  description: 'Says how many of a kind may run at once, over all workers; what runs already goes on.',
  input: (t) => ({
    kind: t.string({ required: true, description: 'Which kind.' }),
    atOnce: t.int({ description: 'From 1 to 64; absent for as many as there are workers.' }),
  }),
  success: kindSuccess,
  errors: [JobKindUnknown, JobKindFixed, JobLimitInvalid],
  run: ({ kind, atOnce }, { jobDuties }) => jobDuties.limit(kind, atOnce ?? null),
});
