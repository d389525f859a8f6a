import type { PersonFacts } from './people.ts';
import type { Result, Seen } from './result.ts';

/** A personal token as its list shows it: never the token itself. */
export interface TokenDetails {
  readonly id: string;
  readonly name: string;
  readonly grantId: string;
  readonly owner: PersonFacts | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Day (UTC) on which it was last used; null while it was not. */
  readonly lastUsedOn: string | null;
  readonly state: 'ACTIVE' | 'EXPIRED' | 'ENDED';
  readonly endedAt: Date | null;
  /** Why it ended, as a word; null while it has not. */
  readonly endedWhy: string | null;
}

export interface TokenInput {
  readonly grantId: string;
  readonly name: string;
  /** Null for as long as it may. */
  readonly expiresAt: Date | null;
}

export interface TokenCommands {
  /** `secret` is the token, told here and never again. */
  create(
    input: TokenInput,
  ): Promise<
    Result<
      { readonly token: TokenDetails; readonly secret: string | null },
      'GRANT_UNKNOWN' | 'GRANT_NOT_IN_FORCE' | 'NAME_INVALID' | 'EXPIRY_INVALID' | 'TOO_MANY_TOKENS'
    >
  >;
  /** Ends one: its owner, a steward, an admin. One that has ended already stays as it is. */
  revoke(id: string): Promise<Result<{ readonly token: TokenDetails }, 'TOKEN_UNKNOWN'>>;
  /** The person's own, newest first; one's own alone where a token asks. */
  mine(): Promise<readonly TokenDetails[]>;
  /** One of the person's own, for a repeated command; null where there is none. */
  own(id: string): Promise<TokenDetails | null>;
  /** Everybody's, newest first, for stewards and admins. */
  list(of: {
    readonly accountId: string | null;
    readonly grantId: string | null;
  }): Promise<Seen<readonly TokenDetails[]>>;
}
