import { AsyncLocalStorage } from 'node:async_hooks';
import { canonicalText, sha256 } from '../../../governance/canonical.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';
import { type AuditEvent, OWN } from './audit-event.ts';
import type { DecisionCount } from './decision-count.ts';
import { RefusalFold } from './refusal-fold.ts';

export interface AuditLog {
  /**
   * Writes the entry with its canonical text and hash in the transaction that it describes; the sealer links it afterwards. Of a log that folds, a
   * refusal that the same person was given within the last minute is counted instead (see `RefusalFold`).
   */
  write(sql: Sql, event: AuditEvent): Promise<void>;
  /** Runs work and says how many entries were asked for within it. */
  counting<Result>(work: () => Promise<Result>): Promise<{ result: Result; entries: number }>;
  /** Writes entries of the refusals that were counted and whose minute is over; at the end, of all of them. */
  flush(sql: Sql, all?: boolean): Promise<void>;
}

/** The log's writer. What is written can be neither changed nor removed, not even by this server's database role. */
export function auditLog(
  clock: Clock,
  ids: Ids,
  options: { fold?: boolean; decisions?: DecisionCount } = {},
): AuditLog {
  const fold = options.fold ? new RefusalFold() : null;
  const counters = new AsyncLocalStorage<{ entries: number }>();

  async function insert(sql: Sql, event: AuditEvent): Promise<void> {
    const entry = { id: ids.uuid(), at: clock.now(), ...event };
    const text = canonicalText({
      ...event.detail,
      id: entry.id,
      at: entry.at.toISOString(),
      account: entry.accountId,
      grant: entry.grantId,
      action: entry.action,
    });
    await sql.query(
      'INSERT INTO audit_entry (id, at, account_id, grant_id, action, text, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [entry.id, entry.at, entry.accountId, idOrNull(entry.grantId), entry.action, text, sha256(text)],
    );
  }

  return {
    async write(sql, event) {
      const lost = OWN.filter((key) => Object.hasOwn(event.detail, key));
      if (lost.length > 0)
        throw new Error(`an entry of the log says ${lost.join(', ')} itself: call the detail otherwise`);
      const counter = counters.getStore();
      if (counter) counter.entries += 1;
      if (event.accountId !== null) options.decisions?.entry(event.action);
      const { reasons } = event.detail;
      if (Array.isArray(reasons)) options.decisions?.refused(reasons.filter((one) => typeof one === 'string'));
      if (!fold?.holds(event, clock.now().getTime())) await insert(sql, event);
    },
    async counting(work) {
      const counter = { entries: 0 };
      const result = await counters.run(counter, work);
      return { result, entries: counter.entries };
    },
    async flush(sql, all = false) {
      for (const event of fold?.due(clock.now().getTime(), all) ?? []) await insert(sql, event);
    },
  };
}

/** A grant is named by whoever asks: what is no id of one stands in the entry's text and cannot keep the entry from being written. */
const idOrNull = (grantId: string | null): string | null => (grantId !== null && isUuid(grantId) ? grantId : null);
