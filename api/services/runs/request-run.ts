import type { AccountActor } from '../../../governance/actor.ts';
import { decide, decideModalities } from '../../../governance/decide.ts';
import { describeReason, publicReasons, type Reason } from '../../../governance/reasons.ts';
import { EXPERIMENTS, experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import { byToken } from '../audit/by-token.ts';
import { findRelease, foldsOfRelease } from '../releases/find-release.ts';
import { readSetting } from '../settings/setting-commands.ts';
import { PRESETS, presetsOf } from './prepare-run.ts';
import { type RunDeps, reasonCodes, runReasons } from './run.ts';
import { painRunRows, UNRUNNABLE, unrunnable } from './run-rows.ts';

export interface RunRequest {
  study: string | null;
  release: string | null;
  experiment: string;
  classes: number | null;
  preset: string | null;
  fold: number | null;
  seed: number | null;
}

export type RequestRunResult =
  | { ok: true; runId: string; jobId: string }
  | {
      ok: false;
      code:
        | 'RELEASE_UNKNOWN'
        | 'EXPERIMENT_UNKNOWN'
        | 'EXPERIMENT_NOT_AVAILABLE'
        | 'CLASSES_UNKNOWN'
        | 'PRESET_UNKNOWN'
        | 'SEED_INVALID'
        | 'TOO_FEW_PATIENTS'
        | 'FOLD_HIDDEN'
        | 'RUN_LIMIT';
      message: string;
    }
  | { ok: false; code: 'FOLD_UNKNOWN'; message: string; folds: readonly number[] }
  | { ok: false; code: 'FORBIDDEN'; message: string; reasons: readonly Reason[] };

const MAX_SEED = 0xffff_ffff;

/** Decides RUN on everything that the experiment reads, then writes the run and its job in one transaction. A refusal is a value, and is logged. */
export async function requestRun(deps: RunDeps, actor: AccountActor, wanted: RunRequest): Promise<RequestRunResult> {
  const { database, clock, ids, jobs, queue, audit } = deps;
  const refuse = (
    code: Exclude<Extract<RequestRunResult, { ok: false }>['code'], 'FORBIDDEN' | 'FOLD_UNKNOWN'>,
    message: string,
  ): RequestRunResult => ({ ok: false, code, message });
  const release = await findRelease(database, wanted.study ?? deps.config.ISS_STUDY, wanted.release);
  if (!release) return refuse('RELEASE_UNKNOWN', 'There is no such release.');
  // A draft is, to whoever may not know of it, a version that does not exist, whatever else is wrong.
  const asked = clock.now();
  const known = decide(
    actor,
    'VIEW_RELEASE',
    { kind: 'release', release },
    await deps.loadFacts(database, actor.accountId, asked, release.id),
    asked,
  );
  if (!known.allow) return refuse('RELEASE_UNKNOWN', 'There is no such release.');
  const experiment = experimentOf(wanted.experiment);
  if (!experiment)
    return refuse(
      'EXPERIMENT_UNKNOWN',
      `There is no experiment of that name; there are: ${EXPERIMENTS.map((one) => one.key).join(', ')}.`,
    );
  const classes = experiment.runnableClasses.find((one) => one === (wanted.classes ?? experiment.classes));
  if (!classes)
    return refuse(
      'CLASSES_UNKNOWN',
      `${experiment.title} runs with ${experiment.runnableClasses.join(' or ')} classes.`,
    );
  const preset = wanted.preset ?? 'desk';
  if (!PRESETS.some((one) => one === preset))
    return refuse('PRESET_UNKNOWN', `There is no such preset; there are: ${PRESETS.join(', ')}.`);
  const { available, why } = presetsOf(experiment.key);
  if (!available.some((one) => one === preset))
    return refuse('EXPERIMENT_NOT_AVAILABLE', `${experiment.title} runs here with ${available.join(' or ')}. ${why}`);
  const seed = wanted.seed ?? 0;
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
    return refuse('SEED_INVALID', `A seed is a whole number from 0 to ${MAX_SEED}.`);
  const { reasons, grantId } = await runReasons(deps, actor, release, experiment.reads);
  if (reasons.length > 0) {
    await audit.write(database, {
      accountId: actor.accountId,
      grantId: actor.grantId ?? null,
      action: 'REFUSED',
      detail: {
        use: 'RUN',
        release: release.id,
        experiment: experiment.key,
        reasons: reasonCodes(reasons),
        ...byToken(actor),
      },
    });
    // What may not be known to exist does not exist.
    const told = publicReasons(reasons);
    return told.length < reasons.length
      ? refuse('RELEASE_UNKNOWN', 'There is no such release.')
      : {
          ok: false,
          code: 'FORBIDDEN',
          reasons: told,
          message: told.map((reason) => describeReason(reason).sentence).join(' '),
        };
  }
  const folds = wanted.fold === null ? [] : await foldsOfRelease(database, release.id);
  if (wanted.fold !== null && !folds.includes(wanted.fold))
    return { ok: false, code: 'FOLD_UNKNOWN', message: `The release has the folds ${folds.join(', ')}.`, folds };
  const now = clock.now();
  const facts = await deps.loadFacts(database, actor.accountId, now, release.id);
  const decisions = decideModalities({ ...actor, grantId }, 'RUN', release, facts, now);
  const scope = new ReleaseScope(new SqlScope(), release, decisions, facts.policy.timeZone, now);
  const problem = unrunnable(await painRunRows(database, scope, now, experiment.reads), wanted.fold);
  if (problem !== null) return refuse(problem, UNRUNNABLE[problem]);
  const runId = ids.uuid();
  const jobId = await database.transaction(async (sql) => {
    // One at a time of one person, so that what is counted is all there is.
    await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [actor.accountId]);
    const { rows } = await sql.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM baseline_run WHERE account_id = $1 AND created_at > $2::timestamptz - interval '24 hours'`,
      [actor.accountId, clock.now()],
    );
    if ((rows[0]?.n ?? 0) >= (await readSetting(sql, 'runsPerPersonAndDay'))) return null;
    const job = await jobs.add(sql, {
      kind: 'run-baseline',
      payload: { runId },
      accountId: actor.accountId,
      grantId,
      tokenId: actor.tokenId ?? null,
      priority: 10,
    });
    await sql.query(
      `INSERT INTO baseline_run (id, job_id, account_id, grant_id, release_id, experiment, classes, preset, fold, seed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        runId,
        job,
        actor.accountId,
        grantId,
        release.id,
        experiment.key,
        classes,
        preset,
        wanted.fold,
        seed,
        clock.now(),
      ],
    );
    await audit.write(sql, {
      accountId: actor.accountId,
      grantId,
      action: 'RUN_BASELINE',
      detail: {
        run: runId,
        release: release.id,
        experiment: experiment.key,
        classes,
        preset,
        fold: wanted.fold,
        seed,
        ...byToken(actor),
      },
    });
    return job;
  });
  if (jobId === null) return refuse('RUN_LIMIT', 'You have begun as many runs within 24 hours as one person may.');
  await queue.announce(jobId);
  return { ok: true, runId, jobId };
}
