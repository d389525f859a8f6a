/** The six kinds of training that a researcher proves (paper, section 3.4). */
export const TRAINING_TYPES = [
  'HUMAN_SUBJECTS',
  'GLOBAL_PRIVACY',
  'INFORMATION_SECURITY',
  'HIPAA',
  'SOCIAL_BEHAVIORAL',
  'CONFLICTS_OF_INTEREST',
] as const;

export type TrainingType = (typeof TRAINING_TYPES)[number];

/**
 * How a steward satisfied themself that a certificate is real: SEEN (the document was read) or ISSUER (looked up at
 * who issued it, which identifiable data asks for).
 */
export const VERIFIED_HOW = ['SEEN', 'ISSUER'] as const;

export type VerifiedHow = (typeof VERIFIED_HOW)[number];
