import type { Attribute } from '../../../governance/count-table.ts';
import type { TablePlan } from '../../../governance/disclosure.ts';

/** Every attribute that open counts go by, with all its values, so that an empty cell is a cell. */
const painLevel: Attribute = { name: 'painLevel', values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] };
const sex: Attribute = { name: 'sex', values: ['M', 'F'] };
const skinType: Attribute = { name: 'skinType', values: ['I_III', 'IV_VI'] };

export interface FixedTable extends TablePlan {
  readonly title: string;
}

/**
 * The open tables: patients by what the cohorts are made of. No further table is ever computed, least of all under
 * somebody's filter. Devices are not among them, since a rare one names its owner, and folds have fewer patients than
 * any threshold. Why nothing counts check-ins or frames: docs/decisions/disclosure.md.
 */
export const FIXED_TABLES: readonly FixedTable[] = [
  { key: 'patients', title: 'Patients', by: [] },
  { key: 'patientsByPainLevel', title: 'Patients by pain level', by: [painLevel] },
  { key: 'patientsBySex', title: 'Patients by sex', by: [sex] },
  { key: 'patientsBySkinType', title: 'Patients by skin type', by: [skinType] },
  { key: 'patientsByPainLevelAndSex', title: 'Patients by pain level and sex', by: [painLevel, sex] },
  { key: 'patientsByPainLevelAndSkinType', title: 'Patients by pain level and skin type', by: [painLevel, skinType] },
  { key: 'patientsBySexAndSkinType', title: 'Patients by sex and skin type', by: [sex, skinType] },
  {
    key: 'patientsByCohort',
    title: 'Patients by cohort: pain level, skin type and sex',
    by: [painLevel, skinType, sex],
  },
];

/** Every attribute that a fixed table counts by. */
export const FIXED_ATTRIBUTES: readonly Attribute[] = [painLevel, skinType, sex];
