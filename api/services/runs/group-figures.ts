import type { Actor } from '../../../governance/actor.ts';
import { hiddenGroups } from '../../../governance/group-figures.ts';
import { staffFilter } from '../../../governance/rows.ts';
import { type GroupAccuracy, SMALL_GROUP } from '../../../pipeline/baselines/evaluate.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import { patientInterval } from '../../../pipeline/baselines/patient-interval.ts';
import { SEXES, SKIN_TYPES } from '../../../pipeline/labels/demographics.ts';
import type {
  GroupBaselineFacts,
  GroupFiguresService,
  GroupMean,
  GroupOf,
  GroupQualityFacts,
} from '../../../schema/services/group-figures.ts';
import type { Database } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type SelectedPatient, selectRows } from '../exports/selection.ts';
import { permitOf } from '../permit.ts';
import { findRelease } from '../releases/find-release.ts';

const NOTHING: GroupMean = { mean: null, interval: null };

/** Figures of groups for a steward: over what may be seen of a release now, and over whole runs that no withdrawal has marked. */
export function groupFigures(deps: CommandDeps, actor: Actor): GroupFiguresService {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  return {
    async figures(study, version) {
      const allowed = await permit('VIEW_GROUP_FIGURES', { query: 'groupFigures' });
      if (!allowed.ok) return allowed;
      const release = await findRelease(database, study ?? deps.defaultStudy, version);
      // A draft has no figures: its patients are not yet anybody's to look at.
      if (release === null || release.state === 'DRAFT') return { ok: true, value: null };
      const { timeZone } = await currentPolicy(database, clock.now());
      const [quality, baselines] = await Promise.all([
        qualityOf(database, release.id, timeZone, clock.now()),
        baselinesOf(database, release.id),
      ]);
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

const GROUPINGS = [
  { by: 'SEX', of: 'bySex' },
  { by: 'SKIN_TYPE', of: 'bySkinType' },
  { by: 'DEVICE', of: 'byDevice' },
] as const;

async function baselinesOf(database: Database, releaseId: string): Promise<GroupBaselineFacts[]> {
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
     WHERE b.release_id = $1 AND b.result IS NOT NULL AND b.fold IS NULL AND NOT EXISTS (SELECT 1 FROM withdrawal_mark m JOIN withdrawal w ON w.id = m.withdrawal_id
       WHERE m.subject = 'RUN' AND m.subject_id = b.id AND w.taken_back_at IS NULL)
     ORDER BY b.experiment, b.classes, b.preset, b.created_at DESC`,
    [releaseId],
  );
  return rows.map(({ experiment, classes, preset, seed, result, comparable }) => {
    const { evaluation } = result;
    const groups = GROUPINGS.flatMap(({ by, of }) => {
      const some: readonly GroupAccuracy[] = evaluation[of];
      const hidden = hiddenGroups(some.map(({ patients }) => patients));
      return some.map(({ group, patients, small, accuracy, interval }, at) => {
        const told: GroupMean = hidden[at] ? NOTHING : { mean: accuracy, interval: interval ?? null };
        return { by, group, patients, small, hidden: hidden[at] === true, accuracy: told };
      });
    });
    const overall = { mean: evaluation.overall, interval: evaluation.interval ?? null };
    return { experiment, classes, preset, seed, comparable, patients: evaluation.patients, overall, groups };
  });
}

/** Of one patient's recordings that may be seen whole. */
interface PatientQuality extends Record<string, unknown> {
  id: string;
  faceFound: number | null;
  landmarksLost: number | null;
  brightness: number | null;
  contrast: number | null;
  sharpness: number | null;
  loudness: number | null;
  clipping: number | null;
}

const measured = (name: string): string =>
  `avg(CASE WHEN jsonb_typeof(r.quality -> '${name}') = 'number' THEN (r.quality ->> '${name}')::float8 END)`;

const FIGURES = ['faceFound', 'landmarksLost', 'brightness', 'contrast', 'sharpness', 'loudness', 'clipping'] as const;

async function qualityOf(
  database: Database,
  releaseId: string,
  timeZone: string,
  now: Date,
): Promise<GroupQualityFacts[]> {
  const scope = { releaseId, fold: null, part: 'ALL', modalities: ['LABELS'] } as const;
  const { patients, submissions } = await selectRows(database, scope, staffFilter(now), timeZone);
  const { rows } = await database.query<PatientQuality>(
    `SELECT s.patient_id AS id, sum(r.face_count)::float8 / nullif(sum(r.frame_count), 0) AS "faceFound",
       sum(r.face_count - r.landmark_count)::float8 / nullif(sum(r.face_count), 0) AS "landmarksLost",
       ${measured('brightness')} AS brightness, ${measured('contrast')} AS contrast, ${measured('sharpness')} AS sharpness,
       ${measured('loudnessDbfs')} AS loudness, ${measured('clippedShare')} AS clipping
     FROM recording r JOIN submission s ON s.id = r.submission_id WHERE r.id = ANY ($1::uuid[]) GROUP BY s.patient_id`,
    [submissions.flatMap(({ whole, recordingId }) => (whole ? [recordingId] : []))],
  );
  const byPatient = new Map(rows.map((row) => [row.id, row]));
  const devices = [...new Set(patients.map(deviceOf))].sort();
  return [
    ...groupsOf('SEX', SEXES, patients, ({ sex }) => sex),
    ...groupsOf('SKIN_TYPE', SKIN_TYPES, patients, ({ skinType }) => skinType),
    ...groupsOf('DEVICE', devices, patients, deviceOf),
  ].map(({ members, ...group }, place) => {
    const means = FIGURES.map((name, at): [string, GroupMean] => {
      const values = members.flatMap(({ id }) => byPatient.get(id)?.[name] ?? []);
      if (group.hidden || values.length === 0) return [name, NOTHING];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [name, { mean, interval: patientInterval(values, 0, place * FIGURES.length + at) }];
    });
    return { ...group, ...(Object.fromEntries(means) as Record<(typeof FIGURES)[number], GroupMean>) };
  });
}

const deviceOf = ({ sourceDevice }: SelectedPatient): string => sourceDevice ?? 'unknown';

function groupsOf(
  by: GroupOf['by'],
  names: readonly string[],
  patients: readonly SelectedPatient[],
  nameOf: (patient: SelectedPatient) => string,
): (GroupOf & { readonly members: readonly SelectedPatient[] })[] {
  const groups = names.map((name) => patients.filter((patient) => nameOf(patient) === name));
  const hidden = hiddenGroups(groups.map(({ length }) => length));
  return groups.map((members, at) => {
    const count = members.length;
    return {
      by,
      group: names[at] ?? '',
      patients: count,
      small: count < SMALL_GROUP,
      hidden: hidden[at] === true,
      members,
    };
  });
}
