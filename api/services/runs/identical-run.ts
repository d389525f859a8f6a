import { canonicalText, type Json, sha256 } from '../../../governance/canonical.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { Contents } from '../exports/contents.ts';
import { releaseState } from '../releases/release-state.ts';

/** Raised with every change that alters results. */
export const CODE_VERSION = '4';

export interface RunParameters {
  readonly releaseId: string;
  readonly experiment: string;
  readonly classes: number;
  readonly preset: string;
  readonly fold: number | null;
  readonly seed: number;
}

/**
 * SHA-256 over all that a run's result depends on: the state of the release, every row that its holder may use, experiment, preset, fold, seed, code
 * and weights. Who asks, and under which grant, is not in it: two people who may use the same rows get the same.
 * @param weights SHA-256 of each file of weights that it would use, by name
 */
export async function runIdentity(
  sql: Sql,
  { releaseId, experiment, classes, preset, fold, seed }: RunParameters,
  contents: Contents,
  weights: Readonly<Record<string, string>> = {},
): Promise<string> {
  const state = await releaseState(sql, releaseId);
  return sha256(
    canonicalText({
      ...{ release: releaseId, state: state?.digest ?? null, contents: contents as unknown as Json },
      ...{ experiment, classes, preset, fold, seed: Number(seed), code: CODE_VERSION, weights },
    }),
  );
}

export interface EarlierRun {
  readonly id: string;
  readonly result: unknown;
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Ids of the patients whom it was made from. */
  readonly patients: readonly string[];
}

/** The earliest run of that identity that came to its result itself, whosever. */
export async function earlierRun(sql: Sql, identity: string): Promise<EarlierRun | null> {
  const { rows } = await sql.query<EarlierRun & Record<string, unknown>>(
    `SELECT b.id, b.result, b.provenance, (SELECT coalesce(json_agg(l.patient_id), '[]') FROM lineage l WHERE l.subject = 'RUN' AND l.subject_id = b.id) AS patients
     FROM baseline_run b WHERE b.identity = $1 AND b.result IS NOT NULL AND b.answered_from IS NULL ORDER BY b.created_at, b.id LIMIT 1`,
    [identity],
  );
  return rows[0] ?? null;
}

/**
 * Takes the identity for a run that is about to compute, in a transaction: of two that come at once, one does.
 * @returns the run whose result answers this one; AT_WORK where another with it computes
 */
export async function takeIdentity(
  sql: Sql,
  runId: string,
  identity: string,
): Promise<EarlierRun | 'AT_WORK' | 'TAKEN'> {
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [identity]);
  const { rows } = await sql.query(
    `SELECT 1 FROM baseline_run b JOIN job j ON j.id = b.job_id WHERE b.identity = $1 AND b.id <> $2 AND b.result IS NULL AND j.state = 'RUNNING' LIMIT 1`,
    [identity, runId],
  );
  if (rows.length > 0) return 'AT_WORK';
  // Looked for after the other was: one that ended before that look has its result by now, one that ends after it was seen at work.
  const earlier = await earlierRun(sql, identity);
  if (earlier !== null) return earlier;
  await sql.query('UPDATE baseline_run SET identity = $2 WHERE id = $1', [runId, identity]);
  return 'TAKEN';
}

/** Gives a run the result of an earlier one, in the transaction that writes its lineage. */
export async function keepAnswer(sql: Sql, runId: string, identity: string, earlier: EarlierRun): Promise<void> {
  await sql.query(
    'UPDATE baseline_run SET identity = $2, answered_from = $3, result = $4, provenance = $5 WHERE id = $1',
    [runId, identity, earlier.id, JSON.stringify(earlier.result), JSON.stringify(answeredProvenance(earlier))],
  );
}

/** Where an answer is from, as its holder is told: not whose it was, nor when. */
function answeredProvenance({ provenance }: EarlierRun): Record<string, unknown> {
  const { startedAt: _when, ...rest } = provenance;
  return { ...rest, answered: 'from an earlier run with the same release, rows, preset, seed and code' };
}

/** What a job tells of its result. */
export const overallOf = ({ result }: EarlierRun): number | null =>
  (result as { evaluation?: { overall?: number } } | null)?.evaluation?.overall ?? null;
