import type { HaltScope } from '../../governance/facts.ts';
import type { HaltCategory } from '../../governance/halt.ts';
import type { IncidentKind, IncidentState } from '../../governance/incident.ts';
import type { SanctionKind } from '../../governance/sanction.ts';
import type { PersonFacts } from './people.ts';
import type { Result, Seen } from './result.ts';
import type { StepAsked } from './second-steps.ts';

export interface HaltDetails {
  readonly id: string;
  readonly scope: HaltScope;
  /** The release's, institution's or grant's id, or the modality; null with ALL. */
  readonly target: string | null;
  /** Study and version of the release, or the institution's name; else as `target`. */
  readonly targetName: string | null;
  readonly category: HaltCategory;
  readonly placedAt: Date;
  readonly liftedAt: Date | null;
  /** The rest is for stewards and auditors; null for everybody else. */
  readonly reason: string | null;
  readonly placedBy: PersonFacts | null;
  readonly incidentId: string | null;
}

export interface HaltInput {
  readonly scope: HaltScope;
  readonly target: string | null;
  readonly category: HaltCategory;
  readonly reason: string;
}

export type StepCode = 'STEP_UNKNOWN' | 'STEP_ENDED' | 'SAME_PERSON' | 'STEP_CHANGED' | 'ASKER_LEFT';

export interface HaltCommands {
  place(input: HaltInput): Promise<Result<{ readonly halt: HaltDetails }, 'TARGET_UNKNOWN' | 'REASON_MISSING'>>;
  askToLift(id: string, reason: string): Promise<Result<StepAsked, 'HALT_UNKNOWN' | 'WRONG_STATE' | 'REASON_MISSING'>>;
  lift(stepId: string, seen: string): Promise<Result<{ readonly halt: HaltDetails }, StepCode>>;
  /** Those in force that concern the actor, newest first. */
  active(): Promise<Seen<readonly HaltDetails[]>>;
}

export interface EvidenceDetails {
  readonly id: string;
  readonly grants: readonly string[];
  readonly accounts: readonly string[];
  readonly from: Date;
  readonly until: Date;
  readonly entries: readonly string[];
  readonly sha256: string;
  readonly gatheredAt: Date;
  readonly gatheredBy: PersonFacts | null;
}

export interface IncidentEventDetails {
  readonly type: string;
  readonly at: Date;
  readonly by: PersonFacts | null;
  readonly text: string;
}

export interface IncidentDetails {
  readonly id: string;
  readonly kind: IncidentKind;
  readonly summary: string;
  readonly state: IncidentState;
  readonly grantId: string | null;
  readonly discoveredAt: Date;
  readonly reportedAt: Date;
  /** Until when it had to be reported; null where it is under no grant. */
  readonly dueAt: Date | null;
  readonly reportedLate: boolean;
  readonly reportedBy: PersonFacts | null;
  /** What was done and found; empty for who is no steward. */
  readonly events: readonly IncidentEventDetails[];
  readonly evidence: readonly EvidenceDetails[];
}

export interface ReportInput {
  readonly kind: IncidentKind;
  readonly summary: string;
  readonly discoveredAt: Date;
  readonly grantId: string | null;
}

/** Whose entries of the log, and of when. */
export interface EvidenceSpan {
  readonly grants: readonly string[];
  readonly accounts: readonly string[];
  readonly from: Date;
  /** Null for now. */
  readonly until: Date | null;
}

type OnIncident<Code extends string = never> = Promise<
  Result<{ readonly incident: IncidentDetails }, 'INCIDENT_UNKNOWN' | 'WRONG_STATE' | Code>
>;

export interface IncidentCommands {
  report(
    input: ReportInput,
  ): Promise<
    Result<
      { readonly incident: IncidentDetails },
      'GRANT_UNKNOWN' | 'MOMENT_INVALID' | 'SUMMARY_MISSING' | 'TOO_MANY_REPORTS'
    >
  >;
  contain(input: {
    readonly id: string;
    readonly what: string;
    readonly halt: HaltInput | null;
    readonly evidence: EvidenceSpan | null;
  }): OnIncident<'SUMMARY_MISSING' | 'TARGET_UNKNOWN' | 'REASON_MISSING' | 'MOMENT_INVALID' | 'EVIDENCE_TOO_LARGE'>;
  gather(id: string, span: EvidenceSpan): OnIncident<'MOMENT_INVALID' | 'EVIDENCE_TOO_LARGE'>;
  notify(input: {
    readonly id: string;
    readonly whom: readonly string[];
    readonly at: Date | null;
    readonly what: string;
  }): OnIncident<'SUMMARY_MISSING' | 'MOMENT_INVALID'>;
  close(id: string, summary: string): OnIncident<'SUMMARY_MISSING'>;
  /** All for stewards, one's own for everybody else; newest first. */
  list(state: IncidentState | null): Promise<Seen<readonly IncidentDetails[]>>;
  get(id: string): Promise<IncidentDetails | null>;
  /** Whether the log still has every entry as it was gathered. */
  intact(evidence: EvidenceDetails): Promise<boolean>;
}

export interface SanctionDetails {
  readonly id: string;
  readonly kind: SanctionKind;
  readonly person: PersonFacts | null;
  readonly institution: string | null;
  readonly reason: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly liftedAt: Date | null;
  readonly liftReason: string | null;
  /** Null for who it was imposed on. */
  readonly imposedBy: PersonFacts | null;
  readonly incidentId: string | null;
}

export interface SanctionInput {
  /** One of the two. */
  readonly accountId: string | null;
  readonly institutionId: string | null;
  readonly kind: SanctionKind;
  readonly until: Date | null;
  readonly reason: string;
  readonly incidentId: string | null;
}

export interface SanctionCommands {
  impose(
    input: SanctionInput,
  ): Promise<
    Result<
      { readonly sanction: SanctionDetails },
      'SUBJECT_UNKNOWN' | 'REASON_MISSING' | 'UNTIL_INVALID' | 'INCIDENT_UNKNOWN'
    >
  >;
  /** A suspension, by one steward. */
  lift(
    id: string,
    reason: string,
  ): Promise<Result<{ readonly sanction: SanctionDetails }, 'SANCTION_UNKNOWN' | 'WRONG_STATE' | 'REASON_MISSING'>>;
  askToLiftBar(
    id: string,
    reason: string,
  ): Promise<Result<StepAsked, 'SANCTION_UNKNOWN' | 'WRONG_STATE' | 'REASON_MISSING'>>;
  liftBar(stepId: string, seen: string): Promise<Result<{ readonly sanction: SanctionDetails }, StepCode>>;
  /** Of the person and of their institution. */
  mine(): Promise<readonly SanctionDetails[]>;
  list(): Promise<Seen<readonly SanctionDetails[]>>;
  /** Accounts whose name holds the text, by name; the first twenty, none for a text of one letter. */
  find(name: string): Promise<Seen<readonly PersonFacts[]>>;
}
