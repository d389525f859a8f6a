import type { Role } from '../../governance/roles.ts';
import type { InstitutionRef, PersonFacts } from './people.ts';
import type { PageAsked, PageOf, Result, Seen } from './result.ts';
import type { StepAsked } from './second-steps.ts';

/** An account as administrators see it: no data, no requests. */
export interface AccountDetails {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly institution: InstitutionRef | null;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  /** Null where it is not suspended now. */
  readonly suspension: { readonly from: Date; readonly until: Date | null; readonly reason: string } | null;
  /** Institutions that it is bound to as a signing official. */
  readonly officialOf: readonly InstitutionRef[];
}

/** What the actor could do to an account now. */
export interface AccountChanges {
  readonly rolesToGive: readonly Role[];
  readonly rolesToTake: readonly Role[];
  readonly suspend: boolean;
  readonly lift: boolean;
}

export interface AccountFilter {
  /** Part of a name, user name or address. */
  readonly search: string | null;
  readonly role: Role | null;
  readonly institutionId: string | null;
  readonly suspended: boolean | null;
}

export interface AccountMove {
  readonly institution: InstitutionRef | null;
  readonly since: Date;
  readonly recordedBy: PersonFacts | null;
}

type Done = { readonly account: AccountDetails };

export interface AccountCommands {
  list(filter: AccountFilter, asked: PageAsked): Promise<Seen<PageOf<AccountDetails>>>;
  one(id: string): Promise<Seen<AccountDetails | null>>;
  changes(account: AccountDetails): Promise<Seen<AccountChanges>>;
  /** Where somebody worked, newest first. */
  moves(accountId: string): Promise<Seen<readonly AccountMove[]>>;
  suspend(input: {
    readonly accountId: string;
    readonly reason: string;
    readonly until: Date | null;
  }): Promise<Result<Done, 'ACCOUNT_UNKNOWN' | 'REASON_MISSING' | 'UNTIL_INVALID' | 'OWN_ACCOUNT' | 'LAST_ADMIN'>>;
  lift(input: {
    readonly accountId: string;
    readonly reason: string;
  }): Promise<Result<Done, 'ACCOUNT_UNKNOWN' | 'REASON_MISSING' | 'NOT_SUSPENDED' | 'OWN_ACCOUNT'>>;
  takeRole(input: {
    readonly accountId: string;
    readonly role: Role;
    readonly reason: string;
  }): Promise<Result<Done, 'ACCOUNT_UNKNOWN' | 'REASON_MISSING' | 'ROLE_NOT_HELD' | 'LAST_ADMIN'>>;
  askToGiveRole(input: {
    readonly accountId: string;
    readonly role: Role;
    readonly reason: string;
  }): Promise<
    Result<StepAsked, 'ACCOUNT_UNKNOWN' | 'REASON_MISSING' | 'ROLE_HELD' | 'ROLES_INCOMPATIBLE' | 'OWN_ACCOUNT'>
  >;
  confirmGiveRole(
    stepId: string,
    seen: string,
  ): Promise<
    Result<
      Done,
      'ROLE_HELD' | 'ROLES_INCOMPATIBLE' | 'STEP_UNKNOWN' | 'STEP_ENDED' | 'SAME_PERSON' | 'STEP_CHANGED' | 'ASKER_LEFT'
    >
  >;
}
