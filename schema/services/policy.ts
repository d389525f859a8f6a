import type { Policy } from '../../governance/policy.ts';
import type { PolicyChange } from '../../governance/policy-change.ts';
import type { PolicyEffect } from '../../governance/policy-effect.ts';
import type { PolicyProblem } from '../../governance/policy-problems.ts';
import type { PersonFacts } from './people.ts';
import type { Failed, PageAsked, PageOf, Result, Seen } from './result.ts';
import type { StepAsked } from './second-steps.ts';

export interface PolicyVersionDetails {
  readonly number: number;
  readonly policy: Policy;
  readonly effectiveAt: Date;
  /** Null for the one that the server began with. */
  readonly madeBy: PersonFacts | null;
  /** Who asked for it, where it took two. */
  readonly askedBy: PersonFacts | null;
  readonly reason: string;
  /** What it changed of the version before it. */
  readonly changes: readonly PolicyChange[];
}

/** Somebody whom a change of the policy concerns, under one grant (null: a curator's exception). */
export interface AffectedPerson extends PolicyEffect {
  readonly person: PersonFacts | null;
  readonly grantId: string | null;
}

export interface PolicyPeople {
  readonly people: readonly AffectedPerson[];
  /** Memberships that were looked at for this page. */
  readonly lookedAt: number;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

export interface PolicyPreview extends PolicyPeople {
  readonly basedOn: number;
  readonly changes: readonly PolicyChange[];
  readonly loosens: boolean;
  readonly problems: readonly PolicyProblem[];
}

export interface PolicyFailed<Code extends string = string> extends Failed<Code> {
  readonly problems?: readonly PolicyProblem[];
  readonly changes?: readonly PolicyChange[];
  readonly currentVersion?: number;
}

export type PolicyCode = 'POLICY_INVALID' | 'POLICY_MOVED' | 'POLICY_UNCHANGED' | 'REASON_MISSING';

export interface PolicyInput {
  /** The version that was looked at. */
  readonly basedOn: number;
  readonly policy: unknown;
  readonly reason: string;
}

export interface PolicyCommands {
  /** The version in force. */
  current(): Promise<Seen<PolicyVersionDetails>>;
  history(asked: PageAsked): Promise<Seen<PageOf<PolicyVersionDetails>>>;
  preview(policy: unknown, asked: PageAsked): Promise<Seen<PolicyPreview>>;
  tighten(
    input: PolicyInput,
  ): Promise<Result<{ readonly version: PolicyVersionDetails }, PolicyCode | 'POLICY_LOOSENS'>>;
  askToLoosen(input: PolicyInput): Promise<Result<StepAsked, PolicyCode>>;
  confirmLoosen(
    stepId: string,
    seen: string,
  ): Promise<
    Result<
      { readonly version: PolicyVersionDetails },
      'POLICY_MOVED' | 'STEP_UNKNOWN' | 'STEP_ENDED' | 'SAME_PERSON' | 'STEP_CHANGED' | 'ASKER_LEFT'
    >
  >;
}
