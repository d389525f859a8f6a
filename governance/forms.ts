import { z } from 'zod';
import { isLocalDate } from './calendar.ts';
import { DUO_CODES, isDataUseCode } from './data-use.ts';
import { MODALITIES } from './modality.ts';
import { seenLength } from './seen-signs.ts';
import { USES } from './use.ts';

/**
 * What a valid form is, for the portal and the server alike. A draft may be incomplete; what is sent in may not.
 * Lengths are in UTF-16 code units.
 */

/** The uses that the study forbids; an applicant accepts each by name. Annotating facial action units is allowed. */
export const FORBIDDEN_USES = {
  RE_IDENTIFICATION: 'finding out who a patient is',
  SURVEILLANCE: 'surveillance of people',
  FACIAL_RECOGNITION: 'recognising people by their faces',
  EMOTION_DETECTION: 'detecting emotions in general',
  RISK_OR_LIABILITY: 'estimating risk or liability of people who did not consent to it',
} as const;

export type ForbiddenUse = keyof typeof FORBIDDEN_USES;

const FORBIDDEN = Object.keys(FORBIDDEN_USES) as [ForbiddenUse, ...ForbiddenUse[]];

const dataUseCode = z
  .string()
  .max(32)
  .refine(
    isDataUseCode,
    `not a Data Use Ontology code that the study knows; it knows ${Object.keys(DUO_CODES)
      .filter((code) => code !== 'DS')
      .join(', ')} and DS:MONDO:0000000 with the number of a disease`,
  );

/** Marks that turn the reading direction of what follows, and with it what a text seems to say. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;
const plain = (allowed: string) => (text: string) =>
  ![...text].some((sign) => (/\p{Cc}/u.test(sign) && !allowed.includes(sign)) || TURNS.test(sign));
const PLAIN = 'holds signs that cannot be shown';

/** Text on one line. */
const words = (max: number) => z.string().trim().max(max).refine(plain(''), PLAIN);
/** Text of any number of lines. What it says is shown as text everywhere, marks of other languages included. */
const line = (max: number) => z.string().trim().max(max).refine(plain('\n\r\t'), PLAIN);

/** What is read by those who decide, and some of it by everybody, says something. */
const atLeast = (least: number) => (text: string) => seenLength(text) >= least;

/** Somebody with whom the applicant has published, who therefore decides nothing about the request for some years. */
const coAuthor = z.strictObject({
  name: words(200).min(1),
  email: z.email().max(254),
  /** Day of the last publication together. */
  lastPublishedOn: z.string().refine(isLocalDate, 'not a day of the form YYYY-MM-DD'),
});

const draftItem = z.strictObject({
  modality: z.enum(MODALITIES),
  uses: z.array(z.enum(USES)).max(USES.length),
  why: line(4_000),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256');

const ethicsApproval = z.strictObject({
  /** The board's own number for it. */
  reference: words(200).min(1),
  documentSha256: sha256,
});

/** A request as it stands while it is written: everything may be missing, nothing may be nonsense. */
export const requestDraftSchema = z.strictObject({
  title: words(200).optional(),
  plainSummary: line(4_000).optional(),
  detail: line(40_000).optional(),
  position: words(200).optional(),
  items: z.array(draftItem).max(MODALITIES.length).optional(),
  securityPlan: line(40_000).optional(),
  attestsNist800171: z.boolean().optional(),
  ethicsApproval: ethicsApproval.nullable().optional(),
  dataUse: z.array(dataUseCode).max(20).optional(),
  durationMonths: z.int().min(1).max(12).optional(),
  acceptsForbidden: z.array(z.enum(FORBIDDEN)).max(FORBIDDEN.length).optional(),
  coAuthors: z.array(coAuthor).max(100).optional(),
});

const unique = <Value>(values: readonly Value[]): boolean => new Set(values).size === values.length;

const RESEARCH_CODE = /^(GRU|HMB|POA|MDS|DS:.*)$/;

/** A request that can be sent in. */
export const requestFormSchema = z.strictObject({
  title: words(200).refine(atLeast(5), 'give the research a title'),
  /** Made public on approval. */
  plainSummary: line(4_000).refine(atLeast(40), 'say in plain words what the research is for'),
  detail: line(40_000).refine(atLeast(80), 'describe the research in detail'),
  position: words(200).refine(atLeast(2), 'say what your position is'),
  items: z
    .array(
      draftItem.extend({
        uses: z.array(z.enum(USES)).min(1, 'name at least one use').refine(unique, 'a use is named twice'),
        why: line(4_000).refine(atLeast(10), 'say why you need this'),
      }),
    )
    .min(1, 'ask for at least one kind of data')
    .refine((items) => unique(items.map(({ modality }) => modality)), 'a kind of data is asked for twice'),
  securityPlan: line(40_000).refine(atLeast(40), 'describe how the data will be kept safe'),
  attestsNist800171: z.literal(true, 'attest that the plan meets NIST SP 800-171'),
  ethicsApproval,
  dataUse: z
    .array(dataUseCode)
    .refine(unique, 'a code is named twice')
    .refine((codes) => codes.some((code) => RESEARCH_CODE.test(code)), 'name the kind of research (HMB, DS:MONDO:…)'),
  durationMonths: z.int().min(1).max(12),
  acceptsForbidden: z
    .array(z.enum(FORBIDDEN))
    .refine((accepted) => FORBIDDEN.every((use) => accepted.includes(use)), 'accept every use that the study forbids'),
  coAuthors: z.array(coAuthor).max(100).optional(),
});

export type RequestDraft = z.infer<typeof requestDraftSchema>;
export type RequestForm = z.infer<typeof requestFormSchema>;

/** What is wrong with a form and where (`items.0.why`). */
export interface FormProblem {
  readonly path: string;
  readonly message: string;
}

/** The library's own words for what we have no sentence of our own for. */
const inWords = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type')
    return /received (undefined|null)$/.test(issue.message)
      ? 'is missing'
      : `is not of the kind that is asked for (${issue.expected})`;
  if (issue.code === 'too_big') return `is more than ${issue.maximum}`;
  return issue.message;
};

const problemsOf = (error: z.ZodError): readonly FormProblem[] =>
  error.issues.map((issue) => ({ path: issue.path.join('.'), message: inWords(issue) }));

/** What keeps a draft from being sent in; empty when it can be. */
export const formProblems = (draft: RequestDraft): readonly FormProblem[] => {
  const parsed = requestFormSchema.safeParse(draft);
  return parsed.success ? [] : problemsOf(parsed.error);
};

/** What is nonsense in a draft from outside; empty when it can be kept. */
export const draftProblems = (draft: unknown): readonly FormProblem[] => {
  const parsed = requestDraftSchema.safeParse(draft);
  return parsed.success ? [] : problemsOf(parsed.error);
};
