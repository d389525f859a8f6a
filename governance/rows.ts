import { DISEASE_PREFIX, dataUseMatch } from './data-use.ts';
import type { Modality } from './modality.ts';
import type { Reason, ReasonCode } from './reasons.ts';

/** What is known of one patient's row, or of one submission's within it. */
export interface RowFacts {
  /** Frozen into the release that is asked for. */
  readonly inRelease: boolean;
  readonly consent: ConsentFacts | null;
  readonly withdrawals: readonly WithdrawalFacts[];
  /** Of the submission; none for a row that is a patient's. */
  readonly quarantines: readonly QuarantineFacts[];
}

export interface ConsentFacts {
  readonly version: string;
  /** Data Use Ontology codes. */
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  /** The instant at which the patient comes of age; null for who was of age when they consented. */
  readonly adultFrom: Date | null;
  /** When they last consented anew. */
  readonly reconsentedAt: Date | null;
}

export const WITHDRAWAL_KINDS = ['STOP_COLLECTION', 'STOP_SHARING', 'ERASE'] as const;
/** Those that take a patient out of what may be seen; STOP_COLLECTION does not. */
export const STOPS_SHARING = ['STOP_SHARING', 'ERASE'] as const satisfies readonly (typeof WITHDRAWAL_KINDS)[number][];
export type WithdrawalKind = (typeof WITHDRAWAL_KINDS)[number];

export interface WithdrawalFacts {
  readonly kind: WithdrawalKind;
}

/** A submission in quarantine, whole or from `fromSeconds` up to `toSeconds` of its narrative. */
export interface QuarantineFacts {
  readonly fromSeconds: number | null;
  readonly toSeconds: number | null;
  readonly liftedAt: Date | null;
}

/** Half-open range of a narrative's time, in seconds. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/**
 * All of a narrative: what a file or a mean over the whole recording shows. Film, sound and frames do not end at the same moment, so it has no end that
 * could be missed: whatever range is in quarantine, the whole is hidden.
 */
export const WHOLE: Span = { fromSeconds: Number.NEGATIVE_INFINITY, toSeconds: Number.POSITIVE_INFINITY };

/**
 * Who looks: GRANT, a person with a grant (all conditions), or STAFF, a curator looking at a draft or by exception
 * (consent to sharing is not asked, since nothing is shared).
 */
export type Audience = 'GRANT' | 'STAFF';

/** The parameters of the row rule, fixed once for an operation; `modality` and `span` change with the field. */
export interface RowFilter {
  readonly audience: Audience;
  /** From the grant's purpose, see `dataUseMatch`. */
  readonly permitting: readonly string[];
  readonly tolerated: readonly string[];
  readonly now: Date;
}

/** What of the row is asked for. */
export interface RowAspect {
  readonly modality: Modality;
  /**
   * The part of the narrative: a frame's or chunk's time, or WHOLE for a file or a mean over the whole recording. Null for what has no time, such as labels.
   */
  readonly span: Span | null;
}

type RowField =
  | 'inRelease'
  | 'consent'
  | 'consent.uses'
  | 'consent.modalities'
  | 'consent.adultFrom'
  | 'consent.reconsentedAt';

/**
 * A condition on a row, small enough to be translated to SQL word for word. A comparison with an absent value is false
 * (in SQL: `coalesce(…, false)`).
 */
export type RowTest =
  | { readonly op: 'true' | 'present' | 'absent'; readonly field: RowField }
  | { readonly op: 'has'; readonly field: RowField; readonly param: 'modality' }
  /** `field && param` */
  | { readonly op: 'overlaps'; readonly field: RowField; readonly param: 'permitting' }
  /** Every element of `field` is in `param` or starts with `orPrefix`. */
  | { readonly op: 'within'; readonly field: RowField; readonly param: 'tolerated'; readonly orPrefix: string }
  /** `field > now`, `field <= now` */
  | { readonly op: 'afterNow' | 'untilNow'; readonly field: RowField }
  /** `field >= other` */
  | { readonly op: 'notBefore'; readonly field: RowField; readonly other: RowField }
  | { readonly op: 'all' | 'any'; readonly tests: readonly RowTest[] }
  /** No withdrawal of the patient has one of these kinds. */
  | { readonly op: 'noWithdrawal'; readonly kinds: readonly WithdrawalKind[] }
  /**
   * No quarantine of the submission that is not lifted covers the aspect: one of the whole (a bound is null) covers
   * everything; one of a range covers an aspect with a span that overlaps it (`from < span.to and span.from < to`).
   */
  | { readonly op: 'noQuarantine' };

interface RowCondition {
  readonly reason: ReasonCode;
  readonly audiences: readonly Audience[];
  readonly test: RowTest;
}

/**
 * The row rule. `rowReasons` evaluates it for one row, and the statement builder translates the same data to SQL, so
 * that list, item, ticket and export cannot disagree. A row is visible when every condition for the audience holds.
 *
 * A patient's or submission's own row is asked with LABELS; a field of another modality on a visible row is null
 * where the condition fails for that modality.
 */
export const ROW_RULE: readonly RowCondition[] = [
  { reason: 'RELEASE_UNPUBLISHED', audiences: ['GRANT', 'STAFF'], test: { op: 'true', field: 'inRelease' } },
  {
    reason: 'PATIENT_WITHDRAWN',
    audiences: ['GRANT', 'STAFF'],
    test: { op: 'noWithdrawal', kinds: STOPS_SHARING },
  },
  {
    reason: 'CONSENT_MISSING',
    audiences: ['GRANT'],
    test: {
      op: 'all',
      tests: [
        { op: 'present', field: 'consent' },
        { op: 'overlaps', field: 'consent.uses', param: 'permitting' },
        { op: 'within', field: 'consent.uses', param: 'tolerated', orPrefix: DISEASE_PREFIX },
        { op: 'has', field: 'consent.modalities', param: 'modality' },
        {
          op: 'any',
          tests: [
            { op: 'absent', field: 'consent.adultFrom' },
            { op: 'afterNow', field: 'consent.adultFrom' },
            {
              op: 'all',
              tests: [
                { op: 'notBefore', field: 'consent.reconsentedAt', other: 'consent.adultFrom' },
                { op: 'untilNow', field: 'consent.reconsentedAt' },
              ],
            },
          ],
        },
      ],
    },
  },
  { reason: 'QUARANTINED', audiences: ['GRANT', 'STAFF'], test: { op: 'noQuarantine' } },
];

/** The filter of an operation under a grant's purpose (Data Use Ontology codes). */
export const grantFilter = (purpose: readonly string[], now: Date): RowFilter => ({
  audience: 'GRANT',
  ...dataUseMatch(purpose),
  now,
});

/** The filter of a curator's operation on a draft, or by exception. */
export const staffFilter = (now: Date): RowFilter => ({ audience: 'STAFF', permitting: [], tolerated: [], now });

type Value = boolean | Date | readonly string[] | ConsentFacts | null;

const fieldValue = (row: RowFacts, field: RowField): Value => {
  switch (field) {
    case 'inRelease':
      return row.inRelease;
    case 'consent':
      return row.consent;
    case 'consent.uses':
      return row.consent?.uses ?? null;
    case 'consent.modalities':
      return row.consent?.modalities ?? null;
    case 'consent.adultFrom':
      return row.consent?.adultFrom ?? null;
    case 'consent.reconsentedAt':
      return row.consent?.reconsentedAt ?? null;
  }
};

const listOf = (row: RowFacts, field: RowField): readonly string[] | null => {
  const value = fieldValue(row, field);
  return Array.isArray(value) ? value : null;
};

const timeOf = (row: RowFacts, field: RowField): number => {
  const value = fieldValue(row, field);
  return value instanceof Date ? value.getTime() : Number.NaN;
};

const covers = (quarantine: QuarantineFacts, span: Span | null, now: Date): boolean => {
  if (quarantine.liftedAt !== null && quarantine.liftedAt <= now) return false;
  if (quarantine.fromSeconds === null || quarantine.toSeconds === null) return true;
  return span !== null && quarantine.fromSeconds < span.toSeconds && span.fromSeconds < quarantine.toSeconds;
};

const holds = (test: RowTest, row: RowFacts, filter: RowFilter, aspect: RowAspect): boolean => {
  switch (test.op) {
    case 'true':
      return fieldValue(row, test.field) === true;
    case 'present':
      return fieldValue(row, test.field) !== null;
    case 'absent':
      return fieldValue(row, test.field) === null;
    case 'has':
      return listOf(row, test.field)?.includes(aspect.modality) === true;
    case 'overlaps':
      return listOf(row, test.field)?.some((item) => filter.permitting.includes(item)) === true;
    case 'within':
      return (
        listOf(row, test.field)?.every((item) => filter.tolerated.includes(item) || item.startsWith(test.orPrefix)) ===
        true
      );
    case 'afterNow':
      return timeOf(row, test.field) > filter.now.getTime();
    case 'untilNow':
      return timeOf(row, test.field) <= filter.now.getTime();
    case 'notBefore':
      return timeOf(row, test.field) >= timeOf(row, test.other);
    case 'all':
      return test.tests.every((inner) => holds(inner, row, filter, aspect));
    case 'any':
      return test.tests.some((inner) => holds(inner, row, filter, aspect));
    case 'noWithdrawal':
      return !row.withdrawals.some(({ kind }) => test.kinds.includes(kind));
    case 'noQuarantine':
      return !row.quarantines.some((quarantine) => covers(quarantine, aspect.span, filter.now));
  }
};

/** Why a row, or an aspect of it, is not visible; all reasons, none when it is. Only staff may be told any of them. */
export const rowReasons = (row: RowFacts, filter: RowFilter, aspect: RowAspect): readonly Reason[] =>
  ROW_RULE.filter(
    ({ audiences, test }) => audiences.includes(filter.audience) && !holds(test, row, filter, aspect),
  ).map(({ reason }) => ({ code: reason, subject: null }));

/** True where the row, or the aspect of it, is visible. */
export const rowVisible = (row: RowFacts, filter: RowFilter, aspect: RowAspect): boolean =>
  rowReasons(row, filter, aspect).length === 0;
