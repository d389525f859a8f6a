import { CHANGES, RELEASE_CHANGES, STEPS } from '../governance/release-version.ts';
import { builder } from './builder.ts';
import { seen } from './errors.ts';
import { pageAnswer, pageAsked, pageType } from './page.ts';
import type { ReleaseDifferenceFacts, ReleaseDiffFacts } from './services/releases.ts';

const ReleaseChangeEnum = builder.enumType('ReleaseChange', {
  description: 'A way in which one release differs from another.',
  values: Object.fromEntries(
    RELEASE_CHANGES.map((change) => [
      change,
      { description: `${CHANGES[change].does} (a ${CHANGES[change].step} step)` },
    ]),
  ) as Record<(typeof RELEASE_CHANGES)[number], { description: string }>,
});

const VersionStepEnum = builder.enumType('VersionStep', {
  description: 'How far a version moves.',
  values: {
    PATCH: { value: STEPS[0], description: 'The data are the same.' },
    MINOR: { value: STEPS[1], description: 'Something has come in; what was there is unchanged.' },
    MAJOR: { value: STEPS[2], description: 'Something has gone or is no longer the same.' },
  },
});

const ChangeCount = builder.objectRef<ReleaseDiffFacts['counts'][number]>('ReleaseChangeCount').implement({
  description: 'How often two releases differ in one way.',
  fields: (t) => ({
    change: t.field({ type: ReleaseChangeEnum, description: 'In what way.', resolve: ({ change }) => change }),
    does: t.exposeString('does', { description: 'The same in words.' }),
    count: t.exposeInt('count', { description: 'Patients or check-ins that it is true of.' }),
  }),
});

const Difference = builder.objectRef<ReleaseDifferenceFacts>('ReleaseDifference').implement({
  description: 'One difference between two releases.',
  fields: (t) => ({
    change: t.field({ type: ReleaseChangeEnum, description: 'In what way.', resolve: ({ change }) => change }),
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    timestamp: t.exposeString('timestamp', {
      nullable: true,
      description: 'Of the check-in, as released; null where it is about the patient.',
    }),
    detail: t.stringList({
      description: 'Names of facts or kinds of files, never values; of a fold its number before and after.',
      resolve: ({ detail }) => [...detail],
    }),
  }),
});

const DifferencePage = pageType('ReleaseDifference', Difference);

const ReleaseDiff = builder.objectRef<ReleaseDiffFacts>('ReleaseDiff').implement({
  description: 'In what two releases differ, over all that may be seen.',
  fields: (t) => ({
    from: t.exposeString('from', { description: 'Version of the older.' }),
    to: t.exposeString('to', { description: 'Version of the newer.' }),
    step: t.field({
      type: VersionStepEnum,
      description: 'The smallest step of a version that allows what may be seen here.',
      resolve: ({ step }) => step,
    }),
    counts: t.field({ type: [ChangeCount], description: 'How often, by way.', resolve: ({ counts }) => [...counts] }),
    differences: t.field({
      type: DifferencePage,
      description: 'Each difference, by patient and moment; none of a draft for who makes no releases, counts alone.',
      args: {
        first: t.arg.int({ description: 'How many at most; a setting says how many there may be.' }),
        after: t.arg.string({ description: 'Cursor of the one after which to begin.' }),
      },
      resolve: ({ differences }, page) => {
        const asked = pageAsked(page);
        const from = asked.after === null ? 0 : Math.max(0, Number.parseInt(asked.after, 36) + 1 || 0);
        const nodes = differences.slice(from, from + asked.first);
        return pageAnswer(asked, {
          nodes,
          cursors: nodes.map((_, index) => (from + index).toString(36)),
          hasNextPage: from + nodes.length < differences.length,
          totalCount: differences.length,
        });
      },
    }),
  }),
});

builder.queryField('releaseDiff', (t) =>
  t.field({
    type: ReleaseDiff,
    nullable: true,
    description:
      'In what two releases of a study differ: drafts for curators and stewards, published ones for who may read their LABELS. Null where there is no such release.',
    args: {
      from: t.arg.string({ required: true, description: 'Version of the older.' }),
      to: t.arg.string({ required: true, description: 'Version of the newer.' }),
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    },
    resolve: async (_, { from, to, study }, { releaseCommands }) =>
      seen(await releaseCommands.diff({ study: study ?? null, from, to })),
  }),
);
