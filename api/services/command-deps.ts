import type { Clock, Ids } from '../adapters/clock/clock.ts';
import type { Database } from '../adapters/database/database.ts';
import type { LoadFacts } from './access/load-facts.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { StrangerCount } from './audit/stranger-count.ts';

/** What the services of commands are built on. */
export interface CommandDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: AuditLog;
  /** Counts what is refused to people who are not signed in. */
  readonly strangers?: StrangerCount;
  readonly loadFacts: LoadFacts;
  /** The study that is meant when none is named. */
  readonly defaultStudy: string;
}
