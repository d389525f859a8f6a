import { FRAMES_PER_SECOND, type Modality } from '../../../governance/modality.ts';
import type { RowFilter } from '../../../governance/rows.ts';
import type { Sex, SkinType } from '../../../pipeline/labels/demographics.ts';
import type { PainClass, PainLevel } from '../../../pipeline/labels/pain.ts';
import { parseSubmissionTimestamp, type SubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import type { Timeframe } from '../../../pipeline/labels/timeframe.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import { VisibleRows } from '../../../schema/planner/visible-rows.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';

export type Part = 'TRAIN' | 'TEST' | 'ALL';

/** What an export is of. A fold is named by its number; without one there is no training and no testing, only all. */
export interface ExportScope {
  readonly releaseId: string;
  readonly fold: number | null;
  readonly part: Part;
  readonly modalities: readonly Modality[];
}

/** Which side of the exported fold a patient is on. */
export type Side = 'train' | 'test' | 'all';

export interface SelectedPatient {
  readonly id: string;
  readonly code: string;
  readonly sex: Sex;
  readonly skinType: SkinType;
  readonly ageGroup: string | null;
  /** Read only where PAIN_SCORES is exported. */
  readonly painTarget: number | null;
  readonly painLevel: PainLevel;
  readonly painClass: PainClass;
  readonly cohort: string;
  readonly sourceDevice: string | null;
  readonly split: number;
  readonly side: Side;
  /** Of the exported kinds of data, those that the patient's consent allows. */
  readonly modalities: ReadonlySet<Modality>;
}

export interface SelectedSubmission {
  readonly id: string;
  readonly recordingId: string;
  readonly patient: SelectedPatient;
  /** As released: shifted. */
  readonly at: SubmissionTimestamp;
  readonly timeframe: Timeframe;
  readonly setting: string;
  readonly frameCount: number;
  /** True where no part of its time is in quarantine, so that what is of the whole recording may be seen. */
  readonly whole: boolean;
  /** Numbers of frames (from 1) and of chunks (from 0) that lie in quarantine. */
  readonly hiddenFrames: readonly number[];
  readonly hiddenChunks: readonly number[];
}

export interface Selection {
  /** All that may be seen, of both sides of the fold, by code. */
  readonly patients: readonly SelectedPatient[];
  /** Of the exported part, by code and moment. */
  readonly submissions: readonly SelectedSubmission[];
}

/** Patients of the exported part. */
export const patientsOfPart = ({ patients }: Selection, part: Part): SelectedPatient[] =>
  patients.filter(({ side }) => inPart(side, part));

export const inPart = (side: Side, part: Part): boolean => part === 'ALL' || side === part.toLowerCase();

export const sideOf = (split: number, fold: number | null): Side => {
  if (fold === null) return 'all';
  return split === fold ? 'test' : 'train';
};

type PatientRow = Omit<SelectedPatient, 'side' | 'modalities'> & { modalities: Modality[] };
type SubmissionRow = Omit<SelectedSubmission, 'patient' | 'at'> & { patientId: string; recordedAt: string };

/** Statements of a selection write no entry of the log themselves. */
const NO_ENTRY = '';

/**
 * The rows that may be seen at this moment, by the one translation of the row rule to SQL (schema/planner/visible-rows.ts), as of one snapshot.
 * Holds patients and submissions in memory, and nothing of their data.
 *
 * @param inside the transaction that asks, if one does: who holds a connection and waits for another stops everybody once there are many. Patients and
 * submissions may be of two moments there, each as late as its statement, which is what a check of what is still to be seen wants.
 */
export async function selectRows(
  database: Database,
  of: ExportScope,
  filter: RowFilter,
  timeZone: string,
  inside: Sql | null = null,
): Promise<Selection> {
  return inside === null
    ? database.transaction((sql) => rowsOf(sql, of, filter, timeZone), { isolation: 'repeatable read' })
    : rowsOf(inside, of, filter, timeZone);
}

async function rowsOf(sql: Sql, of: ExportScope, filter: RowFilter, timeZone: string): Promise<Selection> {
  const patients = await selectPatients(sql, of, filter, timeZone);
  const byId = new Map(patients.map((patient) => [patient.id, patient]));
  const submissions = (await submissionRows(sql, of, filter, timeZone)).flatMap(
    ({ patientId, recordedAt, ...row }): SelectedSubmission[] => {
      const patient = byId.get(patientId);
      const at = parseSubmissionTimestamp(recordedAt);
      if (at === undefined) throw new Error('a released submission has no moment');
      return patient === undefined ? [] : [{ ...row, patient, at }];
    },
  );
  return { patients, submissions };
}

/** Patients that may be seen at this moment, each with the kinds of data that they share. */
export async function selectPatients(
  sql: Sql,
  of: Pick<ExportScope, 'releaseId' | 'fold' | 'modalities'>,
  filter: RowFilter,
  timeZone: string,
): Promise<SelectedPatient[]> {
  const scope = new SqlScope();
  const rule = new VisibleRows(scope, filter, timeZone);
  const allowed = of.modalities.map((modality) => {
    const condition = rule.modalityCondition('c', modality) ?? 'true';
    return `CASE WHEN ${condition} THEN ${scope.param(modality, 'text')} END`;
  });
  const statement = scope.statement(
    `SELECT p.patient_id AS id, p.code, p.sex, p.skin_type AS "skinType", p.age_group AS "ageGroup", p.pain_level AS "painLevel", p.pain_class AS "painClass",
       ${of.modalities.includes('PAIN_SCORES') ? 'p.pain_target' : 'NULL::smallint'} AS "painTarget", p.cohort, p.source_device AS "sourceDevice",
       p.split::integer AS split, array_remove(ARRAY[${allowed.join(', ')}], NULL) AS modalities
     FROM release_patient p ${rule.consentJoin('p.patient_id', 'c')}
     WHERE p.release_id = ${scope.param(of.releaseId, 'uuid')}
       AND ${rule.conditions({ patientId: 'p.patient_id', submissionId: null, consent: 'c' }, { modality: 'LABELS', span: null }).join(' AND ')}
     ORDER BY p.code COLLATE "C"`,
  );
  const { rows } = await sql.query<PatientRow & Record<string, unknown>>(statement.text, [
    ...statement.values({ now: filter.now, entryId: NO_ENTRY }),
  ]);
  return rows.map((row) => ({ ...row, side: sideOf(row.split, of.fold), modalities: new Set(row.modalities) }));
}

async function submissionRows(
  sql: Sql,
  of: ExportScope,
  filter: RowFilter,
  timeZone: string,
): Promise<(SubmissionRow & Record<string, unknown>)[]> {
  const scope = new SqlScope();
  const rule = new VisibleRows(scope, filter, timeZone);
  const frame = { from: `(f.number - 1) / ${FRAMES_PER_SECOND}.0`, to: `f.number / ${FRAMES_PER_SECOND}.0` };
  const chunk = { from: 'k.start_seconds', to: 'k.end_seconds' };
  const where = [
    `s.release_id = ${scope.param(of.releaseId, 'uuid')}`,
    ...(of.part === 'ALL' || of.fold === null
      ? []
      : [`p.split ${of.part === 'TEST' ? '=' : '<>'} ${scope.param(of.fold, 'integer')}`]),
    ...rule.submissionConditions('s.submission_id'),
  ];
  const statement = scope.statement(
    `SELECT s.submission_id AS id, s.patient_id AS "patientId", s.recording_id AS "recordingId", to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS "recordedAt",
       s.timeframe, s.setting, r.frame_count AS "frameCount", ${rule.wholeCondition('q')} AS whole,
       CASE WHEN q.lows IS NULL THEN '{}'::integer[]
         ELSE ARRAY(SELECT f.number FROM generate_series(1, r.frame_count) AS f(number) WHERE NOT ${rule.spanCondition('q', frame)} ORDER BY 1) END AS "hiddenFrames",
       CASE WHEN q.lows IS NULL THEN '{}'::integer[]
         ELSE ARRAY(SELECT k.number FROM chunk k WHERE k.recording_id = r.id AND NOT ${rule.spanCondition('q', chunk)} ORDER BY 1) END AS "hiddenChunks"
     FROM release_submission s JOIN release_patient p ON p.release_id = s.release_id AND p.patient_id = s.patient_id
     JOIN recording r ON r.id = s.recording_id ${rule.spansJoin('s.submission_id', 'q')}
     WHERE ${where.join(' AND ')} ORDER BY p.code COLLATE "C", s.recorded_at, s.submission_id`,
  );
  const { rows } = await sql.query<SubmissionRow & Record<string, unknown>>(statement.text, [
    ...statement.values({ now: filter.now, entryId: NO_ENTRY }),
  ]);
  return rows;
}
