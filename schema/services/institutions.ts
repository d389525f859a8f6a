import type { PersonFacts } from './people.ts';
import type { PageAsked, PageOf, Result, Seen } from './result.ts';

export const INSTITUTION_STANDINGS = ['UNVERIFIED', 'VERIFIED', 'SUSPENDED', 'BARRED'] as const;
export type InstitutionStanding = (typeof INSTITUTION_STANDINGS)[number];

export interface InstitutionDetails {
  readonly id: string;
  readonly name: string;
  /** Nine characters; null where it has none. */
  readonly ror: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly standing: InstitutionStanding;
  readonly standingReason: string;
  readonly standingAt: Date | null;
  /** What only those who administer institutions, or sanction them, see; empty for others. */
  readonly officials: readonly { readonly person: PersonFacts; readonly boundAt: Date; readonly proof: string }[];
}

export interface InstitutionFilter {
  readonly search: string | null;
  readonly standing: InstitutionStanding | null;
  readonly country: string | null;
}

type Done = { readonly institution: InstitutionDetails };
type Existing = 'INSTITUTION_UNKNOWN' | 'REASON_MISSING';

export interface InstitutionMove {
  /** Requests of which they are the applicant, whose grants are suspended now. */
  readonly suspendedRequests: readonly string[];
  /** Requests of others that they are a member of no more. */
  readonly leftRequests: readonly string[];
  /** Institutions that they are no longer a signing official of. */
  readonly unboundFrom: readonly string[];
}

type Moved = { readonly institution: InstitutionDetails | null; readonly move: InstitutionMove };

export interface InstitutionCommands {
  /** Verified ones for everybody who is signed in; all of them for administrators and stewards. */
  list(filter: InstitutionFilter, asked: PageAsked): Promise<Seen<PageOf<InstitutionDetails>>>;
  add(input: {
    readonly name: string;
    readonly ror: string | null;
    readonly country: string;
  }): Promise<Result<Done, 'NAME_INVALID' | 'ROR_INVALID' | 'COUNTRY_UNKNOWN' | 'INSTITUTION_EXISTS'>>;
  verify(input: { readonly id: string; readonly reason: string }): Promise<Result<Done, Existing | 'WRONG_STATE'>>;
  setStanding(input: {
    readonly id: string;
    readonly standing: InstitutionStanding;
    readonly reason: string;
  }): Promise<Result<Done, Existing | 'WRONG_STATE'>>;
  bind(input: {
    readonly id: string;
    readonly accountId: string;
    readonly proof: string;
  }): Promise<Result<Done, Existing | 'WRONG_STATE' | 'ACCOUNT_UNKNOWN' | 'NOT_OF_INSTITUTION' | 'OFFICIAL_BOUND'>>;
  unbind(input: {
    readonly id: string;
    readonly accountId: string;
    readonly reason: string;
  }): Promise<Result<Done, Existing | 'OFFICIAL_UNKNOWN'>>;
  /** The actor says where they work from now on. */
  choose(id: string): Promise<Result<Moved, 'INSTITUTION_UNKNOWN' | 'INSTITUTION_UNCHANGED' | 'INSTITUTION_FIXED'>>;
  /** An administrator says where somebody works from now on; null for nowhere. */
  move(input: {
    readonly accountId: string;
    readonly institutionId: string | null;
    readonly reason: string;
  }): Promise<Result<Moved, Existing | 'ACCOUNT_UNKNOWN' | 'INSTITUTION_UNCHANGED' | 'OWN_ACCOUNT'>>;
}
