import type { PainClass, PainLevel } from '../labels/pain.ts';

/** The eight models of Table 5, by key. */
export type BaselineKey =
  | 'resnet50-4-static'
  | 'resnet50-2-static'
  | 'random-forest-landmarks'
  | 'random-forest-pain'
  | 'fusion-1'
  | 'fusion-2'
  | 'fusion-3'
  | 'static-audio';

/** What the paper says that a model reads. */
export type PublishedInput = 'FACES' | 'LANDMARKS' | 'PAIN_SCORES' | 'SPECTROGRAMS' | 'AUDIO_FEATURES';

/** A row of Table 5. Accuracies are shares, means over patients of each patient's accuracy. */
export interface PublishedBaseline {
  /** Number of the experiment; the first has two models. */
  readonly experiment: number;
  readonly key: BaselineKey;
  readonly title: string;
  readonly classes: 2 | 4;
  readonly data: readonly PublishedInput[];
  /** Over all patients. */
  readonly accuracy: number;
  readonly accuracyByClass: Readonly<Partial<Record<PainLevel | PainClass, number>>>;
}

export const PUBLISHED_BASELINES: readonly PublishedBaseline[] = [
  {
    experiment: 1,
    key: 'resnet50-4-static',
    title: 'ResNet50-4-static',
    classes: 4,
    data: ['FACES'],
    accuracy: 0.378,
    accuracyByClass: { NONE: 0.583, LOW: 0.168, MODERATE: 0.252, SEVERE: 0.213 },
  },
  {
    experiment: 1,
    key: 'resnet50-2-static',
    title: 'ResNet50-2-static',
    classes: 2,
    data: ['FACES'],
    accuracy: 0.568,
    accuracyByClass: { NO_PAIN: 0.513, PAIN: 0.612 },
  },
  {
    experiment: 2,
    key: 'random-forest-landmarks',
    title: 'Random Forest LM',
    classes: 2,
    data: ['LANDMARKS'],
    accuracy: 0.373,
    accuracyByClass: { NO_PAIN: 0.479, PAIN: 0.287 },
  },
  {
    experiment: 3,
    key: 'random-forest-pain',
    title: 'Random Forest Pain',
    classes: 2,
    data: ['PAIN_SCORES'],
    accuracy: 0.65,
    accuracyByClass: { NO_PAIN: 0.706, PAIN: 0.602 },
  },
  {
    experiment: 4,
    key: 'fusion-1',
    title: 'Fusion 1',
    classes: 2,
    data: ['FACES', 'LANDMARKS'],
    accuracy: 0.513,
    accuracyByClass: { NO_PAIN: 0.304, PAIN: 0.683 },
  },
  {
    experiment: 5,
    key: 'fusion-2',
    title: 'Fusion 2',
    classes: 2,
    data: ['FACES', 'LANDMARKS', 'PAIN_SCORES'],
    accuracy: 0.631,
    accuracyByClass: { NO_PAIN: 0.563, PAIN: 0.687 },
  },
  {
    experiment: 6,
    key: 'fusion-3',
    title: 'Fusion 3',
    classes: 2,
    data: ['FACES', 'LANDMARKS', 'PAIN_SCORES'],
    accuracy: 0.657,
    accuracyByClass: { NO_PAIN: 0.582, PAIN: 0.717 },
  },
  {
    experiment: 7,
    key: 'static-audio',
    title: 'Static Audio',
    classes: 2,
    data: ['SPECTROGRAMS', 'AUDIO_FEATURES'],
    accuracy: 0.456,
    accuracyByClass: { NO_PAIN: 0.645, PAIN: 0.303 },
  },
];

/** The row of Table 5 for a model. */
export const publishedBaseline = (key: BaselineKey): PublishedBaseline =>
  PUBLISHED_BASELINES.find((row) => row.key === key) as PublishedBaseline;
