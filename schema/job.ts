import { publicReasons, REASONS, type Reason, type ReasonCode } from '../governance/reasons.ts';
import { builder, type Types } from './builder.ts';
import { JobStateEnum } from './enums.ts';
import { ReasonType } from './reason.ts';
import type { JobErrorFacts, JobProgressFacts } from './services/jobs.ts';

export const JobProgress = builder.objectRef<JobProgressFacts>('JobProgress').implement({
  description: 'How far a piece of work is.',
  fields: (t) => ({
    stage: t.exposeString('stage', { description: 'What is being done.' }),
    done: t.exposeInt('done', { description: 'Items of this stage that are done.' }),
    total: t.exposeInt('total', { description: 'Items of this stage.' }),
    rate: t.float({
      nullable: true,
      description: 'Items a second; null while it is not known.',
      resolve: ({ rate }) => finite(rate),
    }),
    secondsLeft: t.float({
      nullable: true,
      description: 'Seconds that this stage will still take; null while it is not known.',
      resolve: ({ secondsLeft }) => finite(secondsLeft),
    }),
    loss: t.float({
      nullable: true,
      description:
        'Of a network that learns: its mean loss over this epoch so far. Needs BASELINES, as results do; null otherwise.',
      resolve: ({ loss }) => finite(loss),
    }),
  }),
});

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

/** Jobs keep a reason as its code, with what it is about after a space. */
const reasonOf = (kept: string): Reason[] => {
  const [code = '', ...rest] = kept.split(' ');
  if (!Object.hasOwn(REASONS, code)) return [];
  return [...publicReasons([{ code: code as ReasonCode, subject: rest.length === 0 ? null : rest.join(' ') }])];
};

export const JobError = builder.objectRef<JobErrorFacts>('JobError').implement({
  description: 'Why a piece of work ended without a result.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Why, as a word.' }),
    message: t.exposeString('message', { description: 'Why, as a sentence.' }),
    reasons: t.field({
      type: [ReasonType],
      description: 'Where access ended: every unmet requirement.',
      resolve: ({ reasons }) => (reasons ?? []).flatMap(reasonOf),
    }),
  }),
});

interface JobFacts {
  readonly state: string;
  readonly progress: JobProgressFacts | null;
  readonly error: JobErrorFacts | null;
}

/** Where a piece of work stands, for whatever is made by a job. */
export const jobFields = <Facts extends JobFacts>(t: PothosSchemaTypes.ObjectFieldBuilder<Types, Facts>) => ({
  state: t.field({ type: JobStateEnum, description: 'Where it stands.', resolve: ({ state }) => state as 'QUEUED' }),
  progress: t.field({
    type: JobProgress,
    nullable: true,
    description: 'How far it is.',
    resolve: ({ progress }) => progress,
  }),
  error: t.field({
    type: JobError,
    nullable: true,
    description: 'Why it ended without a result.',
    resolve: ({ error }) => error,
  }),
});
