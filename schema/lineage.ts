import { builder } from './builder.ts';
import { ModalityEnum } from './enums.ts';
import { BaselineRun } from './run.ts';
import { figure } from './run-result.ts';
import type { LineageFacts } from './services/runs.ts';

const DerivativeEnum = builder.enumType('Derivative', {
  description: 'What was made from patients.',
  values: {
    RUN: { description: 'A result of a run.' },
    CHECKPOINT: { description: 'What a fold of a run has learnt.' },
  } as const,
});

/** Of the run's provenance what is not said beside it. */
const APART: readonly string[] = ['release', 'study', 'synthetic', 'reads', 'seed', 'preset', 'codeVersion', 'weights'];

const Lineage = builder.objectRef<LineageFacts>('Lineage').implement({
  description: 'Where a result or a checkpoint comes from: from whom, by which code, parameters, weights and seed.',
  fields: (t) => ({
    artifact: t.exposeID('artifact', { description: 'Its id.' }),
    kind: t.field({ type: DerivativeEnum, description: 'What it is.', resolve: ({ kind }) => kind }),
    run: t.field({ type: BaselineRun, description: 'The run that made it.', resolve: ({ run }) => run }),
    fold: t.exposeInt('fold', { nullable: true, description: 'The one fold that it is of; null for all.' }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'Kinds of data that it was made from.',
      resolve: ({ modalities }) => [...modalities],
    }),
    release: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The release with its digest, and what withdrawals had left of it. Needs BASELINES, as do code, weights and parameters.',
      resolve: async ({ run }, args, context, info) =>
        run.hasResult ? ((await figure('provenance')(run, args, context, info))?.release ?? null) : null,
    }),
    code: t.string({
      nullable: true,
      description: 'Version of the code.',
      resolve: async ({ run }, args, context, info) => {
        const made = run.hasResult ? await figure('provenance')(run, args, context, info) : null;
        return made === null ? null : String(made.codeVersion);
      },
    }),
    weights: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Pretrained weights that it began with; null for none.',
      resolve: async ({ run }, args, context, info) =>
        run.hasResult ? ((await figure('provenance')(run, args, context, info))?.weights ?? null) : null,
    }),
    parameters: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What else its making depended on.',
      resolve: async ({ run }, args, context, info) => {
        const made = run.hasResult ? await figure('provenance')(run, args, context, info) : null;
        return made && Object.fromEntries(Object.entries(made).filter(([name]) => !APART.includes(name)));
      },
    }),
    patients: t.stringList({
      nullable: true,
      description: 'Codes of the patients that it was made from, but for those who have withdrawn; needs LABELS.',
      resolve: async ({ run }, args, context, info) => {
        const codes = run.hasResult ? await figure('madeFrom')(run, args, context, info) : null;
        return codes && [...codes];
      },
    }),
  }),
});

builder.queryField('lineage', (t) =>
  t.field({
    type: Lineage,
    nullable: true,
    description: "Where a run's result or a checkpoint of one's own comes from; null where there is none.",
    args: { artifact: t.arg.id({ required: true, description: 'Id of the run or checkpoint.' }) },
    resolve: (_, { artifact }, { runs }) => runs.lineage(artifact),
  }),
);
