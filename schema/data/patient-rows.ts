import type { Modality } from '../../governance/modality.ts';
import type { Args, Source } from '../planner/data-type.ts';
import type { ReleaseScope } from '../planner/release-scope.ts';
import type { Row } from '../planner/row.ts';

const COLUMNS = [
  'patient_id',
  'code',
  'sex',
  'skin_type',
  'pain_target',
  'pain_level',
  'pain_class',
  'cohort',
  'age_group',
  'source_device',
  'split',
] as const;

/**
 * Patients of the release that may be seen; `where` says which, over the alias it is given. `filtering` are modalities
 * that it tells something about: who does not share those is not among the patients that it finds.
 */
export const patientRows = (
  scope: ReleaseScope,
  where: (alias: string) => readonly string[] = () => [],
  filtering: readonly Modality[] = [],
): Source => {
  const { sql, rows } = scope;
  const patient = sql.alias();
  const consent = sql.alias();
  const names = { patientId: `${patient}.patient_id`, submissionId: null, consent };
  const join = rows.asksConsent ? ` ${rows.consentJoin(names.patientId, consent)}` : '';
  return {
    columns: {
      ...Object.fromEntries(COLUMNS.map((name) => [name, `${patient}.${name}`])),
      modalities: rows.asksConsent ? `${consent}.modalities` : 'NULL::text[]',
    },
    from: () => `release_patient ${patient}${join}`,
    where: [
      `${patient}.release_id = ${scope.id()}`,
      ...where(patient),
      ...rows.conditions(names, { modality: 'LABELS', span: null }),
      ...filtering.flatMap((modality) => rows.modalityCondition(consent, modality) ?? []),
    ],
    order: [`${patient}.code`],
  };
};

/** Submissions of a patient's row that may be seen. */
export const submissionRows = (patient: Row, where: (alias: string) => readonly string[] = () => []): Source => {
  const { scope } = patient;
  const alias = scope.sql.alias();
  return {
    columns: Object.fromEntries(
      ['submission_id', 'recording_id', 'recorded_at', 'timeframe', 'setting'].map((name) => [
        name,
        `${alias}.${name}`,
      ]),
    ),
    from: () => `release_submission ${alias}`,
    where: [
      `${alias}.release_id = ${scope.id()}`,
      `${alias}.patient_id = ${patient.column('patient_id')}`,
      ...where(alias),
      ...scope.rows.submissionConditions(`${alias}.submission_id`),
    ],
    order: [`${alias}.recorded_at`, `${alias}.submission_id`],
  };
};

const TEXTS = {
  sex: 'sex',
  skinType: 'skin_type',
  painLevel: 'pain_level',
  painClass: 'pain_class',
  cohort: 'cohort',
  ageGroup: 'age_group',
  sourceDevice: 'source_device',
} as const;

/** Conditions of the input type `PatientFilter`, all of which hold. */
export const patientFilter = (scope: ReleaseScope, alias: string, filter: Args): string[] => {
  const { sql } = scope;
  const conditions: string[] = [];
  for (const [field, column] of Object.entries(TEXTS)) {
    const value = filter[field];
    if (typeof value === 'string') conditions.push(`${alias}.${column} = ${sql.param(value, 'text')}`);
  }
  const { codes, split, part, painTargetAtLeast, painTargetAtMost } = filter;
  if (Array.isArray(codes)) conditions.push(`${alias}.code = ANY (${sql.param(codes.map(String), 'text[]')})`);
  if (typeof split === 'number' && part !== 'ALL') {
    conditions.push(`${alias}.split ${part === 'TRAIN' ? '<>' : '='} ${sql.param(split, 'integer')}`);
  }
  if (typeof painTargetAtLeast === 'number') {
    conditions.push(`${alias}.pain_target >= ${sql.param(painTargetAtLeast, 'integer')}`);
  }
  if (typeof painTargetAtMost === 'number') {
    conditions.push(`${alias}.pain_target <= ${sql.param(painTargetAtMost, 'integer')}`);
  }
  return conditions;
};
