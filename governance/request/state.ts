import type { RequestDraft } from '../forms.ts';
import type { SuspensionCause } from './events.ts';
import type { GrantTerms } from './terms.ts';

export const REQUEST_STATES = [
  'DRAFT',
  'SUBMITTED',
  'RETURNED',
  'APPROVED',
  'SUSPENDED',
  'REJECTED',
  'WITHDRAWN',
  'REVOKED',
  'EXPIRED',
  'CLOSED',
] as const;

export type RequestStatus = (typeof REQUEST_STATES)[number];

export interface Collaborator {
  readonly invitationId: string;
  /** Lower case. */
  readonly email: string;
  /** Null until the invitation is accepted. */
  readonly accountId: string | null;
}

export interface RequestSignature {
  readonly accountId: string;
  readonly version: number;
  readonly as: 'MEMBER' | 'OFFICIAL';
  readonly seen: string;
  readonly signedAt: string;
  readonly textSha256?: string;
  readonly typedName?: string;
}

export interface Endorsement {
  readonly officialId: string;
  readonly seen: string;
  readonly at: string;
  /** Who leads the team on, where the applicant has left. */
  readonly successorId: string | null;
}

export interface Proposal {
  readonly by: string;
  readonly seen: string;
  readonly terms: GrantTerms;
  readonly confirmsExport: boolean;
}

/** A request as its events have made it. Times are ISO 8601, UTC. */
export interface RequestState {
  readonly id: string;
  readonly status: RequestStatus;
  /** Number of events; a decision names the one it was made on. */
  readonly version: number;
  /** Grows with every edit, so that going back to an old text does not bring old signatures back. */
  readonly revision: number;
  readonly applicantId: string;
  readonly institutionId: string;
  readonly createdAt: string;
  readonly submittedAt: string | null;
  readonly form: RequestDraft;
  readonly collaborators: readonly Collaborator[];
  readonly signatures: readonly RequestSignature[];
  readonly endorsement: Endorsement | null;
  readonly assignedTo: string | null;
  readonly recused: readonly string[];
  readonly comments: readonly { readonly by: string; readonly at: string; readonly text: string }[];
  /** Why it was last declined, returned, rejected, suspended or revoked. */
  readonly lastReason: string | null;
  readonly proposal: Proposal | null;
  readonly grant: {
    readonly id: string;
    readonly terms: GrantTerms;
    readonly approvedAt: string;
    readonly stewards: readonly string[];
  } | null;
  readonly suspension: { readonly cause: SuspensionCause; readonly at: string } | null;
  /** When the grant ended before or at its end, by revocation or the clock. */
  readonly endedAt: string | null;
  readonly closeOut: { readonly by: string; readonly at: string; readonly statement: string } | null;
}

/** Accounts on the team: the applicant and everybody who accepted. */
export const teamOf = (state: RequestState): readonly string[] => [
  state.applicantId,
  ...state.collaborators.flatMap(({ accountId }) => (accountId === null ? [] : [accountId])),
];
