import type { AccountActor } from './actor.ts';
import { decideModalities } from './decide.ts';
import type { Facts, ReleaseFacts } from './facts.ts';
import { MODALITIES, type Modality } from './modality.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import { USES, type Use } from './use.ts';

export interface PolicyCell {
  readonly modality: Modality;
  readonly use: Use;
}

/** What somebody gains and loses by another policy, with the facts as they are. */
export interface PolicyEffect {
  readonly gains: readonly PolicyCell[];
  readonly losses: readonly PolicyCell[];
  /** Why what is lost is refused then; each once. */
  readonly reasons: readonly Reason[];
}

/** decide()'s answers of one actor under two policies, compared. */
export const policyEffect = (
  actor: AccountActor,
  release: ReleaseFacts,
  facts: Facts,
  after: Policy,
  now: Date,
): PolicyEffect => {
  const gains: PolicyCell[] = [];
  const losses: PolicyCell[] = [];
  const reasons = new Map<string, Reason>();
  for (const use of USES) {
    const is = decideModalities(actor, use, release, facts, now);
    const then = decideModalities(actor, use, release, { ...facts, policy: after }, now);
    for (const modality of MODALITIES) {
      const [was, will] = [is[modality], then[modality]];
      if (was.allow === will.allow) continue;
      (will.allow ? gains : losses).push({ modality, use });
      if (!will.allow) for (const reason of will.reasons) reasons.set(`${reason.code} ${reason.subject}`, reason);
    }
  }
  return { gains, losses, reasons: [...reasons.values()] };
};
