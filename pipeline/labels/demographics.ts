/** Sex as enrolled (paper, section 3.1). */
export type Sex = 'M' | 'F';

/** Fitzpatrick skin type, self-reported in two groups. The names are the API's; files write `I-III` and `IV-VI`. */
export type SkinType = 'I_III' | 'IV_VI';

export const SEXES: readonly Sex[] = ['M', 'F'];
export const SKIN_TYPES: readonly SkinType[] = ['I_III', 'IV_VI'];

const SEX_CODES: Readonly<Record<Sex, 0 | 1>> = { M: 0, F: 1 };
const SKIN_CODES: Readonly<Record<SkinType, 0 | 1>> = { I_III: 1, IV_VI: 0 };
const SKIN_LABELS: Readonly<Record<SkinType, 'I-III' | 'IV-VI'>> = { I_III: 'I-III', IV_VI: 'IV-VI' };

/** Code in label files and model inputs: M 0, F 1 (paper, appendix D.2.1). */
export const sexCode = (sex: Sex): 0 | 1 => SEX_CODES[sex];

/** Code in label files and model inputs: I-III 1, IV-VI 0 (paper, appendix D.2.1). */
export const skinTypeCode = (skinType: SkinType): 0 | 1 => SKIN_CODES[skinType];

/** As people and files write it: `I-III` or `IV-VI`. */
export const skinTypeLabel = (skinType: SkinType): 'I-III' | 'IV-VI' => SKIN_LABELS[skinType];

/** The sex that a file's `M` or `F` means, or undefined. */
export const sexFrom = (text: string): Sex | undefined => SEXES.find((sex) => sex === text);

/** The skin type that a file's `I-III` or `IV-VI` means, or undefined. */
export const skinTypeFrom = (text: string): SkinType | undefined =>
  SKIN_TYPES.find((skinType) => SKIN_LABELS[skinType] === text);
