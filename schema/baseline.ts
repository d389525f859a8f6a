import { builder } from './builder.ts';
import type { ExperimentFacts } from './context.ts';
import { ModalityEnum } from './enums.ts';
import type { AccuracyRangeFacts, BaselineScoresFacts, IntervalFacts } from './services/scores.ts';

const ClassAccuracy = builder.objectRef<BaselineScoresFacts['byClass'][number]>('ClassAccuracy').implement({
  description: 'Accuracy over the patients of one class.',
  fields: (t) => ({
    class: t.exposeString('class', { description: 'The class, a pain level or pain class.' }),
    accuracy: t.exposeFloat('accuracy', { nullable: true, description: 'Mean over its patients; 0 to 1.' }),
  }),
});

export const IntervalType = builder.objectRef<IntervalFacts>('Interval').implement({
  description:
    'Where 95 % of the means lie when as many patients are drawn with replacement 2,000 times (percentile bootstrap over patients, from the seed of the run).',
  fields: (t) => ({
    low: t.exposeFloat('low', { description: 'Lower end; 0 to 1.' }),
    high: t.exposeFloat('high', { description: 'Upper end; 0 to 1.' }),
  }),
});

export const AccuracyRange = builder.objectRef<AccuracyRangeFacts>('AccuracyRange').implement({
  description: 'Patients whose accuracy lies above the first bound and up to the second.',
  fields: (t) => ({
    above: t.exposeFloat('above', { description: 'Lower bound; the lowest range takes 0 in.' }),
    upTo: t.exposeFloat('upTo', { description: 'Upper bound.' }),
    patients: t.exposeInt('patients', { description: 'Number of patients.' }),
  }),
});

export const BaselineScores = builder.objectRef<BaselineScoresFacts>('BaselineScores').implement({
  description:
    'Accuracies of a model: means over patients, each predicted by the model of the fold that withheld them.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'Name of the model.' }),
    classes: t.exposeInt('classes', { description: 'Number of classes: 4 levels or 2.' }),
    overall: t.exposeFloat('overall', { nullable: true, description: 'Mean over all patients; 0 to 1.' }),
    byClass: t.field({
      type: [ClassAccuracy],
      description: 'The same for each class.',
      resolve: ({ byClass }) => [...byClass],
    }),
    ranges: t.field({
      type: [AccuracyRange],
      description: 'Patients by quarters of accuracy (Table 12).',
      resolve: ({ ranges }) => [...ranges],
    }),
    patientsOver50: t.exposeInt('patientsOver50', {
      nullable: true,
      description: 'Patients whose accuracy is over one half (Table 12).',
    }),
    lowest: t.stringList({
      description:
        'Codes of the patients that the model fails on, lowest first (Table 13); none for two of the models.',
      resolve: ({ lowest }) => [...lowest],
    }),
  }),
});

export const BaselineExperiment = builder.objectRef<ExperimentFacts>('BaselineExperiment').implement({
  description: 'One of the baseline experiments of the study, with what was published of it.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in commands, for instance random-forest-pain.' }),
    number: t.exposeInt('number', { description: 'Its number in the paper.' }),
    title: t.exposeString('title', { description: 'What it is called.' }),
    description: t.exposeString('description', { description: 'The model and what it is given.' }),
    modalities: t.field({
      type: [ModalityEnum],
      description: 'What it reads; a run needs the use RUN of each.',
      resolve: ({ modalities }) => [...modalities],
    }),
    classes: t.intList({
      description: 'Numbers of classes that it can be run with.',
      resolve: ({ classes }) => [...classes],
    }),
    published: t.field({
      type: [BaselineScores],
      description: 'The published results.',
      resolve: ({ published }) => [...published],
    }),
  }),
});
