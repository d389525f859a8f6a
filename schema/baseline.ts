import { builder } from './builder.ts';
import type { BaselineScoresFacts, ExperimentFacts } from './context.ts';
import { ModalityEnum } from './enums.ts';

const ClassAccuracy = builder.objectRef<BaselineScoresFacts['byClass'][number]>('ClassAccuracy').implement({
  description: 'Accuracy over the patients of one class.',
  fields: (t) => ({
    class: t.exposeString('class', { description: 'The class, a pain level or pain class.' }),
    accuracy: t.exposeFloat('accuracy', { nullable: true, description: 'Mean over its patients; 0 to 1.' }),
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
