import type { RequestDraft } from '../forms.ts';
import type { Modality } from '../modality.ts';
import type { CommentTo, SuspensionCause } from './events.ts';
import { type GrantTerms, modalitiesOf } from './terms.ts';

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
  /** SHA-256 of the token that was mailed; null where there was none. */
  readonly tokenSha256: string | null;
  /** When the invitation ends, ISO 8601; null where it was never said. */
  readonly expiresAt: string | null;
  /** When they left the granted team, or were taken off it; they stay named, since signatures bind to who was asked. */
  readonly leftAt: string | null;
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

export interface Comment {
  readonly by: string;
  readonly at: string;
  readonly text: string;
  readonly to: CommentTo;
  /** Written by one of the team, who read it too. */
  readonly ofTeam?: true;
}

/** A change of an approved request on its way, while the grant lives on as it is. */
export interface Amendment
  extends Pick<
    RequestState,
    'revision' | 'submittedAt' | 'form' | 'collaborators' | 'signatures' | 'endorsement' | 'proposal'
  > {
  readonly id: string;
  readonly status: 'DRAFT' | 'SUBMITTED' | 'RETURNED';
  readonly begunAt: string;
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
  readonly comments: readonly Comment[];
  /** Why it was last declined, returned, rejected, suspended or revoked. */
  readonly lastReason: string | null;
  readonly proposal: Proposal | null;
  readonly grant: {
    readonly id: string;
    readonly terms: GrantTerms;
    readonly approvedAt: string;
    readonly stewards: readonly string[];
  } | null;
  readonly amendment: Amendment | null;
  /** The request whose grant this one renews. */
  readonly renewalOf: string | null;
  /** What was achieved under that grant. */
  readonly progressReport: string | null;
  /** A request of another institution that this one goes with. */
  readonly linkedTo: string | null;
  /** The renewal of this grant that is under way or was given. */
  readonly renewal: { readonly requestId: string; readonly given: boolean } | null;
  /** Until when the grant runs beyond its end, since its renewal was asked for in time. */
  readonly extendedUntil: string | null;
  /** When the renewed grant takes its place. */
  readonly renewedFrom: string | null;
  readonly suspension: { readonly cause: SuspensionCause; readonly at: string } | null;
  /** When the grant ended before or at its end, by revocation or the clock. */
  readonly endedAt: string | null;
  readonly closeOut: { readonly by: string; readonly at: string; readonly statement: string } | null;
}

/** Collaborators who are on the team or asked to join it. */
export const collaboratorsOf = (state: Pick<RequestState, 'applicantId' | 'collaborators'>): readonly Collaborator[] =>
  state.collaborators.filter(({ accountId, leftAt }) => leftAt === null && accountId !== state.applicantId);

/** Accounts on the team: the applicant and everybody who accepted. */
export const teamOf = (state: Pick<RequestState, 'applicantId' | 'collaborators'>): readonly string[] => [
  state.applicantId,
  ...collaboratorsOf(state).flatMap(({ accountId }) => (accountId === null ? [] : [accountId])),
];

/** The amendment on its way as a request of its own, for everything that is done to requests; null where there is none. */
export const amended = (state: RequestState): RequestState | null => {
  if (state.amendment === null) return null;
  const { id: _, begunAt: __, ...changed } = state.amendment;
  return { ...state, ...changed, amendment: null };
};

/** True where somebody signed a request, or the amendment on its way, for the institution; also before it was changed. */
export const hasEndorsed = (state: Pick<RequestState, 'signatures' | 'amendment'>, accountId: string): boolean =>
  [...state.signatures, ...(state.amendment?.signatures ?? [])].some(
    (one) => one.as === 'OFFICIAL' && one.accountId === accountId,
  );

/** Everybody on the team or joining it by the amendment on its way. */
export const everybodyOf = (state: RequestState): readonly string[] => {
  const after = amended(state);
  return [...new Set([...teamOf(state), ...(after === null ? [] : teamOf(after))])];
};

/** The kinds of data that a request is about as it stands: granted, else proposed, else asked for. */
export const modalitiesUnder = ({ grant, proposal, form }: RequestState): readonly Modality[] => {
  const terms = grant?.terms ?? proposal?.terms;
  return terms === undefined ? (form.items ?? []).map(({ modality }) => modality) : modalitiesOf(terms);
};

/** When the grant ends, as things stand, in milliseconds since 1970; null where there is none. Half-open. */
export const grantEnd = (state: RequestState): number | null =>
  state.grant === null ? null : Date.parse(state.renewedFrom ?? state.extendedUntil ?? state.grant.terms.end);
