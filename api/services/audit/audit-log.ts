import { canonicalText, type Json, sha256 } from '../../../governance/canonical.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

export interface AuditEvent {
  /** Null for the program itself (the pipeline, the clock). */
  accountId: string | null;
  grantId: string | null;
  /** What was done, as a word: the command, READ, REFUSED, DOWNLOAD, SIGN_IN … */
  action: string;
  detail: { readonly [key: string]: Json | undefined };
}

export interface AuditLog {
  /** Writes the entry with its canonical text and hash in the transaction that it describes; the sealer links it afterwards. */
  write(sql: Sql, event: AuditEvent): Promise<void>;
}

/** The log's writer. What is written can be neither changed nor removed, not even by this server's database role. */
export function auditLog(clock: Clock, ids: Ids): AuditLog {
  return {
    async write(sql, event) {
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
    },
  };
}

/** A grant is named by whoever asks: what is no id of one stands in the entry's text and cannot keep the entry from being written. */
const idOrNull = (grantId: string | null): string | null => (grantId !== null && isUuid(grantId) ? grantId : null);
