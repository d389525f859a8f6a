import type { FieldNode, GraphQLResolveInfo } from 'graphql/index.js';
import { GraphQLError } from 'graphql/index.js';
import { describeReason, publicReasons } from '../governance/reasons.ts';
import { AccuracyRange, IntervalType } from './baseline.ts';
import { builder, type Types } from './builder.ts';
import type { Context } from './context.ts';
import { PainLevelEnum } from './enums.ts';
import type {
  FigureSeen,
  FoldAccuracyFacts,
  GroupAccuracyFacts,
  PatientAccuracyFacts,
  RunFacts,
  RunFigure,
  RunResultFacts,
} from './services/runs.ts';

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
export function toldOnce<Value>(
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

export const RunResult = builder.objectRef<RunFacts>('RunResult').implement({
  description:
    'Results of a run: means over patients, each predicted by the model of the fold that withheld them. Results of patients, of groups of fewer than five and of a run of one fold need LABELS.',
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
