import type { Actor } from '../../../governance/actor.ts';
import type { Grouping } from '../../../governance/group-figures.ts';
import type { GroupAccuracy } from '../../../pipeline/baselines/evaluate.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import type { GroupBaselineFacts, GroupFiguresService } from '../../../schema/services/group-figures.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { permitOf } from '../permit.ts';
import { findRelease } from '../releases/find-release.ts';
import { frozenPatients, type KeptGroups, keptGroups } from './kept-groups.ts';

/**
 * Figures of groups for a steward: of recordings as they were when the release was published, and of runs over everybody in it. A withdrawal changes
 * neither, so that two looks around one tell nothing of that patient.
 */
export function groupFigures(deps: CommandDeps, actor: Actor): GroupFiguresService {
  const { database, audit } = deps;
  const permit = permitOf(deps, actor);
  return {
    async figures(study, version) {
      const allowed = await permit('VIEW_GROUP_FIGURES', { query: 'groupFigures' });
      if (!allowed.ok) return allowed;
      const key = study ?? deps.defaultStudy;
      const release = await findRelease(database, key, version ?? (await newestTold(database, key)));
      // A draft has no figures: its patients are not yet anybody's to look at.
      if (release === null || release.state === 'DRAFT') return { ok: true, value: null };
      const { told, quality } = await keptGroups(deps, release.id);
      const baselines = await baselinesOf(database, release.id, told);
      await audit.write(database, {
        accountId: allowed.actor.accountId,
        grantId: null,
        action: 'READ',
        detail: { use: 'GROUP_FIGURES', release: release.id, baselines: baselines.length },
      });
      return { ok: true, value: { study: release.studyKey, release: release.version, quality, baselines } };
    },
  };
}

/** The newest published release that tells groups: one that differs from it in few patients tells none. */
async function newestTold(database: Database, study: string): Promise<string | null> {
  const { rows } = await database.query<{ version: string }>(
    `SELECT r.version FROM release r JOIN study s ON s.id = r.study_id JOIN group_figures g ON g.release_id = r.id
     WHERE s.key = $1 AND r.status = 'PUBLISHED' AND g.told -> 'EVERYBODY' <> '[]' ORDER BY r.published_at DESC LIMIT 1`,
    [study],
  );
  return rows[0]?.version ?? null;
}

const OF_RUNS = [
  { by: 'SEX', of: 'bySex' },
  { by: 'SKIN_TYPE', of: 'bySkinType' },
  { by: 'DEVICE', of: 'byDevice' },
] as const satisfies readonly { by: Grouping; of: string }[];

/** Of each baseline the newest run over all folds and everybody whom the release froze; a withdrawal marks it and changes nothing of it. */
async function baselinesOf(
  database: Database,
  releaseId: string,
  told: KeptGroups['told'],
): Promise<GroupBaselineFacts[]> {
  const { rows } = await database.query<{
    experiment: string;
    classes: number;
    preset: string;
    seed: number;
    result: BaselineResult;
    comparable: string | null;
  }>(
    `SELECT DISTINCT ON (b.experiment, b.classes, b.preset) b.experiment, b.classes, b.preset, b.seed::float8 AS seed, b.result, b.provenance ->> 'comparable' AS comparable
     FROM baseline_run b
     WHERE b.release_id = $1 AND b.result IS NOT NULL AND b.fold IS NULL AND (b.result -> 'evaluation' ->> 'patients')::int = $2
     ORDER BY b.experiment, b.classes, b.preset, b.created_at DESC`,
    [releaseId, await frozenPatients(database, releaseId)],
  );
  return rows.map(({ experiment, classes, preset, seed, result, comparable }) => {
    const { evaluation } = result;
    const groups = OF_RUNS.flatMap(({ by, of }) => {
      const some: readonly GroupAccuracy[] = evaluation[of].filter(({ group }) => told[by].includes(group));
      return some.map(({ group, patients, accuracy, interval }) => ({
        ...{ by, group, patients },
        accuracy: { mean: accuracy, interval: interval ?? null },
      }));
    });
    const overall = { mean: evaluation.overall, interval: evaluation.interval ?? null };
    return { experiment, classes, preset, seed, comparable, patients: evaluation.patients, overall, groups };
  });
}
