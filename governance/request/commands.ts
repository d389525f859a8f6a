import type { AgreementVersion } from '../agreement.ts';
import type { RequestDraft } from '../forms.ts';
import type { Policy } from '../policy.ts';
import type { Role } from '../roles.ts';
import type { CommentTo, RequestEvent } from './events.ts';
import type { Refusal } from './refusals.ts';
import type { RequestStatus } from './state.ts';
import type { GrantTerms } from './terms.ts';

/**
 * What somebody wants done. `expectedVersion` is the version of the request that they looked at: where it has moved
 * on, they are told so instead.
 */
export type RequestCommand = { readonly expectedVersion?: number } & (
  | {
      readonly type: 'create';
      /** A request of another institution that this one goes with; the service has seen that its sender may know of it. */
      readonly linkedTo?: string;
    }
  | { readonly type: 'edit'; readonly form: RequestDraft }
  | { readonly type: 'invite'; readonly email: string }
  | { readonly type: 'removeCollaborator'; readonly invitationId: string }
  | { readonly type: 'acceptInvitation'; readonly invitationId: string; readonly token: string }
  | {
      readonly type: 'signAgreement';
      readonly version: number;
      readonly seen: string;
      readonly typedName?: string | null;
    }
  | { readonly type: 'submit' }
  | {
      readonly type: 'endorse';
      readonly seen: string;
      /** The official signs the agreement by endorsing. */
      readonly agreementVersion: number;
      readonly typedName?: string | null;
      readonly attestsEmployment: boolean;
      readonly attestsSeniority: boolean;
      readonly successorId?: string | null;
    }
  | { readonly type: 'decline'; readonly reason: string }
  | { readonly type: 'comment'; readonly text: string; readonly to?: CommentTo }
  | { readonly type: 'assign'; readonly stewardId: string }
  | { readonly type: 'recuse' }
  | { readonly type: 'return'; readonly changes: string }
  | { readonly type: 'propose'; readonly seen: string; readonly terms: GrantTerms; readonly confirmsExport: boolean }
  | { readonly type: 'second'; readonly seen: string; readonly termsHash: string; readonly confirmsExport: boolean }
  | { readonly type: 'reject'; readonly reason: string }
  | { readonly type: 'withdraw' }
  | { readonly type: 'amend' }
  | { readonly type: 'removeMember'; readonly accountId: string }
  | { readonly type: 'suspend'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'revoke'; readonly reason: string }
  | { readonly type: 'expire' }
  | { readonly type: 'renew'; readonly progressReport: string }
  | { readonly type: 'followRenewal'; readonly renewal: RenewalNews }
  | { readonly type: 'attestCloseOut'; readonly destroyed: boolean; readonly statement: string }
  | { readonly type: 'countersignCloseOut' }
);

/** How the request stands that is to renew a grant. */
export interface RenewalNews {
  readonly requestId: string;
  readonly status: RequestStatus;
  /** Where it was approved: when its grant starts, ISO 8601, UTC. */
  readonly start: string | null;
}

export type CommandType = RequestCommand['type'];

export type CommandOf<Type extends CommandType> = Extract<RequestCommand, { readonly type: Type }>;

export type RequestActor =
  | {
      readonly kind: 'account';
      readonly accountId: string;
      readonly roles: readonly Role[];
      readonly institutionId: string | null;
      /** Verified address, or null. */
      readonly email: string | null;
      readonly suspended: boolean;
    }
  | { readonly kind: 'system:clock' };

/** Somebody who may decide requests. */
export interface StewardFacts {
  readonly accountId: string;
  readonly institutionId: string | null;
  /** Appointed to stand in where too few stewards may decide; not a steward otherwise. */
  readonly deputy?: boolean;
}

/** What has to be known to decide a command, loaded in the command's transaction. */
export interface RequestFacts {
  readonly now: Date;
  readonly policy: Policy;
  readonly agreements: readonly AgreementVersion[];
  readonly actor: RequestActor;
  /** The request's institution (on create, the actor's): eligible, and the accounts bound to it as signing officials. */
  readonly institution: { readonly eligible: boolean; readonly officials: readonly string[] };
  /** Where the applicant is now. */
  readonly applicantInstitutionId: string | null;
  /** Holders of the role steward, and appointed deputies; none whose account is suspended. */
  readonly stewards: readonly StewardFacts[];
  /** Accounts of co-authors, within the policy's years, of anybody on the team. */
  readonly coAuthors: readonly string[];
  /** Somebody on the team is late with a close-out (grant.ts, `closeOutOverdue`). */
  readonly closeOutOverdue: boolean;
  /** For a renewal: when the grant that it renews ends, as long as it is in force; null otherwise. */
  readonly renewedGrantEnd: Date | null;
  /** An id for what the command may create: a request, an amendment, an invitation or a grant. */
  readonly newId: string;
  /** SHA-256 of the token of an invitation of that id, 64 hexadecimal digits. */
  readonly newTokenSha256: string;
  /** How often the actor has given each in the last 24 hours, on any request: what reaches other people, or stays for ever. */
  readonly today: Readonly<Record<'create' | 'invite' | 'comment', number>>;
}

export type Outcome =
  | {
      readonly ok: true;
      readonly events: readonly RequestEvent[];
      /** The history of another request that begins with this: a renewal. */
      readonly begun?: readonly RequestEvent[];
    }
  | { readonly ok: false; readonly refusal: Refusal };
