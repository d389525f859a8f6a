import type { AgreementSignature, AgreementVersion } from './agreement.ts';
import type { LocalDate } from './calendar.ts';
import type { Modality } from './modality.ts';
import type { Policy } from './policy.ts';
import type { Role } from './roles.ts';
import type { TrainingType, VerifiedHow } from './training.ts';
import type { Use } from './use.ts';

/** Everything that is known when something is decided: plain data, loaded by a service, of one person. */
export interface Facts {
  readonly policy: Policy;
  /** The actor's account, or null when there is none. */
  readonly account: AccountFacts | null;
  /** The institution of that account. */
  readonly institution: InstitutionFacts | null;
  /** Every grant that the person is or was a member of. */
  readonly grants: readonly GrantFacts[];
  readonly certificates: readonly CertificateFacts[];
  readonly agreements: readonly AgreementVersion[];
  /** Halts that are in force or were. */
  readonly halts: readonly HaltFacts[];
  /** A curator's reasoned looks at released rows. */
  readonly exceptions: readonly ExceptionFacts[];
  /** Personal tokens of that account that were not revoked. */
  readonly tokens: readonly TokenFacts[];
}

/** A time during which somebody is shut out. `until` null means until it is lifted. */
export interface Suspension {
  readonly from: Date;
  readonly until: Date | null;
}

export interface AccountFacts {
  readonly id: string;
  /** Ours, copied from the identity provider at sign-in; the token's own are not read. */
  readonly roles: readonly Role[];
  readonly institutionId: string | null;
  readonly suspensions: readonly Suspension[];
}

export interface InstitutionFacts {
  readonly id: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly verified: boolean;
  readonly suspensions: readonly Suspension[];
}

export const GRANT_STATES = ['ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

export interface GrantFacts {
  readonly id: string;
  readonly state: GrantState;
  /** Half-open: in force from `start` on, and no more at `end`. */
  readonly start: Date;
  readonly end: Date;
  /** What may be done with which modality; a modality that is absent is not granted. */
  readonly access: Readonly<Partial<Record<Modality, readonly Use[]>>>;
  /** Data Use Ontology codes of the approved purpose, compared with each patient's consent. */
  readonly purpose: readonly string[];
  readonly institutionId: string;
  /** Accounts that belong to it now; who was removed is not listed. */
  readonly members: readonly string[];
  /** Signatures given under this grant's request, the official's among them. */
  readonly signatures: readonly AgreementSignature[];
}

export const CERTIFICATE_STATES = ['PENDING', 'VERIFIED', 'REJECTED'] as const;
export type CertificateState = (typeof CERTIFICATE_STATES)[number];

export interface CertificateFacts {
  readonly id: string;
  readonly accountId: string;
  readonly type: TrainingType;
  readonly state: CertificateState;
  readonly completedOn: LocalDate;
  /** Last day on which it counts; null when the certificate does not say, so that the policy's duration decides. */
  readonly expiresOn: LocalDate | null;
  /** Null until it is verified. */
  readonly verifiedHow: VerifiedHow | null;
}

export const HALT_SCOPES = ['ALL', 'RELEASE', 'MODALITY', 'INSTITUTION', 'GRANT'] as const;
export type HaltScope = (typeof HALT_SCOPES)[number];

export interface HaltFacts {
  readonly id: string;
  readonly scope: HaltScope;
  /** The release's id, modality, institution's id or grant's id; null with ALL. */
  readonly target: string | null;
  readonly from: Date;
  readonly liftedAt: Date | null;
}

export interface ExceptionFacts {
  readonly id: string;
  readonly accountId: string;
  readonly releaseId: string;
  readonly from: Date;
  readonly until: Date;
}

export interface TokenFacts {
  readonly id: string;
  readonly grantId: string;
  readonly expiresAt: Date;
}

export const RELEASE_STATES = ['DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETRACTED'] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

export interface ReleaseFacts {
  readonly id: string;
  readonly state: ReleaseState;
}

/** True while one of the suspensions runs. */
export const isSuspended = (suspensions: readonly Suspension[], now: Date): boolean =>
  suspensions.some(({ from, until }) => from <= now && (until === null || now < until));
