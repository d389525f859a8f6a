import type { Sql } from '../adapters/database/database.ts';
import type { Job } from './job.ts';

/** The job was given to another worker, or asked to end: what this attempt made is not to be kept. */
export class JobLost extends Error {
  override name = 'JobLost';
}

/**
 * Makes sure, inside the transaction that keeps a job's result, that the job is still this attempt's to do; until that transaction ends nobody can take
 * it away. A worker that was thought dead (a machine asleep) so writes nothing beside the one that took over.
 * @param options.ending true to clear up after a job that was asked to end: then that it was is no matter
 * @throws JobLost
 */
export async function holdJob(
  sql: Sql,
  job: Pick<Job, 'id' | 'attempts' | 'lockedBy'>,
  { ending = false }: { ending?: boolean } = {},
): Promise<void> {
  const { rows } = await sql.query(
    `SELECT 1 FROM job WHERE id = $1 AND attempts = $2 AND locked_by = $3 AND state = 'RUNNING' AND ($4 OR cancel_asked_at IS NULL) FOR SHARE`,
    [job.id, job.attempts, job.lockedBy, ending],
  );
  if (rows.length === 0) throw new JobLost('the job is no longer this attempt’s to do');
}
