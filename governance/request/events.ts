import type { RequestDraft } from '../forms.ts';
import type { GrantTerms } from './terms.ts';

/** Who did it and when (ISO 8601, UTC); `system:clock` where time did. */
interface Done {
  readonly by: string;
  readonly at: string;
  /** The amendment that it happened to, where it did not happen to the request itself. */
  readonly amendmentId?: string;
}

/** For whom a steward's comment is. */
export const COMMENT_TO = ['STEWARDS', 'APPLICANT'] as const;
export type CommentTo = (typeof COMMENT_TO)[number];

export const SUSPENSION_CAUSES = ['STEWARD', 'ENDORSEMENT_WITHDRAWN', 'APPLICANT_LEFT'] as const;
export type SuspensionCause = (typeof SUSPENSION_CAUSES)[number];

/**
 * What happened to a request: JSON as stored, in the past tense, one event per intent. `seen` is the hash of what the
 * person had before them (seen.ts).
 */
export type RequestEvent = Done &
  (
    | {
        readonly type: 'RequestCreated';
        readonly requestId: string;
        readonly institutionId: string;
        /** A renewal's: the request whose grant it renews, with what it takes over from there. */
        readonly renewalOf?: string;
        readonly progressReport?: string;
        readonly form?: RequestDraft;
        readonly collaborators?: readonly {
          readonly invitationId: string;
          readonly email: string;
          readonly accountId: string;
        }[];
        readonly linkedTo?: string;
      }
    | { readonly type: 'FormEdited'; readonly form: RequestDraft }
    | {
        readonly type: 'CollaboratorInvited';
        readonly invitationId: string;
        readonly email: string;
        /** Of the token that was mailed; histories from before there were tokens have none. */
        readonly tokenSha256?: string;
        readonly expiresAt?: string;
      }
    | { readonly type: 'CollaboratorRemoved'; readonly invitationId: string }
    | { readonly type: 'InvitationAccepted'; readonly invitationId: string }
    | {
        readonly type: 'AgreementSigned';
        readonly version: number;
        readonly as: 'MEMBER' | 'OFFICIAL';
        readonly seen: string;
        /** Of the agreement's text; absent in events of the first landing. */
        readonly textSha256?: string;
        /** What the signer typed, which is their name; absent where nothing was. */
        readonly typedName?: string;
      }
    | { readonly type: 'RequestSubmitted'; readonly seen: string }
    | {
        readonly type: 'RequestEndorsed';
        readonly seen: string;
        readonly agreementVersion: number;
        /** As of a signature: the official signs by endorsing. */
        readonly textSha256?: string;
        readonly typedName?: string;
        readonly successorId: string | null;
      }
    | { readonly type: 'RequestDeclined'; readonly reason: string }
    | {
        readonly type: 'CommentAdded';
        readonly text: string;
        readonly to?: CommentTo;
        /** Written by one of the team, who read it too. */
        readonly ofTeam?: true;
      }
    | { readonly type: 'RequestAssigned'; readonly stewardId: string }
    | { readonly type: 'StewardRecused' }
    | { readonly type: 'RequestReturned'; readonly changes: string }
    | {
        readonly type: 'GrantProposed';
        readonly seen: string;
        readonly terms: GrantTerms;
        readonly confirmsExport: boolean;
      }
    | {
        readonly type: 'ProposalSeconded';
        readonly seen: string;
        readonly termsHash: string;
        readonly confirmsExport: boolean;
      }
    | {
        readonly type: 'RequestApproved';
        readonly grantId: string;
        readonly terms: GrantTerms;
        readonly stewards: readonly string[];
      }
    | { readonly type: 'RequestRejected'; readonly reason: string }
    | { readonly type: 'RequestWithdrawn' }
    | { readonly type: 'AmendmentBegun'; readonly amendment: string }
    | { readonly type: 'MemberRemoved'; readonly accountId: string }
    | { readonly type: 'GrantSuspended'; readonly cause: SuspensionCause; readonly reason: string }
    | { readonly type: 'GrantResumed'; readonly applicantId: string }
    | { readonly type: 'GrantRevoked'; readonly reason: string }
    | { readonly type: 'GrantExpired' }
    | { readonly type: 'RenewalBegun'; readonly renewalId: string }
    | { readonly type: 'GrantExtended'; readonly renewalId: string; readonly until: string }
    | { readonly type: 'RenewalEnded'; readonly renewalId: string }
    | { readonly type: 'GrantRenewed'; readonly renewalId: string; readonly from: string }
    | { readonly type: 'CloseOutAttested'; readonly statement: string }
    | { readonly type: 'GrantClosed' }
  );

export type RequestEventType = RequestEvent['type'];
