import type { ControlledClass, Modality } from '../../governance/modality.ts';
import type { RequestState } from '../../governance/request/state.ts';
import type { TrainingType, VerifiedHow } from '../../governance/training.ts';
import type { PersonFacts } from './people.ts';
import type { PageAsked, PageOf, Result, Seen } from './result.ts';

export interface CertificateDetails {
  readonly id: string;
  readonly owner: PersonFacts;
  readonly type: TrainingType;
  readonly course: string;
  readonly state: string;
  readonly completedOn: string;
  readonly expiresOn: string | null;
  readonly endsAt: Date;
  readonly credentialId: string;
  readonly uploadedAt: Date;
  readonly decidedAt: Date | null;
  readonly verifiedHow: string | null;
  readonly rejectedFor: string | null;
  readonly contentType: string;
  readonly fileSha256: string;
}

export interface TrainingFacts {
  readonly type: TrainingType;
  readonly title: string;
  /** Months for which a certificate without an end counts. */
  readonly durationMonths: number;
  readonly courses: readonly { readonly key: string; readonly title: string; readonly url: string }[];
}

/** What a class of data asks for. */
export interface ClassRequirementsFacts {
  readonly key: ControlledClass;
  readonly modalities: readonly Modality[];
  readonly training: readonly TrainingType[];
  readonly verifiedBy: VerifiedHow;
  readonly agreement: boolean;
  readonly stewards: number;
  readonly exportByConfirmation: boolean;
}

export interface RequirementsFacts {
  readonly classes: readonly ClassRequirementsFacts[];
  readonly maxMonths: number;
  readonly closeOutDays: number;
  readonly renewalWindowDays: number;
}

export interface CertificateTotal {
  readonly type: TrainingType;
  readonly waiting: number;
  readonly oldestAt: Date;
}

export interface CertificateInput {
  readonly type: TrainingType;
  readonly course: string;
  readonly completedOn: string;
  readonly expiresOn: string | null;
  readonly credentialId: string;
  readonly fileSha256: string;
}

export type UploadFailureCode =
  | 'COURSE_NOT_ACCEPTED'
  | 'DATES_INVALID'
  | 'CREDENTIAL_MISSING'
  | 'FILE_TOO_LARGE'
  | 'FILE_MISSING';

export type CertificateResult<Code extends string> = Result<{ readonly certificate: CertificateDetails }, Code>;

export interface TrainingGapFacts {
  readonly person: PersonFacts;
  readonly modality: Modality;
  readonly training: TrainingType;
  readonly standing: 'MISSING' | 'UNVERIFIED' | 'EXPIRED';
}

export interface CertificateCommands {
  upload(input: CertificateInput): Promise<CertificateResult<UploadFailureCode>>;
  replaceFile(
    id: string,
    fileSha256: string,
  ): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE' | 'FILE_TOO_LARGE' | 'FILE_MISSING'>>;
  withdraw(id: string): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE'>>;
  /** @param seen SHA-256 of the file that was looked at */
  verify(
    id: string,
    how: VerifiedHow,
    seen: string,
  ): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE' | 'FILE_CHANGED'>>;
  reject(
    id: string,
    reason: string,
  ): Promise<CertificateResult<'CERTIFICATE_UNKNOWN' | 'WRONG_STATE' | 'REASON_MISSING'>>;
  /** The actor's own, newest first. */
  mine(): Promise<readonly CertificateDetails[]>;
  /** Those that wait for a steward, oldest first. */
  pending(): Promise<Seen<readonly CertificateDetails[]>>;
  /** A page of those, of one type or of all. */
  queue(type: TrainingType | null, page: PageAsked): Promise<Seen<PageOf<CertificateDetails>>>;
  /** How many of each type wait, without those of which none does. */
  totals(): Promise<Seen<readonly CertificateTotal[]>>;
  /** Those of some people that count or may come to count, newest first. */
  ofPeople(accountIds: readonly string[]): Promise<Seen<readonly CertificateDetails[]>>;
  /** What people of a request's team still lack for its kinds of data: of everybody for stewards and the deputy who decides it, else the actor's own. */
  gaps(state: RequestState): Promise<readonly TrainingGapFacts[]>;
  /** One of the actor's own, or any where they are a steward; null where there is none for them. */
  get(id: string): Promise<CertificateDetails | null>;
  /** A short-lived address of its file, for the actor alone. */
  file(id: string): { readonly url: string; readonly expiresAt: Date };
  /** What the policy asks of each kind of training. */
  trainings(): Promise<readonly TrainingFacts[]>;
  /** What the policy asks of each class of data. */
  requirements(): Promise<RequirementsFacts>;
}
