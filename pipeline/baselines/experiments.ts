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
  /** Classes that a run here may ask for; none where the experiment cannot be run yet. */
  readonly runnableClasses: readonly (2 | 4)[];
  /** All that a run reads, and so all that a grant for it must name with RUN: LABELS too, for what is to be predicted. */
  readonly reads: readonly Modality[];
  readonly published: PublishedBaseline;
}

const RUNNABLE: Readonly<Partial<Record<BaselineKey, readonly (2 | 4)[]>>> = {
  'random-forest-landmarks': [2, 4],
  'random-forest-pain': [2, 4],
};

/** The eight published models, in the order of Table 5. */
export const EXPERIMENTS: readonly BaselineExperiment[] = PUBLISHED_BASELINES.map((published) => ({
  key: published.key,
  number: published.experiment,
  title: published.title,
  classes: published.classes,
  runnableClasses: RUNNABLE[published.key] ?? [],
  reads: ['LABELS', ...published.data],
  published,
}));

/** The experiment of that key, or undefined. */
export const experimentOf = (key: string): BaselineExperiment | undefined => EXPERIMENTS.find((one) => one.key === key);
