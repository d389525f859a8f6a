import type { Foundation } from '../../compose.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { erasePatientKind } from './erase-patient.ts';
import { journalPath, replayErasures } from './erasure-journal.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';
import { draftWithoutKind, remindHolderKind } from './withdrawal-jobs.ts';

/** What follows from withdrawals by itself: the next release, reminders, erasure when its hold is over. */
export function withdrawalService(base: Foundation, audit: AuditLog, loadFacts: LoadFacts) {
  const { database, objects, keys, clock, ids, jobs, queue } = base;
  const deps: WithdrawalDeps = {
    database,
    objects,
    keys,
    clock,
    ids,
    jobs,
    queue,
    audit,
    loadFacts,
    journal: journalPath(base.config.dataDirectory),
  };
  return {
    deps,
    /** At each start, before anything is served. */
    replayErasures: () => replayErasures(deps, deps.journal),
    // The runner parses each payload with its kind's own schema before it hands it over.
    jobKinds: (): JobKind[] => [
      draftWithoutKind(deps) as JobKind as JobKind<unknown>,
      remindHolderKind(deps) as JobKind as JobKind<unknown>,
      erasePatientKind(deps) as JobKind as JobKind<unknown>,
    ],
  };
}
