import type { AccountActor } from '../../../governance/actor.ts';
import type { RunPreviewFold } from '../../../schema/services/runs.ts';
import type { Foundation } from '../../compose.ts';
import type { JobKind } from '../../jobs/job-kind.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { byToken } from '../audit/by-token.ts';
import { type CheckedRun, checkRun, type RunRequest } from './check-run.ts';
import {
  type CheckpointRow,
  checkpointOpener,
  checkpointsOf,
  type HoldersView,
  readCheckpoint,
  runOfCheckpoint,
} from './checkpoints.ts';
import { wouldDiffer } from './paper.ts';
import { previewFolds } from './preview-run.ts';
import { type RequestRunResult, requestRun } from './request-run.ts';
import { type Run, type RunDeps, readRun, runsOf } from './run.ts';
import { runBaselineKind } from './run-job.ts';
import { runQueue, typicalSeconds } from './run-queue.ts';

/** Baselines on demand: asked for under a grant that allows RUN on all they read, done by a job that is decided again while it runs. */
export function runService(base: Foundation, audit: AuditLog, loadFacts: LoadFacts) {
  const deps: RunDeps = { ...base, audit, loadFacts };
  const { database, jobs, queue } = base;
  return {
    request: (actor: AccountActor, wanted: RunRequest): Promise<RequestRunResult> => requestRun(deps, actor, wanted),
    /** The run of this person, or null: another's does not exist for them. */
    async get(actor: AccountActor, runId: string): Promise<Run | null> {
      const run = await readRun(deps, runId);
      return run &&
        run.accountId === actor.accountId &&
        (actor.tokenGrantId == null || actor.tokenGrantId === run.grantId)
        ? run
        : null;
    },
    check: (actor: AccountActor, wanted: RunRequest): ReturnType<typeof checkRun> => checkRun(deps, actor, wanted),
    /** What the run would leave out of the paper's. */
    differs: ({ experiment: { key }, preset }: CheckedRun): Promise<string | null> =>
      wouldDiffer(deps.config, { experiment: key, preset }),
    previewFolds: (checked: CheckedRun): Promise<RunPreviewFold[]> => previewFolds(deps, checked),
    typicalSeconds: (): ReturnType<typeof typicalSeconds> => typicalSeconds(deps),
    checkpointsOf: (run: Run, view: HoldersView): Promise<CheckpointRow[]> => checkpointsOf(database, run, view),
    runOfCheckpoint: (accountId: string, id: string): Promise<string | null> =>
      runOfCheckpoint(database, accountId, id),
    readCheckpoint: (id: string): ReturnType<typeof readCheckpoint> => readCheckpoint(database, id),
    openCheckpoint: checkpointOpener(deps),
    /** By the id of the run. */
    queue: (): ReturnType<typeof runQueue> => runQueue(deps),
    list: (actor: AccountActor): Promise<Run[]> => runsOf(deps, actor, 100),
    async cancel(actor: AccountActor, runId: string): Promise<Run | null> {
      const run = await this.get(actor, runId);
      if (!run) return null;
      await database.transaction(async (sql) => {
        await jobs.cancel(sql, run.jobId);
        await audit.write(sql, {
          accountId: actor.accountId,
          grantId: run.grantId,
          action: 'CANCEL_RUN',
          detail: { run: runId, ...byToken(actor) },
        });
      });
      await queue.announce(run.jobId);
      return readRun(deps, runId);
    },
    jobKinds: (): JobKind[] => [runBaselineKind(deps) as JobKind as JobKind<unknown>],
  };
}

export type RunService = ReturnType<typeof runService>;
