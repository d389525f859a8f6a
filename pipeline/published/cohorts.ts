import type { Sex, SkinType } from '../labels/demographics.ts';
import type { PainLevel } from '../labels/pain.ts';

/** A cohort of the study's design (paper, Table 2). */
export interface PublishedCohort {
  /** `1A` to `4D`. */
  readonly cohort: string;
  /** Pain targets of the cohort, `0` or a range such as `1-3`. */
  readonly painTarget: string;
  readonly painLevel: PainLevel;
  readonly skinType: SkinType;
  readonly sex: Sex;
  /** Patients to be enrolled. */
  readonly goal: number;
  /** Patients enrolled when the paper was written, 0009 among them. */
  readonly enrolled: number;
}

/** The sixteen cohorts of Table 2. */
export const PUBLISHED_COHORTS: readonly PublishedCohort[] = [
  { cohort: '1A', painTarget: '0', painLevel: 'NONE', skinType: 'I_III', sex: 'M', goal: 7, enrolled: 7 },
  { cohort: '1B', painTarget: '0', painLevel: 'NONE', skinType: 'I_III', sex: 'F', goal: 7, enrolled: 2 },
  { cohort: '1C', painTarget: '0', painLevel: 'NONE', skinType: 'IV_VI', sex: 'M', goal: 7, enrolled: 4 },
  { cohort: '1D', painTarget: '0', painLevel: 'NONE', skinType: 'IV_VI', sex: 'F', goal: 7, enrolled: 0 },
  { cohort: '2A', painTarget: '1-3', painLevel: 'LOW', skinType: 'I_III', sex: 'M', goal: 7, enrolled: 1 },
  { cohort: '2B', painTarget: '1-3', painLevel: 'LOW', skinType: 'I_III', sex: 'F', goal: 7, enrolled: 1 },
  { cohort: '2C', painTarget: '1-3', painLevel: 'LOW', skinType: 'IV_VI', sex: 'M', goal: 7, enrolled: 3 },
  { cohort: '2D', painTarget: '1-3', painLevel: 'LOW', skinType: 'IV_VI', sex: 'F', goal: 7, enrolled: 0 },
  { cohort: '3A', painTarget: '4-6', painLevel: 'MODERATE', skinType: 'I_III', sex: 'M', goal: 7, enrolled: 2 },
  { cohort: '3B', painTarget: '4-6', painLevel: 'MODERATE', skinType: 'I_III', sex: 'F', goal: 7, enrolled: 2 },
  { cohort: '3C', painTarget: '4-6', painLevel: 'MODERATE', skinType: 'IV_VI', sex: 'M', goal: 7, enrolled: 0 },
  { cohort: '3D', painTarget: '4-6', painLevel: 'MODERATE', skinType: 'IV_VI', sex: 'F', goal: 7, enrolled: 0 },
  { cohort: '4A', painTarget: '7-10', painLevel: 'SEVERE', skinType: 'I_III', sex: 'M', goal: 7, enrolled: 1 },
  { cohort: '4B', painTarget: '7-10', painLevel: 'SEVERE', skinType: 'I_III', sex: 'F', goal: 7, enrolled: 2 },
  { cohort: '4C', painTarget: '7-10', painLevel: 'SEVERE', skinType: 'IV_VI', sex: 'M', goal: 7, enrolled: 2 },
  { cohort: '4D', painTarget: '7-10', painLevel: 'SEVERE', skinType: 'IV_VI', sex: 'F', goal: 7, enrolled: 3 },
];
