import type { Modality } from '../../../governance/modality.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import type { ScoredSubmission } from '../../../pipeline/baselines/random-forest-pain.ts';
import { type Fold, foldsOf } from '../../../pipeline/labels/folds.ts';
import type { Survey } from '../../../pipeline/labels/survey.ts';
import type { Timeframe } from '../../../pipeline/labels/timeframe.ts';
import type { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** What a run reads, as far as the row rule lets its holder have it at this moment. */
export interface RunRows {
  patients: PatientFacts[];
  submissions: ScoredSubmission[];
  folds: Fold[];
}

interface Row {
  code: string;
  painLevel: PatientFacts['painLevel'];
  sex: PatientFacts['sex'];
  skinType: PatientFacts['skinType'];
  device: string | null;
  split: number;
  timestamp: string;
  timeframe: Timeframe;
  painNow: number | null;
  painTime: boolean;
  activity: number;
  mood: number;
  walking: number;
  work: number;
  relationships: number;
  sleep: number;
  enjoyment: number;
}

/**
 * Patients, surveys and folds of a release for experiment 3: rows visible with LABELS and with PAIN_SCORES at this moment. One statement.
 * @param reads other kinds of data with which rows have to be visible instead: what another experiment would find
 */
export async function painRunRows(
  sql: Sql,
  scope: ReleaseScope,
  now: Date,
  reads: readonly Modality[] = ['LABELS', 'PAIN_SCORES'],
): Promise<RunRows> {
  const { rows: rule } = scope;
  const names = { patientId: 'rp.patient_id', submissionId: 'rs.submission_id', consent: 'c' };
  const conditions = reads.flatMap((modality) => rule.conditions(names, { modality, span: null }));
  const statement = scope.sql.statement(
    `SELECT rp.code, rp.pain_level AS "painLevel", rp.sex, rp.skin_type AS "skinType", rp.source_device AS device, rp.split,
       to_char(rs.recorded_at, 'YYYYMMDD"T"HH24MISS') AS timestamp, rs.timeframe,
       s.pain_now AS "painNow", s.pain_time AS "painTime", s.activity, s.mood, s.walking, s.work, s.relationships, s.sleep, s.enjoyment
     FROM release_patient rp JOIN release_submission rs USING (release_id, patient_id) LEFT JOIN survey s ON s.recording_id = rs.recording_id
     ${rule.asksConsent ? rule.consentJoin('rp.patient_id', 'c') : ''}
     WHERE rp.release_id = ${scope.id()} AND ${conditions.join(' AND ')}
     ORDER BY rp.code COLLATE "C", rs.recorded_at, rs.submission_id`,
  );
  const { rows } = await sql.query<Row & Record<string, unknown>>(statement.text, [
    // It writes no entry of the log itself.
    ...statement.values({ now, entryId: '' }),
  ]);
  const patients = [...new Map(rows.map((row) => [row.code, patientOf(row)])).values()];
  const numbers = [...new Set(rows.map((row) => row.split))].sort((a, b) => a - b);
  const groups = numbers.map((number) => [
    ...new Set(rows.filter((row) => row.split === number).map((row) => row.code)),
  ]);
  return {
    patients,
    submissions: rows.map((row) => ({
      patient: row.code,
      timestamp: row.timestamp,
      timeframe: row.timeframe,
      survey: surveyOf(row),
    })),
    // A fold keeps its number where another has lost all its patients.
    folds: foldsOf(groups).map((fold, index) => ({ ...fold, number: numbers[index]! })),
  };
}

const patientOf = (row: Row): PatientFacts => ({
  patient: row.code,
  painLevel: row.painLevel,
  sex: row.sex,
  skinType: row.skinType,
  sourceDevice: row.device,
});

function surveyOf(row: Row): Survey | null {
  if (row.painNow === null) return null;
  const { painNow, painTime, activity, mood, walking, work, relationships, sleep, enjoyment } = row;
  return { painnow: painNow, paintime: painTime, activity, mood, walking, work, relationships, sleep, enjoyment };
}

/**
 * Why these rows cannot be run, or null: fewer than two patients, or a fold that is asked for and of which nobody is left. Who hides whom is not told,
 * so the words are the same whatever the reason.
 */
export function unrunnable(
  { patients, folds }: { readonly patients: readonly PatientFacts[]; readonly folds: readonly Fold[] },
  fold: number | null,
): 'TOO_FEW_PATIENTS' | 'FOLD_HIDDEN' | null {
  if (patients.length < 2) return 'TOO_FEW_PATIENTS';
  return fold !== null && !folds.some(({ number }) => number === fold) ? 'FOLD_HIDDEN' : null;
}

export const UNRUNNABLE = {
  TOO_FEW_PATIENTS: 'The grant lets too few patients be used for training and test.',
  FOLD_HIDDEN:
    'Nothing of the patients whom this fold withholds may be used under the grant now; run another fold, or all of them.',
} as const;

/** Ids of the patients whom a run has read. */
export async function patientIds(
  sql: Sql,
  releaseId: string,
  patients: readonly { readonly patient: string }[],
): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    'SELECT patient_id AS id FROM release_patient WHERE release_id = $1 AND code = ANY ($2::text[])',
    [releaseId, patients.map(({ patient }) => patient)],
  );
  return rows.map(({ id }) => id);
}
