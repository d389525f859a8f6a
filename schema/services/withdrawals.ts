import type { WithdrawalKind } from '../../governance/rows.ts';
import type { StepCode } from '../../governance/second-step.ts';
import type {
  DutyState,
  Remaining,
  WithdrawalReason,
  WithdrawalRefusal,
  WithdrawalStage,
  WithdrawalStep,
  WithdrawalTasks,
} from '../../governance/withdrawal.ts';
import type { PersonFacts } from './people.ts';
import type { Result, Seen } from './result.ts';
import type { StepAsked } from './second-steps.ts';

/** What a holder of copies is to destroy. Whose data it is, is in it nowhere. */
export interface DutyDetails {
  readonly id: string;
  readonly study: string;
  readonly grantId: string;
  readonly exports: readonly string[];
  /** Files that were taken one by one. */
  readonly downloads: number;
  readonly state: DutyState;
  readonly toldAt: Date | null;
  readonly dueAt: Date | null;
  readonly attestedAt: Date | null;
  /** Null in a holder's own list. */
  readonly holder: PersonFacts | null;
}

export interface WithdrawalDetails {
  readonly id: string;
  readonly study: string;
  readonly patient: string;
  readonly kind: WithdrawalKind;
  readonly reason: string;
  readonly stage: WithdrawalStage;
  readonly recordedAt: Date;
  readonly recordedBy: PersonFacts | null;
  readonly notifiedAt: Date | null;
  readonly eraseAfter: Date | null;
  readonly erasedAt: Date | null;
  readonly takenBackAt: Date | null;
  /** What was destroyed, and how that was checked; null until it is. */
  readonly proof: unknown;
  readonly nextRelease: WithdrawalTasks['nextRelease'];
  readonly draftVersion: string | null;
  readonly draftProblem: string | null;
  readonly marked: readonly { readonly subject: string; readonly id: string; readonly effect: string }[];
  readonly duties: readonly DutyDetails[];
  readonly remaining: readonly Remaining[];
  readonly allowedSteps: readonly WithdrawalStep[];
}

export interface WithdrawalInput {
  readonly study: string | null;
  readonly patient: string;
  readonly kind: WithdrawalKind;
  readonly reason: WithdrawalReason;
}

export interface TermsInput {
  readonly study: string | null;
  readonly erasureHoldDays: number;
  readonly attestationDays: number;
}

export interface WithdrawalTerms {
  /** As they are in force; null where there is no such study. */
  inForce(study: string | null): Promise<Seen<TermsInput | null>>;
  /** Days that a study's protocol asks for; a hold is never shortened by it. */
  set(input: TermsInput): Promise<Result<TermsInput, 'STUDY_UNKNOWN' | 'DAYS_INVALID' | 'HOLD_SHORTENED'>>;
  /** Asks for a shorter hold, which another administrator has to confirm. */
  askToShorten(input: {
    readonly study: string | null;
    readonly erasureHoldDays: number;
    readonly reason: string;
  }): Promise<Result<StepAsked, 'STUDY_UNKNOWN' | 'DAYS_INVALID' | 'HOLD_NOT_SHORTENED' | 'REASON_MISSING'>>;
  confirmShorten(stepId: string, seen: string): Promise<Result<TermsInput, 'STUDY_UNKNOWN' | 'HOLD_MOVED' | StepCode>>;
}

export interface WithdrawalCommands {
  /** Ends sharing, or collection, at once. */
  record(
    input: WithdrawalInput,
  ): Promise<Result<{ readonly withdrawal: WithdrawalDetails }, 'PATIENT_UNKNOWN' | 'ALREADY_WITHDRAWN'>>;
  /** Asks for a step that another steward has to confirm. */
  ask(
    id: string,
    step: WithdrawalStep,
    reason: string,
  ): Promise<Result<StepAsked, WithdrawalRefusal | 'WITHDRAWAL_UNKNOWN' | 'REASON_MISSING'>>;
  confirm(
    stepId: string,
    seen: string,
  ): Promise<Result<{ readonly withdrawal: WithdrawalDetails }, WithdrawalRefusal | 'WITHDRAWAL_UNKNOWN' | StepCode>>;
  /** All of a study, newest first. */
  list(study: string | null): Promise<Seen<readonly WithdrawalDetails[]>>;
  /** Those of the person themself. */
  duties(): Promise<Seen<readonly DutyDetails[]>>;
  attest(
    id: string,
    of: { readonly copiesDestroyed: boolean; readonly derivativesDestroyed: boolean },
  ): Promise<Result<{ readonly duty: DutyDetails }, 'DUTY_UNKNOWN' | 'ATTESTATION_INCOMPLETE'>>;
  readonly terms: WithdrawalTerms;
}
