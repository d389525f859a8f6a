import { IntervalType } from './baseline.ts';
import { builder, type Types } from './builder.ts';
import { seen } from './errors.ts';
import type {
  GroupAccuracyOf,
  GroupBaselineFacts,
  GroupFiguresFacts,
  GroupMean,
  GroupQualityFacts,
  ToldGroup,
} from './services/group-figures.ts';

const GroupingEnum = builder.enumType('Grouping', {
  description: 'What patients are grouped by.',
  values: {
    SEX: { description: 'Sex.' },
    SKIN_TYPE: { description: 'Skin type, Fitzpatrick I to III or IV to VI.' },
    DEVICE: { description: 'Device that recorded.' },
  } as const,
});

const Mean = builder.objectRef<GroupMean>('GroupMean').implement({
  description: 'A mean over the patients of a group, each counting once.',
  fields: (t) => ({
    mean: t.exposeFloat('mean', { nullable: true, description: 'The mean; null where it is not told or not known.' }),
    interval: t.field({
      type: IntervalType,
      nullable: true,
      description: 'Its interval over patients; null for fewer than two of them.',
      resolve: ({ interval }) => interval,
    }),
  }),
});

const groupFields = <Facts extends ToldGroup>(t: PothosSchemaTypes.ObjectFieldBuilder<Types, Facts>) => ({
  by: t.field({ type: GroupingEnum, description: 'What it is grouped by.', resolve: ({ by }) => by }),
  group: t.string({ description: 'The group.', resolve: ({ group }) => group }),
  patients: t.int({ description: 'Number of its patients.', resolve: ({ patients }) => patients }),
});

const GroupQuality = builder.objectRef<GroupQualityFacts>('GroupQuality').implement({
  description: 'Rates of detection and figures of quality over the patients of a group.',
  fields: (t) => ({
    ...groupFields(t),
    faceFound: t.field({
      type: Mean,
      description: 'Share of frames with a face; 0 to 1.',
      resolve: ({ faceFound }) => faceFound,
    }),
    landmarksLost: t.field({
      type: Mean,
      description: 'Share of faces without landmarks; 0 to 1.',
      resolve: ({ landmarksLost }) => landmarksLost,
    }),
    brightness: t.field({ type: Mean, description: 'Mean luma, 0 to 255.', resolve: ({ brightness }) => brightness }),
    contrast: t.field({ type: Mean, description: 'Deviation of luma.', resolve: ({ contrast }) => contrast }),
    sharpness: t.field({
      type: Mean,
      description: 'Variance of the Laplacian of luma.',
      resolve: ({ sharpness }) => sharpness,
    }),
    loudness: t.field({
      type: Mean,
      description: 'Loudness in dB of full scale.',
      resolve: ({ loudness }) => loudness,
    }),
    clipping: t.field({
      type: Mean,
      description: 'Share of samples at full scale; 0 to 1.',
      resolve: ({ clipping }) => clipping,
    }),
  }),
});

const GroupAccuracy = builder.objectRef<GroupAccuracyOf>('GroupAccuracy').implement({
  description: 'Accuracy of a baseline over the patients of a group.',
  fields: (t) => ({
    ...groupFields(t),
    accuracy: t.field({ type: Mean, description: 'Mean accuracy; 0 to 1.', resolve: ({ accuracy }) => accuracy }),
  }),
});

const GroupBaseline = builder.objectRef<GroupBaselineFacts>('GroupBaseline').implement({
  description:
    'A baseline by groups, from its newest run over all folds and everybody in the release. Whose run it was is not told.',
  fields: (t) => ({
    experiment: t.exposeString('experiment', { description: 'Key of the experiment.' }),
    classes: t.exposeInt('classes', { description: 'Number of classes.' }),
    preset: t.exposeString('preset', { description: 'Size of the model.' }),
    seed: t.expose('seed', { type: 'SafeInt', description: 'Its seed, which that of the intervals is too.' }),
    comparable: t.exposeString('comparable', {
      nullable: true,
      description: 'Whether it may be read beside the published results.',
    }),
    patients: t.exposeInt('patients', { description: 'Number of patients.' }),
    overall: t.field({ type: Mean, description: 'Over all patients.', resolve: ({ overall }) => overall }),
    groups: t.field({ type: [GroupAccuracy], description: 'By group.', resolve: ({ groups }) => [...groups] }),
  }),
});

const GroupFigures = builder.objectRef<GroupFiguresFacts>('GroupFigures').implement({
  description:
    'How well a release, as it was published, and its baselines do by sex, skin type and device, to see bias. For stewards; no rows. Groups of few patients are left out, others from which these could be worked out, and all where a release differs in few patients from another that tells them.',
  fields: (t) => ({
    study: t.exposeString('study', { description: 'Key of the study.' }),
    release: t.exposeString('release', { description: 'Version of the release.' }),
    quality: t.field({
      type: [GroupQuality],
      description: 'Faces found, landmarks lost and quality, by group.',
      resolve: ({ quality }) => [...quality],
    }),
    baselines: t.field({
      type: [GroupBaseline],
      description: 'Each baseline that was run, by group.',
      resolve: ({ baselines }) => [...baselines],
    }),
  }),
});

builder.queryField('groupFigures', (t) =>
  t.field({
    type: GroupFigures,
    nullable: true,
    description: 'Figures of groups of a release; for stewards. Null where there is no such release.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      release: t.arg.string({
        description: 'Version of the release; unless named the newest published one that tells groups.',
      }),
    },
    resolve: async (_, { study, release }, { groupFigures }) =>
      seen(await groupFigures.figures(study ?? null, release ?? null)),
  }),
);
