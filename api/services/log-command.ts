import type { Sql } from '../adapters/database/database.ts';
import type { AuditDetail } from './audit/audit-event.ts';
import type { AuditLog } from './audit/audit-log.ts';

/** The word of a command in the log: `tightenPolicy` is TIGHTEN_POLICY. */
export const wordOf = (command: string): string => command.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

/** Writes a command that was carried out to the log, in its own transaction. */
export const logCommand = (
  audit: AuditLog,
  sql: Sql,
  accountId: string,
  command: string,
  detail: AuditDetail,
): Promise<void> =>
  audit.write(sql, { accountId, grantId: null, action: wordOf(command), detail: { command, ...detail } });
