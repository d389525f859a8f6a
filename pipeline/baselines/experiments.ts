import type { Modality } from '../../governance/modality.ts';
import { type BaselineKey, PUBLISHED_BASELINES, type PublishedBaseline } from '../published/baselines.ts';

/** One of the published experiments, as the API lists them. */
export interface BaselineExperiment {
  readonly key: BaselineKey;
  /** Number in the paper; the first experiment has two models. */
  readonly number: number;
  readonly title: string;
  /** Classes of the published model. */
  readonly classes: 2 | 4;
  /** Classes that a run here may ask for. */
  readonly runnableClasses: readonly (2 | 4)[];
  /** All that a run reads, and so all that a grant for it must name with RUN: LABELS too, for what is to be predicted. */
  readonly reads: readonly Modality[];
  readonly published: PublishedBaseline;
}

/** Every model can be trained on four levels or two; the first experiment's two models are told apart by just that. */
const classesOf = (key: BaselineKey): readonly (2 | 4)[] => {
  if (key === 'resnet50-4-static') return [4];
  return key === 'resnet50-2-static' ? [2] : [2, 4];
};

/** The eight published models, in the order of Table 5. */
export const EXPERIMENTS: readonly BaselineExperiment[] = PUBLISHED_BASELINES.map((published) => ({
  key: published.key,
  number: published.experiment,
  title: published.title,
  classes: published.classes,
  runnableClasses: classesOf(published.key),
  reads: ['LABELS', ...published.data],
  published,
}));

/** The experiment of that key, or undefined. */
export const experimentOf = (key: string): BaselineExperiment | undefined => EXPERIMENTS.find((one) => one.key === key);
