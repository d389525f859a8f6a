import type { Modality } from '../../governance/modality.ts';
import { builder } from '../builder.ts';
import { PainClassEnum, PainLevelEnum, SexEnum, SkinTypeEnum, SplitPartEnum } from '../enums.ts';

export const PatientFilterInput = builder.inputType('PatientFilter', {
  description: 'Which patients; everything that is given has to hold.',
  fields: (t) => ({
    codes: t.stringList({ description: 'Any of these codes.' }),
    sex: t.field({ type: SexEnum, description: 'This sex.' }),
    skinType: t.field({ type: SkinTypeEnum, description: 'This skin type.' }),
    ageGroup: t.string({ description: 'This age group.' }),
    painLevel: t.field({ type: PainLevelEnum, description: 'This level of the pain target.' }),
    painClass: t.field({ type: PainClassEnum, description: 'This class of the pain target.' }),
    cohort: t.string({ description: 'This cohort, 1A to 4D.' }),
    sourceDevice: t.string({ description: 'This device.' }),
    split: t.int({ description: 'This split: its test patients unless `part` says otherwise.' }),
    part: t.field({ type: SplitPartEnum, description: 'The side of `split` that is meant; says nothing without it.' }),
    painTargetAtLeast: t.int({ description: 'A pain target of at least this, 0 to 10.' }),
    painTargetAtMost: t.int({ description: 'A pain target of at most this, 0 to 10.' }),
  }),
});

/** Fields of the filter that tell more than labels. */
export const PATIENT_FILTER_ACCESS: Readonly<Record<string, Modality>> = {
  painTargetAtLeast: 'PAIN_SCORES',
  painTargetAtMost: 'PAIN_SCORES',
};
