import type { AgreementVersion } from '../agreement.ts';
import type { RequestDraft } from '../forms.ts';
import type { Policy } from '../policy.ts';
import type { Role } from '../roles.ts';
import type { RequestEvent } from './events.ts';
import type { Refusal } from './refusals.ts';
import type { GrantTerms } from './terms.ts';

/**
 * What somebody wants done. `expectedVersion` is the version of the request that they looked at: where it has moved
 * on, they are told so instead.
 */
export type RequestCommand = { readonly expectedVersion?: number } & (
  | { readonly type: 'create' }
  | { readonly type: 'edit'; readonly form: RequestDraft }
  | { readonly type: 'invite'; readonly email: string }
  | { readonly type: 'removeCollaborator'; readonly invitationId: string }
  | { readonly type: 'acceptInvitation'; readonly invitationId: string }
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
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'assign'; readonly stewardId: string }
  | { readonly type: 'recuse' }
  | { readonly type: 'return'; readonly changes: string }
  | { readonly type: 'propose'; readonly seen: string; readonly terms: GrantTerms; readonly confirmsExport: boolean }
  | { readonly type: 'second'; readonly seen: string; readonly termsHash: string; readonly confirmsExport: boolean }
  | { readonly type: 'reject'; readonly reason: string }
  | { readonly type: 'withdraw' }
  | { readonly type: 'removeMember'; readonly accountId: string }
  | { readonly type: 'suspend'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'revoke'; readonly reason: string }
  | { readonly type: 'expire' }
  | { readonly type: 'attestCloseOut'; readonly destroyed: boolean; readonly statement: string }
  | { readonly type: 'countersignCloseOut' }
);

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
  /** Accounts that may be assigned: holders of the role steward. */
  readonly stewards: readonly string[];
  /** Co-authors, within the policy's years, of anybody on the team. */
  readonly coAuthors: readonly string[];
  /** Somebody on the team is late with a close-out (grant.ts, `closeOutOverdue`). */
  readonly closeOutOverdue: boolean;
  /** An id for what the command may create: a request, an invitation or a grant. */
  readonly newId: string;
}

export type Outcome =
  | { readonly ok: true; readonly events: readonly RequestEvent[] }
  | { readonly ok: false; readonly refusal: Refusal };
