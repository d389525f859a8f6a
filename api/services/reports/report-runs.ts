import type { Reason } from '../../../governance/reasons.ts';
import { publishedBaseline } from '../../../pipeline/published/baselines.ts';
import type { ReportRun } from '../../../pipeline/report/run-tables.ts';
import type { RunCommands } from '../../../schema/services/runs.ts';

export interface ReportRuns {
  readonly runs: readonly ReportRun[];
  /** Why ranges, or results of patients, of one of the runs may not be seen; empty where all may. */
  readonly refusedRanges: readonly Reason[];
  readonly refusedPatients: readonly Reason[];
}

/** One's own last run of each model over all folds of a release, with the published classes, as far as its figures may be seen now. */
export async function reportRuns(runs: RunCommands, releaseId: string): Promise<ReportRuns> {
  const own = (await runs.mine()).filter(
    ({ release, hasResult, fold, experiment, classes }) =>
      release.id === releaseId &&
      hasResult &&
      fold === null &&
      publishedBaseline(experiment as 'fusion-1')?.classes === classes,
  );
  const latest = new Map<string, (typeof own)[number]>();
  for (const run of own) {
    const known = latest.get(run.experiment);
    if (known === undefined || known.createdAt < run.createdAt) latest.set(run.experiment, run);
  }
  const refusedRanges: Reason[] = [];
  const refusedPatients: Reason[] = [];
  const found: ReportRun[] = [];
  for (const { id, experiment, preset, seed } of latest.values()) {
    const ranges = await runs.figure(id, 'ranges');
    const byPatient = await runs.figure(id, 'byPatient');
    if (!ranges.ok) refusedRanges.push(...ranges.reasons);
    if (!byPatient.ok) refusedPatients.push(...byPatient.reasons);
    found.push({
      experiment,
      run: `${preset}, seed ${seed}`,
      ranges: ranges.ok ? ranges.value : null,
      byPatient: byPatient.ok ? byPatient.value : null,
    });
  }
  return { runs: found, refusedRanges, refusedPatients };
}
