import { FRAMES_PER_SECOND } from '../../../governance/modality.ts';
import type { RowFilter } from '../../../governance/rows.ts';
import { cohortOf } from '../../../pipeline/labels/cohort.ts';
import type { Sex, SkinType } from '../../../pipeline/labels/demographics.ts';
import { painLevelOf } from '../../../pipeline/labels/pain.ts';
import type { ReportPatient, ReportRecording } from '../../../pipeline/report/report-table.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { selectRows } from '../exports/selection.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';

export interface ReportRows {
  readonly patients: readonly ReportPatient[];
  readonly recordings: readonly ReportRecording[];
}

interface Counts extends Record<string, unknown> {
  readonly id: string;
  readonly frames: number;
  readonly seconds: number;
  readonly chunks: number;
  readonly faces: number;
  readonly landmarks: number;
  /** Of recordings of which a part is in quarantine: which frames have a face, and which landmarks. */
  readonly withFace: boolean[] | null;
  readonly withLandmarks: boolean[] | null;
}

/** What of a release is counted, as far as these rows may be seen at this moment. @param faces whether faces may be counted */
export async function reportRows(
  database: Database,
  of: { readonly releaseId: string; readonly filter: RowFilter; readonly timeZone: string; readonly faces: boolean },
): Promise<ReportRows> {
  const scope = { releaseId: of.releaseId, fold: null, part: 'ALL', modalities: ['LABELS', 'LANDMARKS'] } as const;
  const { patients, submissions } = await selectRows(database, scope, of.filter, of.timeZone);
  const partly = submissions.filter(({ whole }) => !whole).map(({ recordingId }) => recordingId);
  const { rows } = await database.query<Counts>(
    `SELECT r.id, coalesce(r.frame_count, 0) AS frames, coalesce(r.duration_seconds, 0)::float8 AS seconds, coalesce(r.chunk_count, 0) AS chunks,
       coalesce(r.face_count, 0) AS faces, coalesce(r.landmark_count, 0) AS landmarks,
       to_json(ARRAY(SELECT s IS NOT NULL FROM unnest(f.score) WITH ORDINALITY AS u(s, n) ORDER BY n)) AS "withFace", to_json(f.landmarks_found) AS "withLandmarks"
     FROM recording r LEFT JOIN frame_record f ON f.recording_id = r.id AND r.id = ANY ($2::uuid[]) WHERE r.id = ANY ($1::uuid[])`,
    [submissions.map(({ recordingId }) => recordingId), partly],
  );
  const counts = new Map(rows.map((row) => [row.id, row]));
  return {
    patients: patients.map(({ code, sex, skinType, painLevel, painClass, cohort, sourceDevice, split }) => ({
      ...{ code, sex, skinType, painLevel, painClass, cohort, sourceDevice, split },
    })),
    recordings: submissions.flatMap((submission): ReportRecording[] => {
      const found = counts.get(submission.recordingId);
      if (found === undefined) return [];
      const { patient, whole, hiddenFrames, hiddenChunks } = submission;
      const frames = found.frames - hiddenFrames.length;
      const hidden = new Set(hiddenFrames);
      const seen = (flags: boolean[] | null): number =>
        (flags ?? []).filter((flag, i) => flag && !hidden.has(i + 1)).length;
      // Where a patient does not share landmarks, there are none for whoever asks.
      const shared = patient.modalities.has('LANDMARKS');
      const counted = (all: number, flags: boolean[] | null): number | null => {
        if (!of.faces) return null;
        if (!shared) return 0;
        return whole ? all : seen(flags);
      };
      return [
        {
          patient: patient.code,
          frames,
          seconds: whole ? found.seconds : frames / FRAMES_PER_SECOND,
          chunks: found.chunks - hiddenChunks.length,
          faces: counted(found.faces, found.withFace),
          landmarks: counted(found.landmarks, found.withLandmarks),
        },
      ];
    }),
  };
}

/** How many patients of the study are enrolled in each cohort, those without anything readable among them; who has stopped sharing is not. */
export async function enrolledByCohort(sql: Sql, studyId: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql.query<{ sex: Sex; skinType: SkinType; painTarget: number; count: number }>(
    `SELECT sex, skin_type AS "skinType", pain_target AS "painTarget", count(*)::int AS count FROM patient p WHERE study_id = $1
       AND NOT ${hasStoppedSharing('p.id')}
     GROUP BY sex, skin_type, pain_target`,
    [studyId],
  );
  const counts = new Map<string, number>();
  for (const { sex, skinType, painTarget, count } of rows) {
    const cohort = cohortOf(painLevelOf(painTarget), skinType, sex);
    counts.set(cohort, (counts.get(cohort) ?? 0) + count);
  }
  return counts;
}
