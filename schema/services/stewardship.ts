import type { Modality } from '../../governance/modality.ts';
import type { PersonFacts } from './people.ts';
import type { Failed, PageAsked, PageOf, Refused, Result, Seen } from './result.ts';
import type { StepAsked } from './second-steps.ts';

export interface CoAuthorFacts {
  readonly accountId: string;
  /** As they were named: an address or an account. */
  readonly other: string;
  readonly lastPublishedOn: string;
  readonly declaredAt: Date;
}

export interface DeputyFacts {
  readonly accountId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly endedAt: Date | null;
  /** Null for whom the account is gone. */
  readonly person: PersonFacts | null;
  readonly reason: string;
}

type StepFailed = Failed<'STEP_UNKNOWN' | 'STEP_ENDED' | 'SAME_PERSON' | 'STEP_CHANGED' | 'ASKER_LEFT'> | Refused;

/** Who decides about whom: conflicts that people declare, and who stands in for stewards. */
export interface StewardshipCommands {
  /** The actor's word about themself and somebody else, named by account or address. */
  declareCoAuthor(
    other: string,
    lastPublishedOn: string,
  ): Promise<Result<{ readonly coAuthor: CoAuthorFacts }, 'DATES_INVALID'>>;
  /** Takes back what the actor declared. */
  withdrawCoAuthor(other: string): Promise<Result<{ readonly withdrawn: number }, never>>;
  askForDeputy(
    accountId: string,
    endsAt: Date,
    reason: string,
  ): Promise<Result<StepAsked, 'ACCOUNT_UNKNOWN' | 'REASON_MISSING' | 'TERM_INVALID' | 'ROLES_INCOMPATIBLE'>>;
  confirmDeputy(
    stepId: string,
    seen: string,
  ): Promise<{ readonly ok: true; readonly deputy: DeputyFacts } | StepFailed>;
  /** Appointments that have not ended, the first to end first. */
  deputies(): Promise<Seen<readonly DeputyFacts[]>>;
  endDeputy(accountId: string): Promise<Result<{ readonly ended: number }, never>>;
}

/** An approved use, as everybody may know of it. */
export interface ApprovedUseFacts {
  readonly id: string;
  readonly applicant: string;
  readonly institution: string;
  readonly title: string;
  readonly plainSummary: string;
  readonly modalities: readonly Modality[];
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly state: string;
}

export interface QueueMonthFacts {
  /** `2026-03`, in the study's zone. */
  readonly month: string;
  readonly received: number;
  readonly answered: number;
  readonly decided: number;
  /** Days between; null where there are too few to be told. */
  readonly medianDaysToAnswer: number | null;
  readonly medianDaysToDecision: number | null;
}

export interface QueueFacts {
  /** Sent in and not decided, by who acts next. */
  readonly waiting: number;
  readonly waitingForOfficial: number;
  readonly waitingForSteward: number;
  /** By the month in which they were first sent in, the newest first. */
  readonly months: readonly QueueMonthFacts[];
}

/** What everybody may know of requests. */
export interface OpenRequests {
  approvedUses(study: string | null, page: PageAsked): Promise<PageOf<ApprovedUseFacts> | null>;
  queue(study: string | null): Promise<QueueFacts | null>;
}
