import { staffFilter } from '../../../governance/rows.ts';
import { patientInterval } from '../../../pipeline/baselines/patient-interval.ts';
import { SEXES, SKIN_TYPES } from '../../../pipeline/labels/demographics.ts';
import type { GroupMean, GroupQualityFacts } from '../../../schema/services/group-figures.ts';
import type { Database } from '../../adapters/database/database.ts';
import { type SelectedPatient, selectRows } from '../exports/selection.ts';

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

/** Quality of what was recorded with the patients of a release, by every group, as far as staff may see it now; not yet fit to be told. */
export async function groupQuality(
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
      if (values.length === 0) return [name, { mean: null, interval: null }];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [name, { mean, interval: patientInterval(values, 0, place * FIGURES.length + at) }];
    });
    return { ...group, ...(Object.fromEntries(means) as Record<(typeof FIGURES)[number], GroupMean>) };
  });
}

/** As runs name it. */
export const deviceOf = ({ sourceDevice }: { readonly sourceDevice: string | null }): string =>
  sourceDevice ?? 'unknown';

const groupsOf = (
  by: GroupQualityFacts['by'],
  names: readonly string[],
  patients: readonly SelectedPatient[],
  nameOf: (patient: SelectedPatient) => string,
) =>
  names.map((group) => {
    const members = patients.filter((patient) => nameOf(patient) === group);
    return { by, group, patients: members.length, members };
  });
