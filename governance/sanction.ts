import { isSeen } from './seen-signs.ts';

/** What stewards may impose on a person or an institution. A warning shuts nobody out; a bar has no end but its lifting. */
export const SANCTION_KINDS = ['WARN', 'SUSPEND', 'BAR'] as const;
export type SanctionKind = (typeof SANCTION_KINDS)[number];

/** Longest suspension: what is meant for longer is a bar, which takes two people to lift. */
export const MOST_SUSPENDED_DAYS = 5 * 366;

export interface Imposing {
  readonly kind: SanctionKind;
  /** Until when, for SUSPEND. */
  readonly until: Date | null;
  readonly reason: string;
}

/** Why a sanction is not imposed so; null where it is sound. */
export const imposingRefusal = (
  { kind, until, reason }: Imposing,
  now: Date,
): 'REASON_MISSING' | 'UNTIL_INVALID' | null => {
  if (!isSeen(reason)) return 'REASON_MISSING';
  if (kind !== 'SUSPEND') return until === null ? null : 'UNTIL_INVALID';
  const days = until === null ? 0 : (until.getTime() - now.getTime()) / 86_400_000;
  return days > 0 && days <= MOST_SUSPENDED_DAYS ? null : 'UNTIL_INVALID';
};

export interface SanctionStanding {
  readonly kind: SanctionKind;
  readonly endsAt: Date | null;
  readonly liftedAt: Date | null;
}

/** How a sanction is lifted: a suspension by one steward, a bar by two, a warning not at all (it is a record); null also for one that is over. */
export const liftedBy = ({ kind, endsAt, liftedAt }: SanctionStanding, now: Date): 'ONE' | 'TWO' | null => {
  if (liftedAt !== null || (endsAt !== null && endsAt <= now)) return null;
  return kind === 'WARN' ? null : kind === 'SUSPEND' ? 'ONE' : 'TWO';
};
