import type { Refused } from './result.ts';

/** What commands ask of how their sender signed in (governance/second-factor.ts). */
export interface SignInCheck {
  /** Why the command is not taken from this sign-in; null where it is. */
  refusal(command: string): Promise<Refused | null>;
}
