import type { PersonFacts } from './people.ts';
import type { AgreementFacts } from './requests.ts';
import type { Result, Seen } from './result.ts';

/** Somebody who has to sign a version to keep their access. */
export interface MustSignFacts {
  readonly person: PersonFacts;
  readonly as: 'MEMBER' | 'OFFICIAL';
  readonly grantId: string;
  readonly until: Date;
}

export interface AgreementPreviewFacts {
  /** The number that the version would have. */
  readonly version: number;
  readonly graceDays: number;
  /** From when it would be in force. */
  readonly effectiveAt: Date;
  /** When signatures under earlier versions would end; null for an editorial one. */
  readonly until: Date | null;
  readonly mustSign: readonly MustSignFacts[];
}

export interface AgreementInput {
  readonly version: number;
  readonly title: string;
  readonly text: string;
  readonly effectiveOn: string;
  readonly graceDays: number | null;
  readonly editorial: boolean;
}

export type PublicationCode =
  | 'VERSION_TAKEN'
  | 'TEXT_MISSING'
  | 'TEXT_UNCHANGED'
  | 'DAY_INVALID'
  | 'GRACE_INVALID'
  | 'EDITORIAL_FIRST';

/** A version with how it stands now. */
export interface AgreementStandingFacts extends AgreementFacts {
  /** ANNOUNCED, IN_FORCE or SUPERSEDED. */
  readonly standing: string;
  readonly effectiveAt: Date;
  readonly publishedAt: Date;
  /** Null for an editorial one. */
  readonly earlierSignaturesEndAt: Date | null;
}

export interface AgreementCommands {
  /** Every version, newest first; for everybody. */
  versions(): Promise<readonly AgreementStandingFacts[]>;
  preview(
    of: Pick<AgreementInput, 'effectiveOn' | 'graceDays' | 'editorial'>,
  ): Promise<Seen<AgreementPreviewFacts | null>>;
  publish(
    input: AgreementInput,
  ): Promise<Result<{ readonly agreement: AgreementStandingFacts; readonly toSign: number }, PublicationCode>>;
}
