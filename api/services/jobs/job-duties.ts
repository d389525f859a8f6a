import type { Actor } from '../../../governance/actor.ts';
import type { FailedJobFacts, JobDuties, JobKindFacts, JobKindStep } from '../../../schema/services/job-duties.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { JobQueue } from '../../adapters/queue/queue.ts';
import { changeControl } from '../../jobs/job-control.ts';
import { JOB_KINDS, NEVER_HELD } from '../../jobs/job-kinds.ts';
import type { CommandDeps } from '../command-deps.ts';
import { textCursor, textPlace } from '../keyset.ts';
import { logCommand } from '../log-command.ts';
import { permitOf } from '../permit.ts';
import { isUuid } from '../uuid.ts';

/** Most of one kind at once; a row of job_control holds no more. */
const MOST_AT_ONCE = 64;
/** Word of no job in particular: whoever hears it looks at what waits. */
const ANY_JOB = '00000000-0000-0000-0000-000000000000';

const stepsOf = (kind: string, paused: boolean): readonly JobKindStep[] =>
  NEVER_HELD.has(kind) ? [] : [paused ? 'RESUME' : 'PAUSE', 'LIMIT'];

async function kindsNow(sql: Sql, now: Date): Promise<JobKindFacts[]> {
  const { rows } = await sql.query<Omit<JobKindFacts, 'allowedSteps'> & Record<string, unknown>>(
    `SELECT k.kind, coalesce(c.paused, false) AS paused, c.at_once AS "atOnce", coalesce(j.queued, 0)::int AS queued,
       coalesce(j.running, 0)::int AS running, coalesce(j.failed, 0)::int AS failed, j.since AS "waitingSince"
     FROM unnest($1::text[]) AS k (kind) LEFT JOIN job_control c ON c.kind = k.kind
     LEFT JOIN (SELECT kind, count(*) FILTER (WHERE state = 'QUEUED') AS queued, count(*) FILTER (WHERE state = 'RUNNING') AS running,
         count(*) FILTER (WHERE state = 'FAILED') AS failed, min(created_at) FILTER (WHERE state = 'QUEUED' AND run_after <= $2) AS since
       FROM job WHERE state IN ('QUEUED', 'RUNNING', 'FAILED') GROUP BY kind) j ON j.kind = k.kind
     ORDER BY k.kind`,
    [JOB_KINDS, now],
  );
  return rows.map((row) => ({ ...row, allowedSteps: stepsOf(row.kind, row.paused) }));
}

const UNKNOWN_KIND = {
  ok: false,
  code: 'JOB_KIND_UNKNOWN',
  message: `There is no such kind of work; there are: ${JOB_KINDS.join(', ')}.`,
} as const;

const FIXED_KIND = {
  ok: false,
  code: 'JOB_KIND_FIXED',
  message: 'This work was promised to a patient who has withdrawn; it is neither paused nor limited.',
} as const;

/** The work of the pipeline, for one actor: a curator. */
export function jobDuties(deps: CommandDeps & { readonly queue: JobQueue }, actor: Actor): JobDuties {
  const { database, clock, audit, queue } = deps;
  const permit = permitOf(deps, actor);

  async function change(command: string, kind: string, to: { paused?: boolean; atOnce?: number | null }) {
    const allowed = await permit('HANDLE_JOBS', { command, kind });
    if (!allowed.ok) return allowed;
    if (!JOB_KINDS.includes(kind)) return UNKNOWN_KIND;
    if (NEVER_HELD.has(kind)) return FIXED_KIND;
    const done = await database.transaction(async (sql) => {
      const by = { accountId: allowed.actor.accountId, now: clock.now() };
      const { before, after } = await changeControl(sql, kind, to, by);
      const held = ({ paused, atOnce: most }: typeof before) => ({ paused, atOnce: most });
      await logCommand(audit, sql, by.accountId, command, { kind, before: held(before), after: held(after) });
      return (await kindsNow(sql, by.now)).find((one) => one.kind === kind)!;
    });
    if (done.queued > 0) await queue.announce(ANY_JOB);
    return { ok: true, kind: done } as const;
  }

  return {
    async kinds() {
      const allowed = await permit('HANDLE_JOBS', { query: 'jobKinds' });
      return allowed.ok ? { ok: true, value: await kindsNow(database, clock.now()) } : allowed;
    },

    async failed({ first, after }) {
      const allowed = await permit('HANDLE_JOBS', { query: 'failedJobs' });
      if (!allowed.ok) return allowed;
      const [at, id] = textPlace(after) ?? [null, null];
      const { rows } = await database.query<FailedJobFacts & Record<string, unknown>>(
        `SELECT id, kind, coalesce(error ->> 'code', 'UNKNOWN') AS code, coalesce(error ->> 'message', '') AS message, attempts,
           created_at AS "createdAt", finished_at AS "failedAt"
         FROM job WHERE state = 'FAILED' AND ($1::timestamptz IS NULL OR (finished_at, id) < ($1, $2::uuid))
         ORDER BY finished_at DESC, id DESC LIMIT $3`,
        [at === null || Number.isFinite(Date.parse(at)) ? at : new Date(0), id, first + 1],
      );
      const nodes = rows.slice(0, first);
      const cursors = nodes.map((one) => textCursor(one.failedAt.toISOString(), one.id));
      const totalCount = async (): Promise<number> => {
        const found = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM job WHERE state = 'FAILED'`);
        return found.rows[0]!.n;
      };
      return { ok: true, value: { nodes, cursors, hasNextPage: rows.length > first, totalCount } };
    },

    async retry(id) {
      const allowed = await permit('HANDLE_JOBS', { command: 'retryJob', job: id });
      if (!allowed.ok) return allowed;
      const unknown = { ok: false, code: 'JOB_UNKNOWN', message: 'No job that was given up has this id.' } as const;
      if (!isUuid(id)) return unknown;
      const done = await database.transaction(async (sql) => {
        const { rows } = await sql.query<{ kind: string; code: string | null; doubled: boolean }>(
          `SELECT kind, error ->> 'code' AS code, EXISTS (SELECT 1 FROM job other WHERE other.dedupe_key = job.dedupe_key AND other.state IN ('QUEUED', 'RUNNING')) AS doubled
           FROM job WHERE id = $1 AND state = 'FAILED' FOR UPDATE`,
          [id],
        );
        const job = rows[0];
        if (job === undefined) return unknown;
        if (job.doubled)
          return { ok: false, code: 'JOB_DOUBLED', message: 'The same work waits or runs already.' } as const;
        await sql.query(
          `UPDATE job SET state = 'QUEUED', attempts = 0, finished_at = NULL, started_at = NULL, cancel_asked_at = NULL, run_after = $2 WHERE id = $1`,
          [id, clock.now()],
        );
        const { kind, code } = job;
        await logCommand(audit, sql, allowed.actor.accountId, 'retryJob', { job: id, kind, failed: code });
        return { ok: true, id } as const;
      });
      if (done.ok) await queue.announce(id);
      return done;
    },

    pause: (kind, paused) => change(paused ? 'pauseJobs' : 'resumeJobs', kind, { paused }),
    async limit(kind, atOnce) {
      if (atOnce === null || (atOnce >= 1 && atOnce <= MOST_AT_ONCE)) return change('limitJobs', kind, { atOnce });
      const allowed = await permit('HANDLE_JOBS', { command: 'limitJobs', kind });
      const message = `From 1 to ${MOST_AT_ONCE} may run at once; to stop a kind, pause it.`;
      return allowed.ok ? { ok: false, code: 'JOB_LIMIT_INVALID', message } : allowed;
    },
  };
}
