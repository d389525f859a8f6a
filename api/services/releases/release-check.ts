import { z } from 'zod';
import type { Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import type { ReleaseCheckFacts } from '../../../governance/release.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { holdJob } from '../../jobs/job-fence.ts';
import { JobFailure, type JobKind } from '../../jobs/job-kind.ts';
import { isUuid } from '../uuid.ts';
import { type CheckOptions, type CheckOutcome, runReleaseCheck } from './check-release.ts';
import { problemText, type ReleaseDeps, type ReleaseProblem } from './release-command.ts';

const KIND = 'check-release';
const PAYLOAD = z.object({ checkId: z.string() });
/** Problems that are kept of one check; more say no more. */
const MOST_PROBLEMS = 1000;
/** Before bulk, since a person waits. */
const PRIORITY = 5;

/** A check as it stands: waiting or running (its job says how far), or ended with what it found. */
export interface ReleaseCheck {
  readonly id: string;
  readonly releaseId: string;
  readonly jobId: string | null;
  readonly checksums: boolean;
  readonly askedAt: Date;
  readonly askedBy: string | null;
  readonly endedAt: Date | null;
  readonly problems: readonly ReleaseProblem[] | null;
  readonly problemCount: number | null;
  readonly digest: string | null;
  readonly files: number | null;
  readonly bytes: number | null;
  /** Whether the release still lists what this check has seen. */
  readonly current: boolean;
}

const SELECT = `SELECT c.id, c.release_id AS "releaseId", c.job_id AS "jobId", c.checksums, c.asked_at AS "askedAt", c.asked_by AS "askedBy", c.ended_at AS "endedAt",
  c.problems, c.problem_count AS "problemCount", c.digest, c.files, c.bytes, c.revision = r.revision AS current
  FROM release_check c JOIN release r ON r.id = c.release_id`;

export async function findCheck(sql: Sql, checkId: string): Promise<ReleaseCheck | null> {
  if (!isUuid(checkId)) return null;
  const { rows } = await sql.query<ReleaseCheck & Record<string, unknown>>(`${SELECT} WHERE c.id = $1`, [checkId]);
  return rows[0] ?? null;
}

/** The last check that was asked for of each of these releases. */
export async function lastChecks(sql: Sql, releaseIds: readonly string[]): Promise<ReadonlyMap<string, ReleaseCheck>> {
  const { rows } = await sql.query<ReleaseCheck & Record<string, unknown>>(
    `${SELECT} WHERE c.id IN (SELECT DISTINCT ON (release_id) id FROM release_check WHERE release_id = ANY($1::uuid[]) ORDER BY release_id, asked_at DESC, id DESC)`,
    [releaseIds],
  );
  return new Map(rows.map((row) => [row.releaseId, row]));
}

/**
 * What is known of the release's content as it now is: the newest check that read every byte, or a newer one that found something wrong. Null where it
 * was not checked since what it lists last changed.
 */
export async function knownCheck(sql: Sql, releaseId: string): Promise<ReleaseCheckFacts | null> {
  const { rows } = await sql.query<ReleaseCheck & { digest: string; endedAt: Date } & Record<string, unknown>>(
    `${SELECT} WHERE c.release_id = $1 AND c.ended_at IS NOT NULL AND c.revision = r.revision ORDER BY c.ended_at DESC, c.id DESC LIMIT 100`,
    [releaseId],
  );
  const [newest] = rows;
  const whole = rows.find((row) => row.checksums);
  const row = newest !== undefined && (newest.problemCount ?? 0) > 0 ? newest : (whole ?? newest);
  if (row === undefined) return null;
  const { digest, endedAt, checksums } = row;
  return { contentHash: digest, endedAt, checksums, problems: (row.problems ?? []).map(problemText) };
}

/** Asks for a check, which a job does; the one that waits or runs already is the one that is asked for. The caller has asked whether the actor may. */
export async function requestCheck(
  deps: ReleaseDeps,
  accountId: string,
  releaseId: string,
  checksums: boolean,
): Promise<string | null> {
  const { database, jobs, queue, ids, clock, audit } = deps;
  if (!isUuid(releaseId)) return null;
  const asked = await database.transaction(async (sql) => {
    const { rows: known } = await sql.query('SELECT 1 FROM release WHERE id = $1', [releaseId]);
    if (known.length === 0) return null;
    const checkId = ids.uuid();
    const jobId = await jobs.add(sql, {
      kind: KIND,
      payload: { checkId },
      accountId,
      priority: PRIORITY,
      dedupeKey: `${KIND} ${releaseId} ${checksums ? 'whole' : 'quick'}`,
    });
    const { rows } = await sql.query<{ id: string; made: boolean }>(
      `WITH made AS (INSERT INTO release_check (id, release_id, job_id, asked_by, asked_at, checksums) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id) DO NOTHING RETURNING id)
       SELECT id, true AS made FROM made UNION ALL SELECT id, false FROM release_check WHERE job_id = $3`,
      [checkId, releaseId, jobId, accountId, clock.now(), checksums],
    );
    const check = rows[0];
    if (check === undefined) throw new Error('a check that was asked for is gone');
    if (check.made)
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: 'CHECK_RELEASE',
        detail: { release: releaseId, check: check.id, job: jobId, checksums },
      });
    return { checkId: check.id, jobId };
  });
  if (asked === null) return null;
  await queue.announce(asked.jobId);
  return asked.checkId;
}

/** Ends a check that waits or runs. @returns false where there is nothing to end */
export async function cancelCheck(deps: ReleaseDeps, accountId: string, check: ReleaseCheck): Promise<boolean> {
  const { jobId } = check;
  const job = jobId === null ? null : await deps.jobs.get(jobId);
  if (jobId === null || (job?.state !== 'QUEUED' && job?.state !== 'RUNNING')) return false;
  await deps.database.transaction(async (sql) => {
    await deps.jobs.cancel(sql, jobId);
    await deps.audit.write(sql, {
      accountId,
      grantId: null,
      action: 'CANCEL_RELEASE_CHECK',
      detail: { release: check.releaseId, check: check.id, job: jobId },
    });
  });
  await deps.queue.announce(jobId);
  return true;
}

/** Checks here and now and keeps what was found: for the demo, whose start waits for it, and for tests. */
export async function checkNow(
  deps: ReleaseDeps,
  actor: Actor,
  releaseId: string,
  options: CheckOptions = { checksums: true },
): Promise<CheckOutcome> {
  const { database, ids, clock } = deps;
  const id = ids.uuid();
  await database.query(
    'INSERT INTO release_check (id, release_id, asked_by, asked_at, checksums) VALUES ($1, $2, $3, $4, $5)',
    [id, releaseId, actor.kind === 'account' ? actor.accountId : null, clock.now(), options.checksums],
  );
  const outcome = await runReleaseCheck(deps, releaseId, options);
  await keep(database, id, outcome, clock.now());
  return outcome;
}

async function keep(sql: Sql, checkId: string, outcome: CheckOutcome, endedAt: Date): Promise<void> {
  const { problems, revision, digest, files, bytes } = outcome;
  await sql.query(
    `UPDATE release_check SET revision = $2, digest = $3, problems = $4, problem_count = $5, files = $6, bytes = $7, ended_at = $8 WHERE id = $1 AND ended_at IS NULL`,
    [
      checkId,
      revision,
      digest,
      JSON.stringify(problems.slice(0, MOST_PROBLEMS)),
      problems.length,
      files,
      bytes,
      endedAt,
    ],
  );
}

/** The job that checks: ends where whoever asked may look at drafts no more, where it is cancelled, and begins anew after its worker died. */
export function checkReleaseKind(deps: ReleaseDeps): JobKind {
  const kind: JobKind<z.infer<typeof PAYLOAD>> = {
    kind: KIND,
    payload: PAYLOAD,
    maxAttempts: 3,
    priority: PRIORITY,
    async refusals(job) {
      const now = deps.clock.now();
      const { accountId } = job;
      if (accountId === null) return [];
      const facts = await deps.loadFacts(deps.database, accountId, now, null);
      const decision = decide({ kind: 'account', accountId }, 'VIEW_DRAFT', { kind: 'none' }, facts, now);
      return decision.allow ? [] : decision.reasons.map(({ code }) => code);
    },
    async run({ checkId }, { job, signal, progress }) {
      const check = await findCheck(deps.database, checkId);
      if (check === null) throw new JobFailure('CHECK_UNKNOWN', 'There is no such check.');
      const options = { checksums: check.checksums, signal, progress };
      const outcome = await runReleaseCheck(deps, check.releaseId, options);
      await deps.database.transaction(async (sql) => {
        await holdJob(sql, job);
        await keep(sql, checkId, outcome, deps.clock.now());
        await deps.audit.write(sql, {
          accountId: check.askedBy,
          grantId: null,
          action: 'RELEASE_CHECKED',
          detail: {
            release: check.releaseId,
            check: checkId,
            checksums: check.checksums,
            digest: outcome.digest,
            files: outcome.files,
            bytes: outcome.bytes,
            problems: outcome.problems.length,
          },
        });
      });
      return { problems: outcome.problems.length };
    },
  };
  // The runner parses each payload with its kind's own schema before it hands it over.
  return kind as JobKind as JobKind<unknown>;
}
