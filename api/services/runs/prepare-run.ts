import { readFile } from 'node:fs/promises';
import type { Json } from '../../../governance/canonical.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import type { BaselineResult, RunOptions } from '../../../pipeline/baselines/experiment.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { FOREST_TREES } from '../../../pipeline/baselines/forest/random-forest.ts';
import { type Backbone, type NetworkKey, networkOf } from '../../../pipeline/baselines/network/models.ts';
import { NETWORK_TRAINING, runNetworkExperiment } from '../../../pipeline/baselines/network/network-experiment.ts';
import { openEmbedding } from '../../../pipeline/baselines/network/picture-embedding.ts';
import { PICTURE_SIDE } from '../../../pipeline/baselines/network/picture-transform.ts';
import { pretrainedTensors } from '../../../pipeline/baselines/network/pretrained.ts';
import type { TrainingMemory } from '../../../pipeline/baselines/network/training-state.ts';
import { runRandomForestLandmarks } from '../../../pipeline/baselines/random-forest-landmarks.ts';
import { runRandomForestPain } from '../../../pipeline/baselines/random-forest-pain.ts';
import { readFaceMeshPackage } from '../../../pipeline/faces/face-mesh-package.ts';
import type { Fold } from '../../../pipeline/labels/folds.ts';
import type { BaselineKey } from '../../../pipeline/published/baselines.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import { type JobContext, JobFailure } from '../../jobs/job-kind.ts';
import type { FoundRelease } from '../releases/find-release.ts';
import { landmarkRunRows } from './landmark-rows.ts';
import { networkRunRows } from './network-rows.ts';
import { isNetwork, type PaperSettings, paperLacks, paperWeightsPath } from './paper.ts';
import type { RunDeps } from './run.ts';
import { painRunRows } from './run-rows.ts';

export type Preset = 'paper' | 'desk' | 'smoke';
export const PRESETS: readonly Preset[] = ['paper', 'desk', 'smoke'];

/** Presets that an experiment can be run with here, and why it cannot with the others. */
export const presetsOf = (
  key: BaselineKey,
  settings: PaperSettings,
): { readonly available: readonly Preset[]; readonly why: string } => {
  const lacks = isNetwork(key) ? paperLacks(settings) : [];
  if (lacks.length === 0) return { available: PRESETS, why: '' };
  return { available: ['desk', 'smoke'], why: `The preset paper trains ResNet-50 whole. ${lacks.join(' ')}` };
};

/** What an experiment reads was read, and can be run. */
export interface PreparedRun {
  readonly patients: readonly PatientFacts[];
  readonly folds: readonly Fold[];
  /** Rows of data. */
  readonly rows: number;
  /** What the preset fixed, for the record beside the result. */
  readonly parameters: { readonly [name: string]: Json };
  /** What the preset left out of the paper's, as a sentence; null where nothing. */
  readonly differs: string | null;
  start(
    options: Pick<RunOptions, 'classes' | 'seed' | 'only' | 'onProgress' | 'signal'> & {
      /** Of networks: where epochs and checkpoints are kept. */
      readonly memory?: TrainingMemory;
    },
  ): Promise<BaselineResult>;
}

interface Preparing {
  readonly release: FoundRelease;
  readonly decisions: DataDecisions;
  readonly timeZone: string;
  readonly now: Date;
  readonly context: Pick<JobContext, 'signal' | 'progress'>;
}

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

type Prepare = (deps: RunDeps, preset: Preset, of: Preparing) => Promise<PreparedRun>;

const prepareNetwork =
  (key: NetworkKey): Prepare =>
  async (deps, preset, { release, decisions, timeZone, now, context }) => {
    const paper = preset === 'paper';
    if (paper && !presetsOf(key, deps.config).available.includes(preset))
      throw new JobFailure('PRESET_UNKNOWN', presetsOf(key, deps.config).why);
    const { frames, epochs, rate } = paper ? { ...NETWORK_TRAINING, frames: null } : NETWORK_SIZES[preset];
    const weights = paper ? await readFile(paperWeightsPath(deps.config.dataDirectory)) : null;
    const embedding = paper
      ? null
      : await openEmbedding(readFaceMeshPackage(), key === 'static-audio' ? 'detector' : 'mesh');
    const of = { releaseId: release.id, labels: decisions.LABELS, timeZone, now, reads: experimentOf(key)!.reads };
    const watch = {
      signal: context.signal,
      progress: (done: number, total: number) => context.progress({ stage: 'reading pictures', done, total }),
    };
    const { patients, folds, rows } = await networkRunRows(deps, key, of, frames, embedding, watch).finally(() =>
      embedding?.close(),
    );
    return {
      patients,
      folds,
      rows: rows.patients.length,
      parameters: {
        ...{
          backbone: embedding?.name ?? 'ResNet-50, begun with ImageNet weights, trained whole',
          epochs,
          rate,
          batch: NETWORK_TRAINING.batch,
          backend: 'onnxruntime-node',
        },
        framesPerSubmission: key === 'static-audio' ? null : frames,
      },
      differs: paper
        ? null
        : `the preset ${preset} trains on the numbers of a small fixed network instead of ResNet-50`,
      start: ({ classes, ...options }) => {
        const backbone: Backbone = embedding
          ? { kind: 'embedding', numbers: embedding.numbers }
          : { kind: 'resnet50', size: PICTURE_SIDE };
        const network = networkOf(key, classes, backbone);
        return runNetworkExperiment(key, network, {
          ...{ ...options, classes, patients, folds, rows, epochs, rate },
          ...(weights && { pretrained: pretrainedTensors(network, weights) }),
        });
      },
    };
  };

/** The experiments, each with how its rows are read. */
export const PREPARATIONS: Readonly<Record<BaselineKey, Prepare>> = {
  'resnet50-4-static': prepareNetwork('resnet50-4-static'),
  'resnet50-2-static': prepareNetwork('resnet50-2-static'),
  'fusion-1': prepareNetwork('fusion-1'),
  'fusion-2': prepareNetwork('fusion-2'),
  'fusion-3': prepareNetwork('fusion-3'),
  'static-audio': prepareNetwork('static-audio'),
  'random-forest-pain': async ({ database }, _preset, { release, decisions, timeZone, now }) => {
    const scope = new ReleaseScope(new SqlScope(), release, decisions, timeZone, now);
    const { patients, folds, submissions } = await painRunRows(database, scope, now);
    return {
      patients,
      folds,
      rows: submissions.length,
      parameters: { trees: FOREST_TREES, backend: 'javascript' },
      // There is nothing to make smaller: every preset is the paper's forest.
      differs: null,
      start: (options) => runRandomForestPain({ ...options, patients, folds, submissions }),
    };
  },
  'random-forest-landmarks': async (deps, preset, { release, decisions, timeZone, now, context }) => {
    const { frames, trees } = LANDMARK_SIZES[preset];
    const of = { releaseId: release.id, labels: decisions.LABELS, timeZone, now };
    const { patients, folds, rows } = await landmarkRunRows(deps, of, frames, {
      signal: context.signal,
      progress: (done, total) => context.progress({ stage: 'reading landmarks', done, total }),
    });
    const smaller = [
      ...(frames === null ? [] : [`at most ${frames} frames of each submission`]),
      ...(trees === FOREST_TREES ? [] : [`${trees} trees`]),
    ];
    return {
      patients,
      folds,
      rows: rows.patients.length,
      parameters: { trees, framesPerSubmission: frames, backend: 'javascript' },
      differs: smaller.length === 0 ? null : `the preset ${preset} reads ${smaller.join(' and grows ')}`,
      start: (options) => runRandomForestLandmarks({ ...options, patients, folds, rows, trees }),
    };
  },
};
