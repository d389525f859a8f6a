import { BaselineScores } from './baseline.ts';
import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { ModalityEnum } from './enums.ts';
import { seen } from './errors.ts';
import { FileAddress } from './file-address.ts';
import { jobFields } from './job.ts';
import { RUN_ERRORS, RunUnknown } from './run-errors.ts';
import { figure, RunResult, toldOnce } from './run-result.ts';
import type { CheckpointFacts, RunFacts, RunPreviewFacts, RunPreviewFold, RunQueueFacts } from './services/runs.ts';
import { Viewer } from './viewer.ts';

const RunRelease = builder.objectRef<RunFacts['release']>('RunRelease').implement({
  description: 'The release that a run reads.',
  fields: (t) => ({ version: t.exposeString('version', { description: 'Its version.' }) }),
});

const RunQueue = builder.objectRef<RunQueueFacts>('RunQueue').implement({
  description:
    'When a waiting run will begin as long as nobody else asks for one, by how long runs have taken. People take turns: many runs of one do not keep another’s waiting.',
  fields: (t) => ({
    place: t.exposeInt('place', { description: 'Its place among all that wait; 1 is next.' }),
    waiting: t.exposeInt('waiting', { description: 'How many wait, of everybody.' }),
    secondsToStart: t.exposeFloat('secondsToStart', {
      nullable: true,
      description: 'Estimated seconds until it begins; null while there is nothing to estimate from.',
    }),
    secondsToEnd: t.exposeFloat('secondsToEnd', {
      nullable: true,
      description: 'Estimated seconds until it is done; null while there is nothing to estimate from.',
    }),
  }),
});

const Checkpoint = builder.objectRef<CheckpointFacts>('Checkpoint').implement({
  description: 'What one fold of a run has learnt, after its last epoch.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id, for `lineage`.' }),
    fold: t.exposeInt('fold', { description: 'Number of the fold.' }),
    epoch: t.exposeInt('epoch', { description: 'Epochs that it has learnt for.' }),
    bytes: t.expose('bytes', { type: 'SafeInt', description: 'Its length in bytes.' }),
    sha256: t.exposeString('sha256', { description: 'SHA-256 of its bytes.' }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'What it learnt from.',
      resolve: ({ modalities }) => [...modalities],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was kept.' }),
    blocked: t.exposeBoolean('blocked', {
      description:
        'True where somebody whose data it was made with has withdrawn since, or shares them no more: then it is not given out.',
    }),
    file: t.field({
      type: FileAddress,
      nullable: true,
      description: 'Where it can be fetched now; null where it is blocked.',
      resolve: ({ file }) => file,
    }),
  }),
});

export const BaselineRun = builder.objectRef<RunFacts>('BaselineRun').implement({
  description: 'A baseline experiment run where the data is: results leave, data does not.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id.' }),
    ...jobFields(t),
    queue: t.field({
      type: RunQueue,
      nullable: true,
      description: 'Its place and when its turn comes; null where it does not wait.',
      resolve: (run, _, { runs }) => runs.queue(run),
    }),
    study: t.exposeString('study', { description: 'Key of the study.' }),
    synthetic: t.exposeBoolean('synthetic', { description: 'True where every patient of it is made up.' }),
    release: t.field({
      type: RunRelease,
      description: 'The release that it reads.',
      resolve: ({ release }) => release,
    }),
    grantId: t.exposeID('grantId', { nullable: true, description: 'The grant that it runs under.' }),
    experiment: t.exposeString('experiment', { description: 'Key of the experiment.' }),
    classes: t.exposeInt('classes', { description: 'Number of classes: 4 levels or 2.' }),
    preset: t.exposeString('preset', { description: 'Size of the model: paper, desk or smoke.' }),
    fold: t.exposeInt('fold', { nullable: true, description: 'The one fold that is run; null for all.' }),
    seed: t.expose('seed', { type: 'SafeInt', description: 'Seed: the same one gives the same result.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When it was begun.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    result: t.field({
      type: RunResult,
      nullable: true,
      description: 'Its results; null until it has succeeded.',
      resolve: (run) => (run.hasResult ? run : null),
    }),
    published: t.field({
      type: BaselineScores,
      nullable: true,
      description:
        'What the paper has of the same model, of the study iss; null where it has nothing. `comparable` says whether the two may be compared.',
      resolve: ({ published }) => published,
    }),
    comparable: t.exposeString('comparable', {
      nullable: true,
      description: 'Whether it may be read beside the published results, as a sentence; null until it has succeeded.',
    }),
    marked: t.exposeBoolean('marked', {
      description:
        'True where somebody whose data it was made with has withdrawn since: do not publish it; run it again without them.',
    }),
    checkpoints: t.field({
      type: [Checkpoint],
      nullable: true,
      description:
        'What each fold of a network has learnt, as files (safetensors). They may hold what they learnt from: they need READ of everything that the run read.',
      resolve: async (run, _, context, info) =>
        toldOnce(await context.runs.checkpoints(run.id), 'checkpoints', context, info),
    }),
    provenance: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What it was made from and with: release, digest, seed, code, library; null until it has succeeded.',
      resolve: (run, args, context, info) => (run.hasResult ? figure('provenance')(run, args, context, info) : null),
    }),
  }),
});

builder.queryField('run', (t) =>
  t.field({
    type: BaselineRun,
    nullable: true,
    description: "A run of one's own; null where there is none.",
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { runs }) => runs.get(id),
  }),
);

const RunPreviewFoldType = builder.objectRef<RunPreviewFold>('RunPreviewFold').implement({
  description: 'What one fold of a run would learn from and be tested on.',
  fields: (t) => ({
    fold: t.exposeInt('fold', { description: 'Number of the fold.' }),
    trainPatients: t.exposeInt('trainPatients', { description: 'Patients to learn from.' }),
    testPatients: t.exposeInt('testPatients', { description: 'Patients that are withheld.' }),
    trainRows: t.exposeInt('trainRows', { description: 'Rows (frames, chunks, submissions) to learn from.' }),
    testRows: t.exposeInt('testRows', { description: 'Rows to predict.' }),
  }),
});

const RunPreview = builder.objectRef<RunPreviewFacts>('RunPreview').implement({
  description: 'What a run would be, as of now and under the grant; nothing is begun.',
  fields: (t) => ({
    study: t.exposeString('study', { description: 'Key of the study.' }),
    release: t.exposeString('release', { description: 'Version of the release.' }),
    experiment: t.exposeString('experiment', { description: 'Key of the experiment.' }),
    classes: t.exposeInt('classes', { description: 'Number of classes: 4 levels or 2.' }),
    preset: t.exposeString('preset', { description: 'Size of the model: paper, desk or smoke.' }),
    fold: t.exposeInt('fold', { nullable: true, description: 'The one fold; null for all.' }),
    seed: t.expose('seed', { type: 'SafeInt', description: 'The seed.' }),
    reads: t.field({ type: [ModalityEnum], description: 'What it reads.', resolve: ({ reads }) => [...reads] }),
    comparable: t.exposeString('comparable', {
      description: 'Whether its result may be read beside the published ones, as a sentence.',
    }),
    secondsTypical: t.exposeFloat('secondsTypical', {
      nullable: true,
      description: 'Seconds that such runs have taken; null while none was measured.',
    }),
    waiting: t.exposeInt('waiting', { description: 'Runs of everybody that wait now.' }),
    folds: t.field({
      type: [RunPreviewFoldType],
      nullable: true,
      description: 'Training and test of each fold; needs LABELS.',
      resolve: ({ folds }) => [...seen(folds)],
    }),
  }),
});

builder.queryField('runPreview', (t) =>
  t.field({
    type: RunPreview,
    nullable: true,
    description: 'What `runBaseline` would do with the same input: whether it may, on how many patients and rows.',
    args: {
      study: t.arg.string({ description: 'Key of the study; the one that this server is for unless named.' }),
      release: t.arg.string({ description: 'Version of the release; the newest published one unless named.' }),
      experiment: t.arg.string({ required: true, description: 'Key of the experiment.' }),
      classes: t.arg.int({ description: "2 or 4; the published model's unless named." }),
      preset: t.arg.string({ description: 'Size of the model; desk unless named.' }),
      fold: t.arg.int({ description: 'Number of one fold; none for all.' }),
      seed: t.arg({ type: 'SafeInt', description: 'A whole number from 0 to 4294967295; 0 unless named.' }),
      grant: t.arg.id({ description: 'The grant to act for, instead of the one of the ISS-Grant header.' }),
    },
    resolve: async (_, { study, release, experiment, classes, preset, fold, seed, grant }, { runs }) =>
      seen(
        await runs.preview({
          ...{ study: study ?? null, release: release ?? null, experiment, classes: classes ?? null },
          ...{ preset: preset ?? null, fold: fold ?? null, seed: seed ?? null, grant: grant ?? null },
        }),
      ),
  }),
);

builder.objectField(Viewer, 'runs', (t) =>
  t.field({
    type: [BaselineRun],
    description: 'Their baseline runs, newest first.',
    resolve: async (_, __, { runs }) => [...(await runs.mine())],
  }),
);

const success = (t: SuccessFields<{ readonly run: RunFacts }>) => ({
  run: t.field({ type: BaselineRun, description: 'The run as it stands now.', resolve: ({ run }) => run }),
});

command('runBaseline', {
  description: 'Runs a baseline experiment on a release, under one grant that allows RUN on everything it reads.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    release: t.string({ description: 'Version of the release; the newest published one unless named.' }),
    experiment: t.string({ required: true, description: 'Key of the experiment, for instance random-forest-pain.' }),
    classes: t.int({ description: "2 or 4; the published model's unless named." }),
    preset: t.string({ description: 'Size of the model: paper, desk or smoke; desk unless named.' }),
    fold: t.int({ description: 'Number of one fold, whose results need LABELS; none for all.' }),
    seed: t.field({ type: 'SafeInt', description: 'A whole number from 0 to 4294967295; 0 unless named.' }),
    grant: t.id({ description: 'The grant to act for, instead of the one of the ISS-Grant header.' }),
  }),
  success,
  errors: RUN_ERRORS,
  run: ({ study, release, experiment, classes, preset, fold, seed, grant }, { runs }) =>
    runs.request({
      study: study ?? null,
      release: release ?? null,
      experiment,
      classes: classes ?? null,
      preset: preset ?? null,
      fold: fold ?? null,
      seed: seed ?? null,
      grant: grant ?? null,
    }),
});

command('cancelRun', {
  description: 'Ends a run. One that has ended stays as it is.',
  input: (t) => ({ id: t.id({ required: true, description: 'The run.' }) }),
  success,
  errors: [RunUnknown],
  run: ({ id }, { runs }) => runs.cancel(id),
});
