import type { Sex, SkinType } from './demographics.ts';
import { type PainLevel, painLevelCode } from './pain.ts';

/**
 * Cohort of Table 2, `1A` to `4D`: the digit is the pain level, the letter skin type and sex
 * (A I-III M, B I-III F, C IV-VI M, D IV-VI F). The paper's text speaks of twelve cohorts; its table has these sixteen.
 */
export const cohortOf = (level: PainLevel, skinType: SkinType, sex: Sex): string => {
  const letter = (skinType === 'I_III' ? 'AB' : 'CD').charAt(sex === 'M' ? 0 : 1);
  return `${painLevelCode(level) + 1}${letter}`;
};
