import type { AccountActor } from '../../../governance/actor.ts';
import type { AuditDetail } from '../audit/audit-event.ts';
import { byToken } from '../audit/by-token.ts';
import { writeLineage } from '../lineage.ts';
import { readSetting } from '../settings/setting-commands.ts';
import { checkRun, type RunFailure, type RunRequest } from './check-run.ts';
import { earlierRun, keepAnswer, overallOf, runIdentity } from './identical-run.ts';
import { madeWith, weightsOfRun } from './paper.ts';
import type { RunDeps } from './run.ts';
import { runContents } from './run-contents.ts';

export type RequestRunResult = { ok: true; runId: string; jobId: string } | RunFailure;

/**
 * Decides RUN on everything that the experiment reads, then writes the run and its job in one transaction; with its result, where an identical run
 * has one already.
 */
export async function requestRun(deps: RunDeps, actor: AccountActor, wanted: RunRequest): Promise<RequestRunResult> {
  const { database, clock, ids, jobs, queue, audit } = deps;
  const checked = await checkRun(deps, actor, wanted);
  if (!checked.ok) return checked;
  const { release, experiment, classes, preset, fold, seed, grantId } = checked;
  const parameters = { releaseId: release.id, experiment: experiment.key, classes, preset, fold, seed };
  const [holder, token] = [{ accountId: actor.accountId, grantId }, { tokenId: actor.tokenId ?? null }];
  const seen = await runContents(deps, holder, token, release, experiment.reads);
  const identity = seen.ok
    ? await runIdentity(
        database,
        parameters,
        seen.contents,
        await madeWith(experiment.key, await weightsOfRun(deps.config, parameters)),
      )
    : null;
  const earlier = identity === null ? null : await earlierRun(database, identity);
  const runId = ids.uuid();
  const made = await database
    .transaction(async (sql) => {
      // Before anything else is held: a withdrawal waits for this, or this for the withdrawal.
      const patients = earlier?.patients ?? [];
      const answered = earlier !== null && (await writeLineage(sql, { subject: 'RUN', id: runId, patients }));
      // One at a time of one person, so that what is counted is all there is.
      await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [actor.accountId]);
      const { rows } = await sql.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM baseline_run WHERE account_id = $1 AND created_at > $2::timestamptz - interval '24 hours'`,
        [actor.accountId, clock.now()],
      );
      if ((rows[0]?.n ?? 0) >= (await readSetting(sql, 'runsPerPersonAndDay'))) throw new TooMany();
      const job = { kind: 'run-baseline', payload: { runId }, ...holder, ...token, priority: 10 };
      const jobId = answered ? await jobs.addDone(sql, job, { overall: overallOf(earlier) }) : await jobs.add(sql, job);
      await sql.query(
        `INSERT INTO baseline_run (id, job_id, account_id, grant_id, release_id, experiment, classes, preset, fold, seed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          ...[runId, jobId, actor.accountId, grantId, release.id],
          ...[experiment.key, classes, preset, fold, seed, clock.now()],
        ],
      );
      if (answered) await keepAnswer(sql, runId, identity as string, earlier);
      const log = (action: string, detail: AuditDetail) =>
        audit.write(sql, { ...holder, action, detail: { run: runId, ...detail, ...byToken(actor) } });
      await log('RUN_BASELINE', { release: release.id, experiment: experiment.key, classes, preset, fold, seed });
      if (answered) await log('RUN_FINISHED', { patients: patients.length, answered: true });
      return { jobId, answered };
    })
    .catch((error: unknown) => {
      if (error instanceof TooMany) return null;
      throw error;
    });
  if (made === null)
    return {
      ok: false,
      code: 'RUN_LIMIT',
      message: 'You have begun as many runs within 24 hours as one person may.',
    };
  if (!made.answered) await queue.announce(made.jobId);
  return { ok: true, runId, jobId: made.jobId };
}

/** Undoes what the transaction has written before the count. */
class TooMany extends Error {}
