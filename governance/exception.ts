import type { Policy } from './policy.ts';
import { seenLength } from './seen-signs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A look that was opened, as far as the next one depends on it. */
export interface OpenedException {
  readonly from: Date;
  readonly until: Date;
}

export const EXCEPTION_REFUSALS = {
  REASON_MISSING: 'Say in a sentence what has to be looked at and why: auditors are told.',
  HOURS_INVALID: 'An exception lasts whole minutes, and no longer than the policy allows.',
  EXCEPTION_OPEN: 'One of yours is open still; end it first.',
  EXCEPTION_LIMIT: 'You have opened as many within 24 hours as are allowed.',
} as const;

export type ExceptionRefusal = keyof typeof EXCEPTION_REFUSALS;

const LEAST_REASON = 10;

/**
 * Why a curator may not open a look at released rows, or null. It is never longer than the policy allows (four hours at
 * most), none overlaps another of the same person, and only so many begin within 24 hours: they do not add up to a role.
 */
export const refuseException = (
  wanted: { readonly reason: string; readonly hours: number },
  of: {
    readonly opened: readonly OpenedException[];
    readonly policy: Pick<Policy, 'exceptionHours'>;
    readonly perDay: number;
    readonly now: Date;
  },
): ExceptionRefusal | null => {
  const { opened, policy, perDay, now } = of;
  const { hours } = wanted;
  if (seenLength(wanted.reason) < LEAST_REASON) return 'REASON_MISSING';
  if (!(hours >= 1 / 60 && hours <= policy.exceptionHours)) return 'HOURS_INVALID';
  if (opened.some(({ until }) => now < until)) return 'EXCEPTION_OPEN';
  const recent = opened.filter(({ from }) => now.getTime() - from.getTime() < DAY_MS);
  return recent.length >= perDay ? 'EXCEPTION_LIMIT' : null;
};

/** When it ends. */
export const exceptionEnd = (now: Date, hours: number): Date => new Date(now.getTime() + Math.floor(hours * HOUR_MS));
