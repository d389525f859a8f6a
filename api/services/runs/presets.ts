import { FOREST_TREES } from '../../../pipeline/baselines/forest/random-forest.ts';
import type { Backend } from '../../../pipeline/baselines/network/backend.ts';
import { NETWORK_TRAINING } from '../../../pipeline/baselines/network/network-experiment.ts';
import type { BaselineKey } from '../../../pipeline/published/baselines.ts';
import { isNetwork, type PaperSettings, paperLacks } from './paper.ts';

export type Preset = 'paper' | 'desk' | 'smoke';
export const PRESETS: readonly Preset[] = ['paper', 'desk', 'smoke'];

/** Presets that an experiment can be run with here, and why it cannot with the others. */
export const presetsOf = (
  key: BaselineKey,
  settings: PaperSettings,
  backend: Pick<Backend, 'gpu'>,
): { readonly available: readonly Preset[]; readonly why: string } => {
  const lacks = isNetwork(key) ? paperLacks(settings, backend) : [];
  if (lacks.length === 0) return { available: PRESETS, why: '' };
  return { available: ['desk', 'smoke'], why: `The preset paper trains ResNet-50 whole. ${lacks.join(' ')}` };
};

/** Frames of a submission and trees of a forest. */
export const LANDMARK_SIZES: Readonly<Record<Preset, { frames: number | null; trees: number }>> = {
  paper: { frames: null, trees: FOREST_TREES },
  desk: { frames: 10, trees: FOREST_TREES },
  smoke: { frames: 2, trees: 10 },
};

/** What a desk makes smaller of a network: a fixed network's numbers in place of ResNet-50, a larger step, and fewer frames. */
export const NETWORK_SIZES: Readonly<
  Record<Exclude<Preset, 'paper'>, { frames: number; epochs: number; rate: number }>
> = {
  desk: { frames: 10, epochs: NETWORK_TRAINING.epochs, rate: 1e-3 },
  smoke: { frames: 2, epochs: 2, rate: 1e-3 },
};
