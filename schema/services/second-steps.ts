import type { PersonFacts } from './people.ts';
import type { Result, Seen } from './result.ts';

/** Something that waits for a second person. */
export interface SecondStepDetails {
  readonly id: string;
  readonly action: string;
  /** What is asked for, whole. */
  readonly payload: unknown;
  readonly payloadSha256: string;
  readonly reason: string;
  readonly askedBy: PersonFacts | null;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  /** False for who asked. */
  readonly confirmable: boolean;
}

export interface SecondStepCommands {
  /** What the actor may confirm or has asked for, oldest first. */
  pending(): Promise<Seen<readonly SecondStepDetails[]>>;
  withdraw(id: string): Promise<Result<{ readonly id: string }, 'STEP_UNKNOWN' | 'STEP_ENDED'>>;
}

/** What somebody asked for and another has to confirm, as the answer to who asked. */
export interface StepAsked {
  readonly stepId: string;
  readonly payloadSha256: string;
  readonly expiresAt: Date;
}
