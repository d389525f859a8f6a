import type { RoleAction } from './actions.ts';
import type { ReleaseFacts } from './facts.ts';
import type { Modality } from './modality.ts';
import { REASON_CODES, type Reason, type ReasonCode } from './reasons.ts';
import type { Role } from './roles.ts';
import type { RowFacts, Span } from './rows.ts';
import type { Use } from './use.ts';

export type Action = Use | RoleAction;

/** What something is done to. */
export type Resource =
  /** A kind of data of a release; null for a release that does not exist. */
  | { readonly kind: 'modality'; readonly modality: Modality; readonly release: ReleaseFacts | null }
  /** One row, or one aspect of it, of a release. */
  | {
      readonly kind: 'row';
      readonly modality: Modality;
      readonly release: ReleaseFacts | null;
      readonly row: RowFacts;
      readonly span: Span | null;
    }
  /** A release itself: that it exists, its notes and errata. */
  | { readonly kind: 'release'; readonly release: ReleaseFacts | null }
  /** What a role-governed action concerns. */
  | { readonly kind: 'subject'; readonly subject: SubjectFacts }
  /** Nothing in particular. */
  | { readonly kind: 'none' };

/** Whom a role-governed action concerns, as far as it matters; null where it concerns nobody. */
export interface SubjectFacts {
  readonly accountId: string | null;
  readonly institutionId: string | null;
  /** Accounts of recent co-authors of that person. */
  readonly coAuthors: readonly string[];
  /** Who asked for it, where it takes two. */
  readonly askedBy: string | null;
}

/** Why something is allowed. */
export type Basis =
  | { readonly kind: 'open' }
  | { readonly kind: 'own' }
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'draft'; readonly role: 'curator' }
  | { readonly kind: 'exception'; readonly exceptionId: string; readonly validUntil: number }
  | { readonly kind: 'job'; readonly jobId: string }
  | GrantBasis;

export interface GrantBasis {
  readonly kind: 'grant';
  readonly grantId: string;
  /** The grant's purpose, for the row filter. */
  readonly purpose: readonly string[];
  readonly policyVersion: number;
  /** The version that the person signed. */
  readonly agreementVersion: number | null;
  /** First instant at which some fact known now ends it, milliseconds since 1970. Other facts may end it before. */
  readonly validUntil: number;
}

export type Decision =
  | { readonly allow: true; readonly basis: Basis }
  | { readonly allow: false; readonly reasons: readonly Reason[] };

export type DataDecisions = Readonly<Record<Modality, Decision>>;

const ORDER: ReadonlyMap<ReasonCode, number> = new Map(REASON_CODES.map((code, index) => [code, index]));

/** One unmet requirement. */
export const reason = (code: ReasonCode, subject: string | null = null): Reason => ({ code, subject });

/** A refusal, its reasons in the order of the table, each once. */
export const refuse = (reasons: readonly Reason[]): Decision => ({
  allow: false,
  reasons: reasons
    .filter((one, at) => reasons.findIndex(({ code, subject }) => code === one.code && subject === one.subject) === at)
    .sort((one, other) => (ORDER.get(one.code) ?? 0) - (ORDER.get(other.code) ?? 0)),
});

export const allow = (basis: Basis): Decision => ({ allow: true, basis });
