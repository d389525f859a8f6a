import type { Json } from '../../../governance/canonical.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import type { BaselineResult, RunOptions } from '../../../pipeline/baselines/experiment.ts';
import { FOREST_TREES } from '../../../pipeline/baselines/forest/random-forest.ts';
import { runRandomForestLandmarks } from '../../../pipeline/baselines/random-forest-landmarks.ts';
import { runRandomForestPain } from '../../../pipeline/baselines/random-forest-pain.ts';
import type { Fold } from '../../../pipeline/labels/folds.ts';
import type { BaselineKey } from '../../../pipeline/published/baselines.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import type { JobContext } from '../../jobs/job-kind.ts';
import type { FoundRelease } from '../releases/find-release.ts';
import { landmarkRunRows } from './landmark-rows.ts';
import type { RunDeps } from './run.ts';
import { painRunRows } from './run-rows.ts';

export type Preset = 'paper' | 'desk' | 'smoke';
export const PRESETS: readonly Preset[] = ['paper', 'desk', 'smoke'];

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
  start(options: Pick<RunOptions, 'classes' | 'seed' | 'only' | 'onProgress' | 'signal'>): Promise<BaselineResult>;
}

interface Preparing {
  readonly release: FoundRelease;
  readonly decisions: DataDecisions;
  readonly timeZone: string;
  readonly now: Date;
  readonly context: Pick<JobContext, 'signal' | 'progress'>;
}

/** Frames of a submission and trees of a forest. */
const LANDMARK_SIZES: Readonly<Record<Preset, { frames: number | null; trees: number }>> = {
  paper: { frames: null, trees: FOREST_TREES },
  desk: { frames: 10, trees: FOREST_TREES },
  smoke: { frames: 2, trees: 10 },
};

/** The experiments that can be run, each with how its rows are read. */
export const PREPARATIONS: Readonly<
  Partial<Record<BaselineKey, (deps: RunDeps, preset: Preset, of: Preparing) => Promise<PreparedRun>>>
> = {
  'random-forest-pain': async ({ database }, _preset, { release, decisions, timeZone, now }) => {
    const scope = new ReleaseScope(new SqlScope(), release, decisions, timeZone, now);
    const { patients, folds, submissions } = await painRunRows(database, scope, now);
    return {
      patients,
      folds,
      rows: submissions.length,
      parameters: { trees: FOREST_TREES },
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
      parameters: { trees, framesPerSubmission: frames },
      differs: smaller.length === 0 ? null : `the preset ${preset} reads ${smaller.join(' and grows ')}`,
      start: (options) => runRandomForestLandmarks({ ...options, patients, folds, rows, trees }),
    };
  },
};
