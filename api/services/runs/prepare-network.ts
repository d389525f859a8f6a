import { createHash } from 'node:crypto';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { backendsAtHand } from '../../../pipeline/baselines/network/backend-at-hand.ts';
import {
  type Backbone as NetworkBackbone,
  type NetworkKey,
  networkOf,
} from '../../../pipeline/baselines/network/models.ts';
import { NETWORK_TRAINING, runNetworkExperiment } from '../../../pipeline/baselines/network/network-experiment.ts';
import { openEmbedding, openLite0Embedding } from '../../../pipeline/baselines/network/picture-embedding.ts';
import { PICTURE_SIDE } from '../../../pipeline/baselines/network/picture-transform.ts';
import { pretrainedTensors } from '../../../pipeline/baselines/network/pretrained.ts';
import { readFaceMeshPackage } from '../../../pipeline/faces/face-mesh-package.ts';
import { JobFailure } from '../../jobs/job-kind.ts';
import { readWeights, type WeightsInUse, weightsSaid } from '../weights/weights-in-use.ts';
import { type Backbone, keptEmbeddings } from './kept-embeddings.ts';
import { networkRunRows } from './network-rows.ts';
import { paperDiffers } from './paper.ts';
import { wholePictures } from './picture-source.ts';
import type { Prepare } from './prepared-run.ts';
import { NETWORK_SIZES, type Preset, presetsOf } from './presets.ts';

/** How a network's rows are read and what it trains on: whole pictures with `paper`, otherwise the numbers of a fixed network. */
export const prepareNetwork =
  (key: NetworkKey): Prepare =>
  async (deps, preset, { release, decisions, timeZone, now, context, weights }) => {
    const of = { releaseId: release.id, labels: decisions.LABELS, timeZone, now, reads: experimentOf(key)!.reads };
    const watch = {
      signal: context.signal,
      progress: (done: number, total: number) => context.progress({ stage: 'reading pictures', done, total }),
    };
    const { used: backend } = await backendsAtHand();
    const training = { batch: NETWORK_TRAINING.batch, backend: backend.name };
    if (preset === 'paper') {
      const { available, why } = presetsOf(key, deps.config, backend);
      const [begun] = weights;
      if (!available.includes(preset) || !begun) throw new JobFailure('PRESET_UNKNOWN', why);
      const { epochs, rate } = NETWORK_TRAINING;
      const file = await readWeights(deps.config.dataDirectory, begun);
      const { patients, folds, rows } = await networkRunRows(deps, key, of, null, wholePictures(deps), watch);
      return {
        ...{ patients, folds, rows: rows.patients.length, differs: paperDiffers(begun) },
        parameters: {
          ...{ backbone: 'ResNet-50, begun with ImageNet weights, trained whole', epochs, rate, ...training },
          framesPerSubmission: null,
        },
        start: ({ classes, ...options }) => {
          const network = networkOf(key, classes, { kind: 'resnet50', size: PICTURE_SIDE });
          const pretrained = pretrainedTensors(network, file);
          return runNetworkExperiment(key, network, {
            ...{ ...options, classes, patients, folds, rows, epochs, rate, pretrained, backend },
          });
        },
      };
    }
    const { frames, epochs, rate } = NETWORK_SIZES[preset];
    const backbone = await openBackbone(key, deps.config.dataDirectory, weights);
    const began = performance.now();
    const pictures = keptEmbeddings(deps, backbone);
    const { patients, folds, rows } = await networkRunRows(deps, key, of, frames, pictures, watch).finally(() =>
      backbone.close(),
    );
    const secondsReading = (performance.now() - began) / 1000;
    return {
      ...{ patients, folds, rows: rows.patients.length, differs: smallerThanPaper(preset, backbone) },
      parameters: {
        ...{ backbone: backbone.name, backboneSha256: backbone.sha256, epochs, rate, ...training },
        framesPerSubmission: key === 'static-audio' ? null : frames,
        secondsReading,
      },
      start: ({ classes, ...options }) => {
        const small: NetworkBackbone = { kind: 'embedding', numbers: backbone.numbers };
        return runNetworkExperiment(key, networkOf(key, classes, small), {
          ...{ ...options, classes, patients, folds, rows, epochs, rate, backend },
        });
      },
    };
  };

/** The network that makes numbers of pictures: EfficientNet-Lite0 where the run has its weights, otherwise one of the face chain. */
async function openBackbone(
  key: NetworkKey,
  dataDirectory: string,
  [weights]: readonly WeightsInUse[],
): Promise<Backbone & { readonly user: string | null; close(): Promise<void> }> {
  if (weights) {
    const embedding = await openLite0Embedding(await readWeights(dataDirectory, weights));
    return { ...embedding, sha256: weights.sha256, user: weightsSaid(weights) };
  }
  const [models, kind] = [readFaceMeshPackage(), key === 'static-audio' ? 'detector' : 'mesh'] as const;
  const hash = createHash('sha256').update(models[kind]).digest('hex');
  return { ...(await openEmbedding(models, kind)), sha256: hash, user: null };
}

const smallerThanPaper = (preset: Preset, { user }: { readonly user: string | null }): string =>
  user === null
    ? `the preset ${preset} trains on the numbers of a small fixed network instead of ResNet-50`
    : `the preset ${preset} trains on the numbers of EfficientNet-Lite0, fixed (its weights ${user}), instead of ResNet-50`;
