import { existsSync } from 'node:fs';
import type { Backend } from '../../../pipeline/baselines/network/backend.ts';
import { backendsAtHand, ONNX_BACKEND } from '../../../pipeline/baselines/network/backend-at-hand.ts';
import { NETWORK_INPUTS } from '../../../pipeline/baselines/network/models.ts';
import { NETWORK_TRAINING } from '../../../pipeline/baselines/network/network-experiment.ts';
import { KNOWN_WEIGHTS } from '../../../pipeline/weights/known-weights.ts';
import type { Config } from '../../config.ts';
import { type WeightsInUse, weightsSaid, weightsThere } from '../weights/weights-in-use.ts';
import { weightsPath } from '../weights/weights-store.ts';

export type PaperSettings = Pick<Config, 'dataDirectory' | 'ISS_PAPER_ON_CPU'>;

const WEIGHTS = 'resnet50-imagenet';

/** Where the user's ImageNet weights of ResNet-50 are looked for. */
export const paperWeightsPath = (dataDirectory: string): string => weightsPath(dataDirectory, WEIGHTS);

/** Seconds of one processor for a picture in a step at batch 16 and 224 x 224, as measured (docs/decisions/networks-as-onnx.md). */
const SECONDS_A_PICTURE = 0.3;

/** Pictures of the published study, and how many of ten folds each is learned from. */
const PUBLISHED_PICTURES = 173_011;
const LEARNED_IN = 9;

/** What the preset `paper` of a network lacks on this server with a backend, in sentences; empty where nothing does. */
export function paperLacks(
  { dataDirectory, ISS_PAPER_ON_CPU: onCpu }: PaperSettings,
  { gpu }: Pick<Backend, 'gpu'>,
): readonly string[] {
  const { origin } = KNOWN_WEIGHTS.find(({ key }) => key === WEIGHTS)!;
  const hours = (PUBLISHED_PICTURES * LEARNED_IN * NETWORK_TRAINING.epochs * SECONDS_A_PICTURE) / 3600;
  return [
    ...(existsSync(paperWeightsPath(dataDirectory))
      ? []
      : [
          `It needs ResNet-50’s ImageNet weights, which this server does not have: ${origin}. "iss models add FILE" adds them.`,
        ]),
    ...(onCpu || gpu
      ? []
      : [
          `It needs a GPU, and none is in use here (@tensorflow/tfjs-node-gpu brings one where it is installed): on a processor all ten folds of the published ${PUBLISHED_PICTURES} pictures take about ${Math.round(hours / 100) * 100} hours; an operator allows that with ISS_PAPER_ON_CPU=true.`,
        ]),
  ];
}

/** Weights of a user's that a run would begin with or look at pictures with, as they lie there now. */
export async function weightsOfRun(
  { dataDirectory }: Pick<PaperSettings, 'dataDirectory'>,
  { experiment, preset }: { readonly experiment: string; readonly preset: string },
): Promise<readonly WeightsInUse[]> {
  if (!isNetwork(experiment)) return [];
  const key = preset === 'paper' ? WEIGHTS : preset === 'desk' ? 'efficientnet-lite0' : null;
  const found = key && (await weightsThere(dataDirectory, key));
  return found ? [found] : [];
}

/** The weights that the paper began with, as far as it says: torchvision's of its time. */
const PAPERS = 'torchvision ResNet-50 IMAGENET1K_V1';

/** What a network begun with these ImageNet weights leaves open of the paper's, as a sentence; null where they are known to be torchvision's. */
export const paperDiffers = (weights: WeightsInUse): string | null =>
  weights.published === PAPERS ? null : `it began with ImageNet weights ${weightsSaid(weights)}`;

/** What a run that has not begun would leave out of the paper's, as a sentence; null where nothing. */
export async function wouldDiffer(
  settings: Pick<PaperSettings, 'dataDirectory'>,
  { experiment, preset }: { readonly experiment: string; readonly preset: string },
): Promise<string | null> {
  if (experiment === 'random-forest-pain') return null;
  if (preset !== 'paper') return `the preset ${preset} is smaller than the paper’s`;
  const [begun] = await weightsOfRun(settings, { experiment, preset });
  return begun === undefined ? null : paperDiffers(begun);
}

/**
 * What a run is made with beside code and data, as far as its result depends on it: part of its identity. onnxruntime, of which every run was made before
 * there was another, goes without saying.
 */
export async function madeWith(
  experiment: string,
  weights: readonly WeightsInUse[],
): Promise<Readonly<Record<string, string>>> {
  const { used } = await backendsAtHand();
  const other = isNetwork(experiment) && used !== ONNX_BACKEND;
  return { ...hashesOf(weights), ...(other && { backend: used.name }) };
}

/** SHA-256 of each file of weights by its name. */
export const hashesOf = (weights: readonly WeightsInUse[]): Readonly<Record<string, string>> =>
  Object.fromEntries(weights.map(({ key, sha256 }) => [key, sha256]));

export const isNetwork = (key: string): boolean => key in NETWORK_INPUTS;
