import { z } from 'zod';
import { TRAINING_TYPES, VERIFIED_HOW } from './training.ts';

const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const courseSchema = z.strictObject({
  /** Stable name of the course within its type, for records. */
  key: z.string().min(1).max(64),
  title: z.string().min(1).max(200),
  provider: z.string().min(1).max(200),
  url: z.url({ protocol: /^https$/ }),
});

const trainingRuleSchema = z.strictObject({
  title: z.string().min(1),
  courses: z.array(courseSchema).min(1),
  /** Months that a certificate without an expiry of its own lasts. Zero or a missing value is refused, not read as for ever. */
  durationMonths: z.int().min(1).max(120),
});

const classRuleSchema = z.strictObject({
  /** Controlled data is never given without a grant; the policy may not say otherwise. */
  grant: z.literal(true),
  agreement: z.boolean(),
  training: z.array(z.enum(TRAINING_TYPES)),
  /** The least way in which a steward has to have verified the training. */
  verifiedBy: z.enum(VERIFIED_HOW),
  /** Stewards who have to agree to a grant. */
  stewards: z.int().min(1).max(2),
  /** True where EXPORT needs a word of its own from every one of them. */
  exportByConfirmation: z.boolean(),
});

/** The policy: data that an admin changes by an audited command, effective at once for everyone. */
export const policySchema = z.strictObject({
  version: z.int().min(1),
  /** IANA zone in which days end. */
  timeZone: z.string().refine(isTimeZone, 'not a time zone'),
  classes: z.strictObject({
    labels: classRuleSchema,
    features: classRuleSchema,
    biometric: classRuleSchema,
    identifiable: classRuleSchema,
  }),
  training: z.strictObject({
    HUMAN_SUBJECTS: trainingRuleSchema,
    GLOBAL_PRIVACY: trainingRuleSchema,
    INFORMATION_SECURITY: trainingRuleSchema,
    HIPAA: trainingRuleSchema,
    SOCIAL_BEHAVIORAL: trainingRuleSchema,
    CONFLICTS_OF_INTEREST: trainingRuleSchema,
  }),
  /** Days before an expiry on which its owner is reminded, once each. */
  reminderDays: z.array(z.int().min(1)).min(1),
  /** Largest certificate file, bytes. */
  certificateMaxBytes: z.int().min(1),
  /** Days that a new version of the agreement leaves for signing when it does not say itself; zero is at once. */
  agreementGraceDays: z.int().min(0),
  grant: z.strictObject({
    maxMonths: z.int().min(1).max(12),
    /** Days after an end within which copies have to be destroyed and attested. */
    closeOutDays: z.int().min(0),
    renewalWindowDays: z.int().min(0),
    renewalExtensionDays: z.int().min(0).max(30),
  }),
  /** Years for which co-authors may not decide about each other. */
  coAuthorYears: z.int().min(0),
  /** ISO 3166-1 alpha-2 codes of countries whose institutions are not eligible. */
  ineligibleCountries: z.array(z.string().regex(/^[A-Z]{2}$/)),
  /** Counts below this are hidden in open tables. */
  smallCell: z.int().min(2),
  /** Fewest patients in a group whose results need only BASELINES. */
  resultGroup: z.int().min(2),
  /** Hours that a curator's reasoned look at released rows lasts at most. */
  exceptionHours: z.int().min(1).max(4),
  /** Days that a personal token lasts at most; it never outlives its grant. */
  tokenMaxDays: z.int().min(1).max(366).default(180),
});

export type Policy = z.infer<typeof policySchema>;
export type ClassRule = z.infer<typeof classRuleSchema>;
export type Course = z.infer<typeof courseSchema>;

/** Nothing can be decided where no policy is in force, so nothing is allowed. */
export class NoPolicy extends Error {
  override name = 'NoPolicy';

  constructor() {
    super('no policy is in force');
  }
}

/** Reads a policy from outside. Throws ZodError that names every value that cannot stand, a zero duration among them. */
export const parsePolicy = (value: unknown): Policy => policySchema.parse(value);
