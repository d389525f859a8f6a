import { FOREST_TREES } from '../../../pipeline/baselines/forest/random-forest.ts';
import { runRandomForestLandmarks } from '../../../pipeline/baselines/random-forest-landmarks.ts';
import { runRandomForestPain } from '../../../pipeline/baselines/random-forest-pain.ts';
import type { BaselineKey } from '../../../pipeline/published/baselines.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import { landmarkRunRows } from './landmark-rows.ts';
import { prepareNetwork } from './prepare-network.ts';
import type { Prepare } from './prepared-run.ts';
import { LANDMARK_SIZES } from './presets.ts';
import { painRunRows } from './run-rows.ts';

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
