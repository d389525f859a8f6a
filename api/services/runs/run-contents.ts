import { decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { Job } from '../../jobs/job.ts';
import { jobActor } from '../../jobs/job-actor.ts';
import { JobRefused } from '../../jobs/job-kind.ts';
import { type Contents, contentsOf, isWithin } from '../exports/contents.ts';
import { selectRows } from '../exports/selection.ts';
import type { FoundRelease } from '../releases/find-release.ts';
import { type Run, type RunDeps, reasonCodes } from './run.ts';

/** Something that a run has read may be seen no more. Which, is told to nobody. */
export const CONTENT_CHANGED = 'CONTENT_CHANGED';

type Seen = { readonly ok: true; readonly contents: Contents } | { readonly ok: false; readonly reasons: string[] };

/** What the person of a run may use of its release at this moment, row by row; or why not. @param inside the transaction that asks, if one does */
export async function runContents(
  { database, clock, loadFacts }: RunDeps,
  run: Pick<Run, 'accountId' | 'grantId'>,
  job: Pick<Job, 'tokenId'>,
  release: FoundRelease,
  reads: readonly Modality[],
  inside: Sql | null = null,
): Promise<Seen> {
  const now = clock.now();
  const facts = await loadFacts(inside ?? database, run.accountId, now, release.id);
  const decisions = decideModalities(jobActor(run, job), 'RUN', release, facts, now);
  const refused = reads.flatMap((modality) => {
    const decision = decisions[modality];
    return decision.allow ? [] : [...decision.reasons];
  });
  const filter = rowFilterOf(decisions[reads[0] ?? 'LABELS'], now);
  if (refused.length > 0 || filter === null) return { ok: false, reasons: reasonCodes(refused) };
  const scope = { releaseId: release.id, fold: null, part: 'ALL', modalities: reads } as const;
  const { timeZone } = facts.policy;
  return { ok: true, contents: contentsOf(await selectRows(database, scope, filter, timeZone, inside)) };
}

/** Why a run may not go on with what it has read; none, and it may. @param contents null before it has read anything */
export async function runEnds(
  deps: RunDeps,
  run: Run,
  release: FoundRelease,
  reads: readonly Modality[],
  contents: Contents | null,
  inside: Sql | null = null,
): Promise<string[]> {
  const now = await runContents(deps, run, run.job, release, reads, inside);
  if (!now.ok) return now.reasons;
  return contents === null || isWithin(contents, now.contents) ? [] : [CONTENT_CHANGED];
}

/** What this attempt has read, as far as its right to go on depends on it; null before it has. */
export async function keptContents({ database }: RunDeps, { id, job }: Run): Promise<Contents | null> {
  const { rows } = await database.query<{ kept: { attempt: number; contents: Contents } | null }>(
    'SELECT contents AS kept FROM baseline_run WHERE id = $1',
    [id],
  );
  const kept = rows[0]?.kept ?? null;
  return kept !== null && kept.attempt === job.attempts ? kept.contents : null;
}

/** Keeps what may be seen now for the supervisor, which asks again and again. @throws JobRefused */
export async function keepContents(deps: RunDeps, run: Run, release: FoundRelease, job: Job): Promise<Contents> {
  const seen = await runContents(deps, run, job, release, experimentOf(run.experiment)!.reads);
  if (!seen.ok) throw new JobRefused(seen.reasons);
  await deps.database.query('UPDATE baseline_run SET contents = $2 WHERE id = $1', [
    run.id,
    JSON.stringify({ attempt: job.attempts, contents: seen.contents }),
  ]);
  return seen.contents;
}
