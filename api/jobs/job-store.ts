import type { Clock, Ids } from '../adapters/clock/clock.ts';
import type { Database, Sql } from '../adapters/database/database.ts';
import { type AuditLog, auditLog } from '../services/audit/audit-log.ts';
import { CLAIM } from './fair-turn.ts';
import type { Job, JobProgress, JobState, NewJob } from './job.ts';
import { heldKinds } from './job-control.ts';
import { JOB_VERSIONS } from './job-kinds.ts';

const COLUMNS = `id, kind, payload, state, account_id AS "accountId", grant_id AS "grantId", token_id AS "tokenId", progress, result, error, attempts, max_attempts AS "maxAttempts",
  locked_by AS "lockedBy", cancel_asked_at AS "cancelAskedAt", created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

const ACCESS_ENDED = `(cancel_asked_at IS NOT NULL AND error -> 'reasons' IS NOT NULL)`;
/** State of a job that a worker no longer does: ended where an end was asked for, else failed on a condition, else waiting. */
const ENDED = (failed: string): string =>
  `CASE WHEN ${ACCESS_ENDED} THEN 'REFUSED' WHEN cancel_asked_at IS NOT NULL THEN 'CANCELLED' WHEN ${failed} THEN 'FAILED' ELSE 'QUEUED' END`;

interface EndedJob extends Record<string, unknown> {
  id: string;
  kind: string;
  state: JobState;
  attempts: number;
  accountId: string | null;
  grantId: string | null;
  tokenId: string | null;
  code: string | null;
}

/** Jobs as rows of PostgreSQL: the truth of what is to be done and was done. */
export function jobStore(
  database: Database,
  clock: Clock,
  ids: Ids,
  audit: AuditLog = auditLog(clock, ids),
  versions: Readonly<Record<string, number>> = JOB_VERSIONS,
) {
  const versionOf = (kind: string): number => versions[kind] ?? 1;
  /** Runs a statement that may end jobs, and writes an entry for each that did, in one transaction. @returns rows that were changed */
  async function ending(sql: Sql, statement: string, values: unknown[]): Promise<EndedJob[]> {
    const { rows } = await sql.query<EndedJob>(
      `${statement} RETURNING id, kind, state, attempts, account_id AS "accountId", grant_id AS "grantId", token_id AS "tokenId", error ->> 'code' AS code`,
      values,
    );
    for (const { id, kind, state, attempts, accountId, grantId, tokenId, code } of rows)
      if (state !== 'QUEUED' && state !== 'RUNNING')
        await audit.write(sql, {
          accountId,
          grantId,
          action: 'JOB',
          detail: { job: id, kind, state, attempts, ...(code && { code }), ...(tokenId && { token: tokenId }) },
        });
    return rows;
  }
  const inOne = (sql: Sql, statement: string, values: unknown[]): Promise<EndedJob[]> =>
    sql === database ? database.transaction((one) => ending(one, statement, values)) : ending(sql, statement, values);

  async function take(
    sql: Sql,
    worker: string,
    of: { kinds: string[]; inTurn: string[]; without: ReadonlySet<string> },
  ): Promise<Job | null> {
    const open = (kinds: string[]): string[] => kinds.filter((kind) => !of.without.has(kind));
    const [kinds, inTurn] = [open(of.kinds), open(of.inTurn)];
    if (kinds.length === 0) return null;
    const { rows } = await sql.query<Job & Record<string, unknown>>(
      `${CLAIM(inTurn.length > 0)} RETURNING ${COLUMNS}`,
      [...[worker, clock.now(), kinds, kinds.map(versionOf)], ...(inTurn.length === 0 ? [] : [inTurn])],
    );
    return rows[0] ?? null;
  }

  return {
    /** Adds a job, in the caller's transaction; announce it after the commit. Returns the waiting one's id where the dedupe key is taken. */
    async add(sql: Sql, job: NewJob): Promise<string> {
      const now = clock.now();
      const { rows } = await sql.query<{ id: string }>(
        `INSERT INTO job (id, kind, payload, state, priority, dedupe_key, account_id, grant_id, max_attempts, run_after, created_at, token_id, version)
         VALUES ($1, $2, $3, 'QUEUED', $4, $5, $6, $7, $8, $11, $9, $10, $12)
         ON CONFLICT (dedupe_key) WHERE state IN ('QUEUED', 'RUNNING') DO UPDATE SET priority = greatest(job.priority, excluded.priority)
         RETURNING id`,
        [
          ids.uuid(),
          job.kind,
          JSON.stringify(job.payload),
          job.priority ?? 0,
          job.dedupeKey ?? null,
          job.accountId ?? null,
          job.grantId ?? null,
          job.maxAttempts ?? 3,
          now,
          job.tokenId ?? null,
          job.runAfter ?? now,
          versionOf(job.kind),
        ],
      );
      return rows[0]!.id;
    },

    /** A job that was done while it was asked for, in the caller's transaction: as one that succeeded. */
    async addDone(sql: Sql, job: NewJob, result: unknown): Promise<string> {
      const id = ids.uuid();
      await ending(
        sql,
        `INSERT INTO job (id, kind, payload, state, priority, account_id, grant_id, max_attempts, run_after, created_at, started_at, finished_at, token_id, result)
         VALUES ($1, $2, $3, 'SUCCEEDED', 0, $4, $5, 1, $6, $6, $6, $6, $7, $8)`,
        [
          id,
          job.kind,
          JSON.stringify(job.payload),
          job.accountId ?? null,
          job.grantId ?? null,
          clock.now(),
          job.tokenId ?? null,
          JSON.stringify(result),
        ],
      );
      return id;
    },

    async get(id: string): Promise<Job | null> {
      const { rows } = await database.query<Job & Record<string, unknown>>(`SELECT ${COLUMNS} FROM job WHERE id = $1`, [
        id,
      ]);
      return rows[0] ?? null;
    },

    /** Several jobs by id; what is not there is left out. */
    async getAll(ids: readonly string[]): Promise<ReadonlyMap<string, Job>> {
      if (ids.length === 0) return new Map();
      const { rows } = await database.query<Job & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM job WHERE id = ANY($1::uuid[])`,
        [ids],
      );
      return new Map(rows.map((row) => [row.id, row]));
    },

    /**
     * Takes the next waiting job of these kinds for a worker, or null: none that is paused, that is newer than the worker, or of which as many run as
     * may. Two workers never get the same one.
     * @param inTurn those of the kinds for which people take turns
     */
    async claim(worker: string, kinds: string[], inTurn: string[] = []): Promise<Job | null> {
      const held = await heldKinds(database);
      const free = (sql: Sql, shut: ReadonlySet<string>): Promise<Job | null> =>
        take(sql, worker, { kinds, inTurn, without: shut });
      if (!held.limited) return free(database, held.shut);
      // One after the other, so that two that see room for one do not both take it.
      return database.transaction(async (sql) => {
        await sql.query(`SELECT pg_advisory_xact_lock(hashtext('job claim'))`);
        return free(sql, (await heldKinds(sql)).shut);
      });
    },

    /** Says that the worker lives, with its progress. @returns false when the job is no longer this worker's, or it was asked to stop */
    async beat(id: string, worker: string, progress: JobProgress | null): Promise<boolean> {
      const { rows } = await database.query<{ stop: boolean }>(
        `UPDATE job SET heartbeat_at = $3, progress = coalesce($4, progress) WHERE id = $1 AND locked_by = $2 AND state = 'RUNNING'
         RETURNING cancel_asked_at IS NOT NULL AS stop`,
        [id, worker, clock.now(), progress && JSON.stringify(progress)],
      );
      return rows[0]?.stop === false;
    },

    /**
     * Ends a running job of this worker; one whose access ended meanwhile ends as REFUSED, whatever it has done.
     * @returns false if it was taken away meanwhile (then nothing is written)
     */
    async finish(
      sql: Sql,
      id: string,
      worker: string,
      end: { state: Exclude<JobState, 'QUEUED' | 'RUNNING'>; result?: unknown; error?: Job['error'] },
    ): Promise<boolean> {
      const ended = await inOne(
        sql,
        `UPDATE job SET finished_at = $6, locked_by = NULL, error = coalesce($5, error),
           state = CASE WHEN $3 = 'SUCCEEDED' AND ${ACCESS_ENDED} THEN 'REFUSED' ELSE $3 END,
           result = CASE WHEN $3 = 'SUCCEEDED' AND ${ACCESS_ENDED} THEN NULL ELSE $4::jsonb END
         WHERE id = $1 AND locked_by = $2 AND state = 'RUNNING'`,
        [
          id,
          worker,
          end.state,
          end.result === undefined ? null : JSON.stringify(end.result),
          end.error ? JSON.stringify(end.error) : null,
          clock.now(),
        ],
      );
      return ended.length === 1;
    },

    /** Back to the queue after a failed attempt, later each time; failed for good after the last. One that was asked to end, ends. */
    async retryOrFail(id: string, worker: string, error: NonNullable<Job['error']>): Promise<void> {
      await inOne(
        database,
        `UPDATE job SET locked_by = NULL, state = ${ENDED('attempts >= max_attempts')},
           error = CASE WHEN cancel_asked_at IS NULL THEN $3::jsonb ELSE error END,
           finished_at = CASE WHEN cancel_asked_at IS NOT NULL OR attempts >= max_attempts THEN $4::timestamptz END,
           run_after = $4::timestamptz + make_interval(secs => least(60, power(2, attempts)))
         WHERE id = $1 AND locked_by = $2 AND state = 'RUNNING'`,
        [id, worker, JSON.stringify(error), clock.now()],
      );
    },

    /** Back to the queue without an attempt used: the worker stops, or the job has to wait for another. One that was asked to end, ends. */
    async handBack(id: string, worker: string, afterMs = 0): Promise<void> {
      await inOne(
        database,
        `UPDATE job SET locked_by = NULL, attempts = attempts - 1, state = ${ENDED('false')},
           finished_at = CASE WHEN cancel_asked_at IS NOT NULL THEN $3::timestamptz END,
           run_after = $3::timestamptz + make_interval(secs => $4)
         WHERE id = $1 AND locked_by = $2 AND state = 'RUNNING'`,
        [id, worker, clock.now(), afterMs / 1000],
      );
    },

    /** Asks for an end: a waiting job ends at once, a running one is told. error says why, where it is not the person's own wish. */
    async cancel(sql: Sql, id: string, error?: NonNullable<Job['error']>): Promise<void> {
      await inOne(
        sql,
        `UPDATE job SET cancel_asked_at = coalesce(cancel_asked_at, $2), error = coalesce($3, error),
           state = CASE WHEN state = 'QUEUED' THEN $4 ELSE state END, finished_at = CASE WHEN state = 'QUEUED' THEN $2 ELSE finished_at END
         WHERE id = $1 AND state IN ('QUEUED', 'RUNNING')`,
        [id, clock.now(), error ? JSON.stringify(error) : null, error?.reasons ? 'REFUSED' : 'CANCELLED'],
      );
    },

    /**
     * Gives back what a dead worker held: to the queue, or failed where it was the last attempt, or ended where an end was asked for.
     * @param worker its name; or all that have been silent since, but for some
     */
    async takeBack(worker: string | { silentSince: Date; except?: string[] }): Promise<string[]> {
      const [where, ...values] =
        typeof worker === 'string'
          ? ['locked_by = $1', worker]
          : ['heartbeat_at < $1 AND NOT locked_by = ANY($3)', worker.silentSince];
      const rows = await inOne(
        database,
        `UPDATE job SET locked_by = NULL, state = ${ENDED('attempts >= max_attempts')},
           error = CASE WHEN cancel_asked_at IS NULL AND attempts >= max_attempts
                        THEN jsonb_build_object('code', 'WORKER_DIED', 'message', format('the worker process ended %s times while it did this', attempts)) ELSE error END,
           finished_at = CASE WHEN cancel_asked_at IS NOT NULL OR attempts >= max_attempts THEN $2::timestamptz END
         WHERE state = 'RUNNING' AND ${where}`,
        [...values, clock.now(), ...(typeof worker === 'string' ? [] : [worker.except ?? []])],
      );
      return rows.map((row) => row.id);
    },

    async running(): Promise<Job[]> {
      const { rows } = await database.query<Job & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM job WHERE state = 'RUNNING'`,
      );
      return rows;
    },

    /** Jobs of people that wait, in turn: `count` of them from the one after `after` on, beginning again at the end. */
    async waiting(after: string | null, count: number): Promise<Job[]> {
      const { rows } = await database.query<Job & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM job WHERE state = 'QUEUED' AND account_id IS NOT NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
        [after, count],
      );
      return rows;
    },

    /** Which of these workers hold a job and have not been heard of since. */
    async silent(workers: string[], since: Date): Promise<string[]> {
      const { rows } = await database.query<{ name: string }>(
        `SELECT DISTINCT locked_by AS name FROM job WHERE state = 'RUNNING' AND locked_by = ANY($1) AND heartbeat_at < $2`,
        [workers, since],
      );
      return rows.map((row) => row.name);
    },

    /** How many jobs of a kind stand in each state. */
    async counts(kind?: string): Promise<Record<JobState, number>> {
      const { rows } = await database.query<{ state: JobState; n: number }>(
        'SELECT state, count(*)::int AS n FROM job WHERE $1::text IS NULL OR kind = $1 GROUP BY state',
        [kind ?? null],
      );
      const none: Record<JobState, number> = {
        QUEUED: 0,
        RUNNING: 0,
        SUCCEEDED: 0,
        FAILED: 0,
        REFUSED: 0,
        CANCELLED: 0,
      };
      for (const row of rows) none[row.state] = row.n;
      return none;
    },
  };
}

export type JobStore = ReturnType<typeof jobStore>;
