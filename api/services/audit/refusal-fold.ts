import { canonicalText, sha256 } from '../../../governance/canonical.ts';
import type { AuditEvent } from './audit-event.ts';

/** For so long after a refusal the same one again is counted. */
export const FOLD_MS = 60_000;
/** Refusals that are remembered at most, some 300 bytes each; beyond, each is an entry of its own. */
const MOST = 20_000;

interface Held {
  readonly event: AuditEvent;
  readonly since: number;
  times: number;
  last: number;
}

/**
 * The same refusal of the same person, again and again, is one entry at once and one with the count when its minute is over: somebody signed in cannot fill
 * the log by repeating themself, and what they tried is in it all the same.
 */
export class RefusalFold {
  private readonly held = new Map<string, Held>();

  /** True where the event is counted and needs no entry now. */
  holds(event: AuditEvent, now: number): boolean {
    if (event.accountId === null || !/REFUSED$/.test(event.action)) return false;
    const key = sha256(canonicalText({ ...event.detail, '': [event.accountId, event.grantId, event.action] }));
    const known = this.held.get(key);
    // A clock that went back begins anew.
    if (known !== undefined && now >= known.since && now - known.since < FOLD_MS) {
      known.times += 1;
      known.last = now;
      return true;
    }
    if (known === undefined && this.held.size < MOST) this.held.set(key, { event, since: now, times: 0, last: now });
    return false;
  }

  /** Entries of what was counted and is over; of all of it at the end. */
  due(now: number, all = false): AuditEvent[] {
    const events: AuditEvent[] = [];
    for (const [key, { event, since, times, last }] of this.held) {
      if (!all && now >= since && now - since < FOLD_MS) continue;
      this.held.delete(key);
      if (times === 0) continue;
      const repeated = { times, from: new Date(since).toISOString(), to: new Date(last).toISOString() };
      events.push({ ...event, detail: { ...event.detail, repeated } });
    }
    return events;
  }
}
