import { REASON_CODES } from '../../../governance/reasons.ts';

/** How often people who are signed in were allowed something and refused it, since this process began: for /metrics. The log has who and what. */
export interface DecisionCount {
  /** @param reasons codes, each maybe with what it is about after a space; what is none of ours counts as OTHER */
  refused(reasons: readonly string[]): void;
  /** Something that the log tells was done, or refused. @param action the entry's word for it, which is one of ours */
  entry(action: string): void;
  refusals(): ReadonlyMap<string, number>;
  entries(): ReadonlyMap<string, number>;
}

const KNOWN: ReadonlySet<string> = new Set(REASON_CODES);
const oneMore = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

export function decisionCount(): DecisionCount {
  const refusals = new Map<string, number>();
  const entries = new Map<string, number>();
  return {
    refused(reasons) {
      for (const code of new Set(reasons.map((one) => one.split(' ')[0] ?? '')))
        oneMore(refusals, KNOWN.has(code) ? code : 'OTHER');
    },
    entry: (action) => oneMore(entries, action),
    refusals: () => refusals,
    entries: () => entries,
  };
}
