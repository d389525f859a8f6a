import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { SealKeys } from '../../adapters/keys/seal-keys.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { JobQueue } from '../../adapters/queue/queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';

/** What withdrawals are built on. */
export interface WithdrawalDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly keys: SealKeys;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: AuditLog;
  readonly jobs: JobStore;
  readonly queue: JobQueue;
  readonly loadFacts: LoadFacts;
  /** File beside the database in which erasures are noted. */
  readonly journal: string;
}
