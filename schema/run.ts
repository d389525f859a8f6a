import type { FieldNode, GraphQLResolveInfo } from 'graphql/index.js';
import { GraphQLError } from 'graphql/index.js';
import { describeReason, publicReasons } from '../governance/reasons.ts';
import { AccuracyRange, BaselineScores, IntervalType } from './baseline.ts';
import { builder, type Types } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import type { Context } from './context.ts';
import { ModalityEnum, PainLevelEnum } from './enums.ts';
import { seen } from './errors.ts';
import { FileAddress } from './file-address.ts';
import { jobFields } from './job.ts';
import { RUN_ERRORS, RunUnknown } from './run-errors.ts';
import type {
  CheckpointFacts,
  FigureSeen,
  FoldAccuracyFacts,
  GroupAccuracyFacts,
  PatientAccuracyFacts,
  RunFacts,
  RunFigure,
  RunPreviewFacts,
  RunPreviewFold,
  RunQueueFacts,
  RunResultFacts,
} from './services/runs.ts';
import { Viewer } from './viewer.ts';

/** Fields of a document whose refusal was told: one error stands for every run of a list. */
const told = new WeakMap<Context, Set<FieldNode>>();

/** A figure of a run; null with a FORBIDDEN error where it is not the reader's to see. */
export const figure =
  <Name extends RunFigure>(name: Name) =>
  async (
    run: RunFacts,
    _: unknown,
    context: Context,
    info: GraphQLResolveInfo,
  ): Promise<RunResultFacts[Name] | null> => {
    const answer = await context.runs.figure(run.id, name);
    return toldOnce(answer, name, context, info);
  };

/** What was seen, or null with an error; for one field of the document one error. */
function toldOnce<Value>(
  answer: { readonly ok: true; readonly value: Value } | Extract<FigureSeen<RunFigure>, { ok: false }>,
  name: string,
  context: Context,
  info: GraphQLResolveInfo,
): Value | null {
  if (answer.ok) return answer.value;
  const known = told.get(context) ?? new Set();
  told.set(context, known);
  const node = info.fieldNodes[0];
  if (node === undefined || known.has(node)) return null;
  known.add(node);
  const reasons = publicReasons(answer.reasons).map(describeReason);
  throw new GraphQLError(
    `${name} needs access to ${answer.modality}. ${reasons.map(({ sentence }) => sentence).join(' ')}`.trim(),
    { extensions: { code: 'FORBIDDEN', modality: answer.modality, reasons } },
  );
}

/** How far an accuracy may be trusted. */
const certainty = (t: PothosSchemaTypes.ObjectFieldBuilder<Types, GroupAccuracyFacts>) => ({
  interval: t.field({
    type: IntervalType,
    nullable: true,
    description: 'Interval of the accuracy over patients; null for fewer than two of them.',
    resolve: ({ interval }) => interval ?? null,
  }),
  small: t.boolean({
    description: 'True for fewer than five patients: their mean says little, and its interval is too narrow.',
    resolve: ({ small }) => small,
  }),
});

const ClassResult = builder.objectRef<GroupAccuracyFacts>('ClassResult').implement({
  description: 'Accuracy of a run over the patients of one class.',
  fields: (t) => ({
    class: t.exposeString('group', { description: 'The class, a pain level or pain class.' }),
    patients: t.exposeInt('patients', { description: 'Number of its patients.' }),
    accuracy: t.exposeFloat('accuracy', { nullable: true, description: 'Mean over its patients; 0 to 1.' }),
    ...certainty(t),
  }),
});

const GroupResult = builder.objectRef<GroupAccuracyFacts>('GroupResult').implement({
  description: 'Accuracy of a run over a group of patients.',
  fields: (t) => ({
    group: t.exposeString('group', { description: 'The group.' }),
    patients: t.exposeInt('patients', { description: 'Number of its patients.' }),
    accuracy: t.exposeFloat('accuracy', { nullable: true, description: 'Mean over its patients; 0 to 1.' }),
    ...certainty(t),
  }),
});

const FoldResult = builder.objectRef<FoldAccuracyFacts>('FoldResult').implement({
  description: 'Accuracy of a run over the patients that one fold withheld.',
  fields: (t) => ({
    fold: t.exposeInt('fold', { description: 'Number of the fold.' }),
    testPatients: t.stringList({
      description: 'Codes of the patients that it withheld.',
      resolve: ({ testPatients }) => [...testPatients],
    }),
    trainRows: t.exposeInt('trainRows', { description: 'Rows that the model learned from.' }),
    testRows: t.exposeInt('testRows', { description: 'Rows that it predicted.' }),
    accuracy: t.exposeFloat('accuracy', { nullable: true, description: 'Mean over its patients; 0 to 1.' }),
  }),
});

const PatientResult = builder.objectRef<PatientAccuracyFacts>('PatientResult').implement({
  description: 'Accuracy of a run for one patient.',
  fields: (t) => ({
    patient: t.exposeString('patient', { description: 'Code of the patient.' }),
    painLevel: t.field({
      type: PainLevelEnum,
      description: 'Pain level of the patient.',
      resolve: ({ painLevel }) => painLevel as 'NONE',
    }),
    truth: t.exposeString('truth', { description: 'The class to be predicted.' }),
    rows: t.exposeInt('rows', { description: 'Rows that were predicted.' }),
    correct: t.exposeInt('correct', { description: 'Rows that were predicted right.' }),
    accuracy: t.exposeFloat('accuracy', { description: 'Share of rows predicted right.' }),
  }),
});

const RunResult = builder.objectRef<RunFacts>('RunResult').implement({
  description:
    'Results of a run: means over patients, each predicted by the model of the fold that withheld them. Results of patients, and of groups of fewer than five, need LABELS.',
  fields: (t) => ({
    patients: t.int({ nullable: true, description: 'Number of patients.', resolve: figure('patients') }),
    rows: t.int({ nullable: true, description: 'Number of rows predicted.', resolve: figure('rows') }),
    overall: t.float({ nullable: true, description: 'Mean over all patients; 0 to 1.', resolve: figure('overall') }),
    interval: t.field({
      type: IntervalType,
      nullable: true,
      description: 'Interval of the same; null for fewer than two patients.',
      resolve: figure('interval'),
    }),
    byClass: t.field({
      type: [ClassResult],
      nullable: true,
      description: 'The same for each class.',
      resolve: figure('byClass'),
    }),
    byLevel: t.field({
      type: [GroupResult],
      nullable: true,
      description: 'The same for each of the four pain levels.',
      resolve: figure('byLevel'),
    }),
    bySex: t.field({ type: [GroupResult], nullable: true, description: 'The same by sex.', resolve: figure('bySex') }),
    bySkinType: t.field({
      type: [GroupResult],
      nullable: true,
      description: 'The same by skin type.',
      resolve: figure('bySkinType'),
    }),
    byDevice: t.field({
      type: [GroupResult],
      nullable: true,
      description: 'The same by recording device.',
      resolve: figure('byDevice'),
    }),
    byFold: t.field({
      type: [FoldResult],
      nullable: true,
      description: 'The same by fold.',
      resolve: figure('byFold'),
    }),
    byPatient: t.field({
      type: [PatientResult],
      nullable: true,
      description: 'The accuracy of each patient.',
      resolve: figure('byPatient'),
    }),
    ranges: t.field({
      type: [AccuracyRange],
      nullable: true,
      description: 'Patients by quarters of accuracy, as in Table 12 of the paper.',
      resolve: figure('ranges'),
    }),
    patientsOver50: t.int({
      nullable: true,
      description: 'Patients whose accuracy is over one half.',
      resolve: figure('patientsOver50'),
    }),
    lowest: t.field({
      type: [PatientResult],
      nullable: true,
      description:
        'The five patients with the lowest accuracy, as in Table 13 of the paper; of equals the lower code first.',
      resolve: figure('lowest'),
    }),
    tiedWithLowest: t.int({
      nullable: true,
      description: 'Patients beyond those who are no better than the last of them.',
      resolve: figure('tiedWithLowest'),
    }),
  }),
});

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
      description: 'True where somebody whose data it was made with has withdrawn since: it is not given out any more.',
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
    fold: t.int({ description: 'Number of one fold; none for all.' }),
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
