import { REASON_CODES } from '../../../governance/reasons.ts';

/** How often people who are signed in were refused, by reason, since this process began: for /metrics. The log has who and what. */
export interface RefusalCount {
  /** @param reasons codes, each maybe with what it is about after a space; what is none of ours counts as OTHER */
  count(reasons: readonly string[]): void;
  all(): ReadonlyMap<string, number>;
}

const KNOWN: ReadonlySet<string> = new Set(REASON_CODES);

export function refusalCount(): RefusalCount {
  const counts = new Map<string, number>();
  return {
    count(reasons) {
      for (const code of new Set(reasons.map((one) => one.split(' ')[0] ?? ''))) {
        const name = KNOWN.has(code) ? code : 'OTHER';
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    },
    all: () => counts,
  };
}
