import type { Json } from '../../../governance/canonical.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import type { BaselineResult, RunOptions } from '../../../pipeline/baselines/experiment.ts';
import type { TrainingMemory } from '../../../pipeline/baselines/network/training-state.ts';
import type { Fold } from '../../../pipeline/labels/folds.ts';
import type { JobContext } from '../../jobs/job-kind.ts';
import type { FoundRelease } from '../releases/find-release.ts';
import type { WeightsInUse } from '../weights/weights-in-use.ts';
import type { Preset } from './presets.ts';
import type { RunDeps } from './run.ts';

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

export interface Preparing {
  readonly release: FoundRelease;
  readonly decisions: DataDecisions;
  readonly timeZone: string;
  readonly now: Date;
  readonly context: Pick<JobContext, 'signal' | 'progress'>;
  /** Weights of a user's that are part of what the run is. */
  readonly weights: readonly WeightsInUse[];
}

/** Reads what an experiment needs, as far as its holder may use it now. */
export type Prepare = (deps: RunDeps, preset: Preset, of: Preparing) => Promise<PreparedRun>;
