import type { Json } from '../../../governance/canonical.ts';

/** What an entry says itself: a detail of that name would be lost. */
export const OWN = ['id', 'at', 'account', 'grant', 'action'] as const;

/** What was done, beside what the entry says itself. */
export type AuditDetail = { readonly [key: string]: Json | undefined } & {
  readonly [Key in (typeof OWN)[number]]?: never;
};

export interface AuditEvent {
  /** Null for the program itself (the pipeline, the clock). */
  accountId: string | null;
  grantId: string | null;
  /** What was done, as a word: the command, READ, REFUSED, DOWNLOAD, SIGN_IN … */
  action: string;
  detail: AuditDetail;
}
