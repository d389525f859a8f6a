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

export function downloadLog(database: Database, audit: AuditLog, onError: (error: Error) => void): DownloadLog {
  const open = new Map<string, { file: OpenedFile; bytes: number; cut: boolean; timer?: NodeJS.Timeout }>();
  const begun = new Map<string, Promise<void>>();

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
    begin(file) {
      const known = begun.get(file.ticketId);
      if (known) return known;
      const entry = audit.write(database, { ...file.who, action: 'DOWNLOAD', detail: file.about });
      begun.set(file.ticketId, entry);
      entry.catch(() => begun.delete(file.ticketId));
      // Tickets live for minutes; what is remembered of them need not live longer.
      setTimeout(() => begun.delete(file.ticketId), 3_700_000).unref();
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
    },
    async flush() {
      await Promise.all([...open.keys()].map(close));
    },
  };
}
