import { drawDayShift } from '../../../governance/dates.ts';
import type { Enrolment } from '../../../pipeline/labels/enrolment.ts';
import type { Ids } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { consentsAsBefore } from '../backup/awaited-endings.ts';
import type { Study } from '../study.ts';

/** What an enrolment file changed of a patient who was enrolled before; null where nothing is recorded. */
export interface EnrolmentCorrection {
  readonly patientId: string;
  readonly patient: string;
  readonly field: (typeof CORRECTED)[number];
  readonly from: string | null;
  readonly to: string | null;
}

const CORRECTED = ['sex', 'skinType', 'painTarget', 'sourceDevice', 'ageGroup', 'enrolledOn', 'split'] as const;

/**
 * Adds patients, or corrects what the newest enrolment file says of them; a published release keeps what it said, and nothing is written of somebody
 * whose data are to be erased. In the order of their codes, so that two drops at once do not wait for each other.
 * @returns what was corrected, by code
 */
export async function enrolAll(
  sql: Sql,
  { ids }: { ids: Ids },
  study: Study,
  patients: readonly Enrolment[],
  now: Date,
): Promise<EnrolmentCorrection[]> {
  const before = await enrolledBefore(sql, study.id, patients);
  const rows = patients.map((patient) => ({ ...patient, id: ids.uuid() }));
  const { rows: written } = await sql.query<{ id: string; code: string; fresh: boolean }>(
    `INSERT INTO patient (id, study_id, code, sex, skin_type, pain_target, source_device, age_group, enrolled_on, fold, created_at, updated_at)
     SELECT id, $1, patient, sex, "skinType", "painTarget", "sourceDevice", "ageGroup", "enrolledOn", split, $3, $3
     FROM jsonb_to_recordset($2) AS p(id uuid, patient text, sex text, "skinType" text, "painTarget" int, "sourceDevice" text, "ageGroup" text, "enrolledOn" date, split int)
     ORDER BY patient COLLATE "C"
     ON CONFLICT (study_id, code) DO UPDATE SET sex = excluded.sex, skin_type = excluded.skin_type, pain_target = excluded.pain_target,
       source_device = excluded.source_device, age_group = excluded.age_group, enrolled_on = excluded.enrolled_on, fold = excluded.fold, updated_at = excluded.updated_at
       WHERE NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = patient.id AND w.kind = 'ERASE' AND w.taken_back_at IS NULL)
     RETURNING id, code, (xmax = 0) AS fresh`,
    [study.id, JSON.stringify(rows), now],
  );
  const fresh = written.filter((row) => row.fresh);
  const corrections = correctionsOf(before, patients, new Set(written.map(({ code }) => code)));
  if (fresh.length === 0) return corrections;
  await sql.query(
    'INSERT INTO patient_secret (patient_id, date_shift_days) SELECT * FROM unnest($1::uuid[], $2::int[])',
    [fresh.map((row) => row.id), fresh.map(() => drawDayShift((limit) => randomBelow(ids, limit)))],
  );
  // Who is under age needs a record of their own, with the day they come of age: until then nobody sees their rows.
  const adults = new Set(patients.filter((patient) => patient.ageGroup === 'ADULT').map((patient) => patient.patient));
  const asBefore = await consentsAsBefore(
    sql,
    fresh.map((row) => row.id),
  );
  const consenting = fresh.filter((row) => adults.has(row.code) && !asBefore.has(row.id));
  const { consent } = study.description;
  await sql.query(
    `INSERT INTO consent (id, patient_id, version, uses, modalities, effective_at, recorded_at)
     SELECT id, patient, $3, $4, $5, $6, $6 FROM unnest($1::uuid[], $2::uuid[]) AS c(id, patient)`,
    [
      consenting.map(() => ids.uuid()),
      consenting.map((row) => row.id),
      consent.version,
      consent.uses,
      consent.modalities,
      now,
    ],
  );
  return corrections;
}

type Known = Pick<Enrolment, (typeof CORRECTED)[number]> & { readonly id: string; readonly code: string };

async function enrolledBefore(sql: Sql, studyId: string, patients: readonly Enrolment[]): Promise<readonly Known[]> {
  const { rows } = await sql.query<Known & Record<string, unknown>>(
    `SELECT id, code, sex, skin_type AS "skinType", pain_target AS "painTarget", source_device AS "sourceDevice", age_group AS "ageGroup",
       to_char(enrolled_on, 'YYYY-MM-DD') AS "enrolledOn", fold AS split
     FROM patient WHERE study_id = $1 AND code = ANY ($2) ORDER BY code COLLATE "C" FOR UPDATE`,
    [studyId, patients.map(({ patient }) => patient)],
  );
  return rows;
}

function correctionsOf(
  before: readonly Known[],
  patients: readonly Enrolment[],
  written: ReadonlySet<string>,
): EnrolmentCorrection[] {
  const now = new Map(patients.map((patient) => [patient.patient, patient]));
  const text = (value: string | number | null): string | null => (value === null ? null : String(value));
  return before.flatMap((known) => {
    const given = now.get(known.code);
    if (given === undefined || !written.has(known.code)) return [];
    return CORRECTED.flatMap((field): EnrolmentCorrection[] => {
      const [from, to] = [text(known[field]), text(given[field])];
      return from === to ? [] : [{ patientId: known.id, patient: known.code, field, from, to }];
    });
  });
}

/** Writes down what a drop corrected. */
export async function keepCorrections(
  sql: Sql,
  dropId: string,
  corrections: readonly EnrolmentCorrection[],
): Promise<void> {
  if (corrections.length === 0) return;
  await sql.query(
    `INSERT INTO enrolment_correction (drop_id, patient_id, field, from_value, to_value)
     SELECT $1, "patientId", field, "from", "to" FROM jsonb_to_recordset($2) AS c("patientId" uuid, field text, "from" text, "to" text)`,
    [dropId, JSON.stringify(corrections)],
  );
}

/** What a drop corrected, by code; nothing of whoever was erased since. */
export async function correctionsOfDrop(sql: Sql, dropId: string): Promise<Omit<EnrolmentCorrection, 'patientId'>[]> {
  const { rows } = await sql.query<Omit<EnrolmentCorrection, 'patientId'> & Record<string, unknown>>(
    `SELECT p.code AS patient, c.field, c.from_value AS "from", c.to_value AS "to" FROM enrolment_correction c JOIN patient p ON p.id = c.patient_id
     WHERE c.drop_id = $1 ORDER BY p.code COLLATE "C", c.field`,
    [dropId],
  );
  return rows;
}

/** A secure whole number from 0 up to and without `limit`, each as likely: drawn anew past the last whole multiple. */
function randomBelow(ids: Pick<Ids, 'random'>, limit: number): number {
  const usable = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const drawn = ids.random(4).readUInt32BE();
    if (drawn < usable) return drawn % limit;
  }
}
