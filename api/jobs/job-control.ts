import type { Sql } from '../adapters/database/database.ts';

/** How a curator holds a kind of job. */
export interface JobControl {
  readonly kind: string;
  readonly paused: boolean;
  /** How many may run at once; null for as many as there are workers. */
  readonly atOnce: number | null;
}

/** Kinds of which no job may begin now: paused, or as many run as may. `limited`: how many may is counted for some, so that claims take turns. */
export async function heldKinds(sql: Sql): Promise<{ shut: ReadonlySet<string>; limited: boolean }> {
  const { rows } = await sql.query<{ kind: string; shut: boolean; limited: boolean }>(
    `SELECT kind, NOT paused AS limited,
       paused OR (SELECT count(*) FROM job WHERE job.state = 'RUNNING' AND job.kind = job_control.kind) >= at_once AS shut
     FROM job_control WHERE paused OR at_once IS NOT NULL`,
  );
  return {
    shut: new Set(rows.filter(({ shut }) => shut).map(({ kind }) => kind)),
    limited: rows.some(({ limited }) => limited),
  };
}

/** Holds a kind anew, in the caller's transaction; what is not given stays. @returns how it was held, and is */
export async function changeControl(
  sql: Sql,
  kind: string,
  change: { paused?: boolean; atOnce?: number | null },
  by: { accountId: string; now: Date },
): Promise<{ before: JobControl; after: JobControl }> {
  await sql.query(
    `INSERT INTO job_control (kind, changed_at, changed_by) VALUES ($1, $2, $3) ON CONFLICT (kind) DO NOTHING`,
    [kind, by.now, by.accountId],
  );
  const { rows } = await sql.query<JobControl & Record<string, unknown>>(
    'SELECT kind, paused, at_once AS "atOnce" FROM job_control WHERE kind = $1 FOR UPDATE',
    [kind],
  );
  const before = rows[0]!;
  const after = { ...before, ...change };
  await sql.query(
    'UPDATE job_control SET paused = $2, at_once = $3, changed_at = $4, changed_by = $5 WHERE kind = $1',
    [kind, after.paused, after.atOnce, by.now, by.accountId],
  );
  return { before, after };
}
