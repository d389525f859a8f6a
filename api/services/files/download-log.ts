import type { Database } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { OpenedFile } from './file-access.ts';

/** An entry when a ticket is first used, before its first byte leaves, and one with the bytes when it has been idle for a while. */
export interface DownloadLog {
  begin(file: OpenedFile): Promise<void>;
  sent(file: OpenedFile, bytes: number, allowed: boolean): void;
  /** Writes what is still to be written. */
  flush(): Promise<void>;
}

const IDLE_MS = 5000;
/**
 * Tickets that are remembered at most, the last used ones. One that is forgotten while it is still used begins anew: one entry more, and none less.
 */
const MOST = 10_000;

/** @param most tickets remembered at a time */
export function downloadLog(
  database: Database,
  audit: AuditLog,
  onError: (error: Error) => void,
  most = MOST,
): DownloadLog {
  const open = new Map<string, { file: OpenedFile; bytes: number; cut: boolean; timer?: NodeJS.Timeout }>();
  // Ids alone, in the order of use; the promise of an entry lasts until it is written.
  const begun = new Set<string>();
  const beginning = new Map<string, Promise<void>>();

  async function close(id: string): Promise<void> {
    const entry = open.get(id);
    if (!entry) return;
    open.delete(id);
    clearTimeout(entry.timer);
    await audit
      .write(database, {
        ...entry.file.who,
        action: 'DOWNLOADED',
        detail: { ...entry.file.about, bytes: entry.bytes, ...(entry.cut && { cut: true }) },
      })
      .catch(onError);
  }

  return {
    async begin({ ticketId, who, about }) {
      if (begun.delete(ticketId)) {
        begun.add(ticketId);
        return;
      }
      const known = beginning.get(ticketId);
      if (known) return known;
      const entry = audit
        .write(database, { ...who, action: 'DOWNLOAD', detail: about })
        .then(() => {
          begun.add(ticketId);
          if (begun.size > most) begun.delete(begun.values().next().value!);
        })
        .finally(() => beginning.delete(ticketId));
      beginning.set(ticketId, entry);
      return entry;
    },
    sent(file, bytes, allowed) {
      const entry = open.get(file.ticketId) ?? { file, bytes: 0, cut: false };
      open.set(file.ticketId, entry);
      entry.bytes += bytes;
      entry.cut ||= !allowed;
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => void close(file.ticketId), IDLE_MS);
      entry.timer.unref();
      if (open.size > most) void close(open.keys().next().value!);
    },
    async flush() {
      await Promise.all([...open.keys()].map(close));
    },
  };
}
