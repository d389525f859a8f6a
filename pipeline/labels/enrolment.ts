import { cohortOf } from './cohort.ts';
import { type CsvRow, parseCsvTable } from './csv-table.ts';
import { type Sex, type SkinType, sexFrom, skinTypeFrom } from './demographics.ts';
import { type PainClass, type PainLevel, painClassOf, painLevelOf } from './pain.ts';
import { isPatientCode } from './patient-code.ts';
import { type Parsed, type Problem, quoted } from './problem.ts';
import { isCalendarDate } from './submission-timestamp.ts';
import { scoreFrom } from './survey.ts';

/** The study enrols from 12 years; pediatric patients are those under 18. */
export type AgeGroup = 'ADULT' | 'PEDIATRIC';

/** A patient as enrolled: a row of `enrolment.csv`, with what follows from it. */
export interface Enrolment {
  readonly patient: string;
  readonly sex: Sex;
  readonly skinType: SkinType;
  /** Worst pain of the thirty days before enrolment, 0 to 10: fixed for the whole study. */
  readonly painTarget: number;
  readonly painLevel: PainLevel;
  readonly painClass: PainClass;
  /** `1A` to `4D`. */
  readonly cohort: string;
  /** null where none is recorded (patient 0030 of the study). */
  readonly sourceDevice: string | null;
  /** ISO date. */
  readonly enrolledOn: string;
  readonly ageGroup: AgeGroup;
  /** Number of the split that withholds the patient, where the drop fixes it (the synthetic study does). */
  readonly split: number | null;
  /** True where a generator made the patient up: taken only by a study that says the same of itself. */
  readonly synthetic: boolean;
  /** Line of the file. */
  readonly line: number;
}

export const ENROLMENT_COLUMNS = ['patient', 'sex', 'skin_type', 'worst_pain', 'source_device', 'enrolled_on'] as const;

/**
 * Columns that may be added: `age_group` (ADULT, the default, or PEDIATRIC), `split` (1 to 99, or empty) and `synthetic` (YES where the patient is made
 * up; NO or empty otherwise).
 */
export const ENROLMENT_OPTIONAL_COLUMNS = ['age_group', 'split', 'synthetic'] as const;

type Column = (typeof ENROLMENT_COLUMNS)[number] | (typeof ENROLMENT_OPTIONAL_COLUMNS)[number];

const MAX_BYTES = 16 * 1024 * 1024;

const dateFrom = (text: string): string | undefined => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1).map(Number) as [number, number, number] | undefined;
  return parts !== undefined && isCalendarDate(...parts) ? text : undefined;
};

// Letters, digits and a few marks, beginning with a letter or digit: a spreadsheet takes none of these for a formula.
const deviceFrom = (text: string): string | null | undefined => {
  if (text === '') return null;
  return /^[\p{L}\p{N}][\p{L}\p{N} .()_-]{0,39}$/u.test(text) ? text : undefined;
};

const splitFrom = (text: string): number | null | undefined => {
  if (text === '') return null;
  return /^[1-9]\d?$/.test(text) ? Number(text) : undefined;
};

const ageGroupFrom = (text: string): AgeGroup | undefined => {
  if (text === '' || text === 'ADULT') return 'ADULT';
  return text === 'PEDIATRIC' ? 'PEDIATRIC' : undefined;
};

const syntheticFrom = (text: string): boolean | undefined => {
  if (text === '' || text === 'NO') return false;
  return text === 'YES' ? true : undefined;
};

const parseRow = (row: CsvRow, problems: Problem[]): Enrolment | undefined => {
  const before = problems.length;
  const read = <T>(column: Column, from: (text: string) => T | undefined, wanted: string): T => {
    const value = row.cells[column] ?? '';
    const read = from(value);
    if (read === undefined) {
      const message = `Line ${row.line}, column ${column}: ${quoted(value)} is not ${wanted}.`;
      problems.push({ code: 'VALUE_INVALID', line: row.line, column, value, message });
    }
    return read as T;
  };
  const code = (text: string): string | undefined => (isPatientCode(text) ? text : undefined);
  const patient = read('patient', code, 'a patient code: 1 to 32 letters, digits and hyphens');
  const sex = read('sex', sexFrom, 'M or F');
  const skinType = read('skin_type', skinTypeFrom, 'I-III or IV-VI');
  const painTarget = read('worst_pain', scoreFrom, 'a whole number from 0 to 10');
  const sourceDevice = read('source_device', deviceFrom, 'the name of a device: up to 40 letters, digits and blanks');
  const enrolledOn = read('enrolled_on', dateFrom, 'a date of the form 2020-12-01');
  const ageGroup = read('age_group', ageGroupFrom, 'ADULT or PEDIATRIC');
  const split = read('split', splitFrom, 'the number of a split, 1 to 99');
  const synthetic = read('synthetic', syntheticFrom, 'YES or NO');
  if (problems.length > before) return undefined;

  const painLevel = painLevelOf(painTarget);
  return {
    patient,
    sex,
    skinType,
    painTarget,
    painLevel,
    painClass: painClassOf(painLevel),
    cohort: cohortOf(painLevel, skinType, sex),
    sourceDevice,
    enrolledOn,
    ageGroup,
    split,
    synthetic,
    line: row.line,
  };
};

/**
 * Reads a drop's `enrolment.csv`: one row a patient, the columns `ENROLMENT_COLUMNS` and perhaps `ENROLMENT_OPTIONAL_COLUMNS`, in any order.
 * A code that is there twice (also in other case: folders may not tell the two apart) is refused, with both lines.
 * @returns the patients in the file's order, or every problem with its line, column and value
 */
export const parseEnrolment = (bytes: Uint8Array): Parsed<readonly Enrolment[]> => {
  const table = parseCsvTable(bytes, {
    required: ENROLMENT_COLUMNS,
    optional: ENROLMENT_OPTIONAL_COLUMNS,
    maxBytes: MAX_BYTES,
  });
  if (!table.ok) return table;
  if (table.value.length === 0) {
    return { ok: false, problems: [{ code: 'ROW_MISSING', message: 'The file has a header and no patients.' }] };
  }

  const problems: Problem[] = [];
  const firstLine = new Map<string, number>();
  const patients: Enrolment[] = [];
  for (const row of table.value) {
    const patient = parseRow(row, problems);
    if (patient === undefined) continue;
    const key = patient.patient.toLowerCase();
    const earlier = firstLine.get(key);
    if (earlier !== undefined) {
      const value = patient.patient;
      const message = `Line ${row.line}, column patient: ${quoted(value)} is already enrolled on line ${earlier}.`;
      problems.push({ code: 'PATIENT_REPEATED', line: row.line, column: 'patient', value, message });
    }
    firstLine.set(key, earlier ?? row.line);
    patients.push(patient);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: patients };
};
