import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { NETWORK_INPUTS } from '../../../pipeline/baselines/network/models.ts';
import { NETWORK_TRAINING } from '../../../pipeline/baselines/network/network-experiment.ts';
import { KNOWN_WEIGHTS } from '../../../pipeline/weights/known-weights.ts';
import type { Config } from '../../config.ts';
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

/** What the preset `paper` of a network lacks on this server, in sentences; empty where nothing does. */
export function paperLacks({ dataDirectory, ISS_PAPER_ON_CPU: onCpu }: PaperSettings): readonly string[] {
  const { origin } = KNOWN_WEIGHTS.find(({ key }) => key === WEIGHTS)!;
  const hours = (PUBLISHED_PICTURES * LEARNED_IN * NETWORK_TRAINING.epochs * SECONDS_A_PICTURE) / 3600;
  return [
    ...(existsSync(paperWeightsPath(dataDirectory))
      ? []
      : [
          `It needs ResNet-50’s ImageNet weights, which this server does not have: ${origin}. "iss models add FILE" adds them.`,
        ]),
    ...(onCpu
      ? []
      : [
          `It needs a GPU, and there is no backend for one here: on a processor all ten folds of the published ${PUBLISHED_PICTURES} pictures take about ${Math.round(hours / 100) * 100} hours; an operator allows that with ISS_PAPER_ON_CPU=true.`,
        ]),
  ];
}

/** SHA-256 of each file of weights that a run would use, by name: part of its identity. */
export async function weightsOfRun(
  { dataDirectory }: PaperSettings,
  { experiment, preset }: { readonly experiment: string; readonly preset: string },
): Promise<Readonly<Record<string, string>>> {
  if (preset !== 'paper' || !isNetwork(experiment) || !existsSync(paperWeightsPath(dataDirectory))) return {};
  return {
    [WEIGHTS]: createHash('sha256')
      .update(await readFile(paperWeightsPath(dataDirectory)))
      .digest('hex'),
  };
}

export const isNetwork = (key: string): boolean => key in NETWORK_INPUTS;
