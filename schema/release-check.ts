import { builder } from './builder.ts';
import { seen } from './errors.ts';
import { jobFields } from './job.ts';
import { Person } from './person.ts';
import { ReleaseProblem } from './release-errors.ts';
import type { ReleaseCheckFacts } from './services/releases.ts';

export const ReleaseCheck = builder.objectRef<ReleaseCheckFacts>('ReleaseCheck').implement({
  description: 'A proof of what a release promises, made by a job. Its result is kept and never changes.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    ...jobFields(t),
    checksums: t.exposeBoolean('checksums', { description: 'Whether every byte is read.' }),
    askedAt: t.expose('askedAt', { type: 'DateTime', description: 'When it was asked for.' }),
    askedBy: t.field({ type: Person, nullable: true, description: 'By whom.', resolve: ({ askedBy }) => askedBy }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it came to its result.' }),
    sound: t.boolean({
      nullable: true,
      description: 'Whether the release keeps what it promises; null until that is known.',
      resolve: ({ problemCount }) => (problemCount === null ? null : problemCount === 0),
    }),
    problems: t.field({
      type: [ReleaseProblem],
      nullable: true,
      description: 'What was found, a thousand at most; null until it has ended.',
      resolve: ({ problems }) => problems && [...problems],
    }),
    problemCount: t.exposeInt('problemCount', { nullable: true, description: 'How many problems were found.' }),
    digest: t.exposeString('digest', { nullable: true, description: 'SHA-256 of the content that was checked.' }),
    files: t.exposeInt('files', { nullable: true, description: 'Number of files that were looked at.' }),
    bytes: t.expose('bytes', { type: 'SafeInt', nullable: true, description: 'Their bytes.' }),
    current: t.boolean({
      description: 'True while the release lists what was checked.',
      resolve: ({ current }) => current === true,
    }),
  }),
});

builder.queryField('releaseCheck', (t) =>
  t.field({
    type: ReleaseCheck,
    nullable: true,
    description: 'A check of a release; for curators and stewards.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: async (_, { id }, { releaseCommands }) => seen(await releaseCommands.getCheck(id)),
  }),
);
