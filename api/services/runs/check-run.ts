import type { AccountActor } from '../../../governance/actor.ts';
import { decide, decideModalities } from '../../../governance/decide.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import { describeReason, publicReasons, type Reason } from '../../../governance/reasons.ts';
import { type BaselineExperiment, EXPERIMENTS, experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { backendsAtHand } from '../../../pipeline/baselines/network/backend-at-hand.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import type { RunFailureCode } from '../../../schema/services/runs.ts';
import { byToken } from '../audit/by-token.ts';
import { type FoundRelease, findRelease, foldsOfRelease } from '../releases/find-release.ts';
import { PRESETS, type Preset, presetsOf } from './presets.ts';
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

/** A run that its asker may have, as far as is known before it begins. */
export interface CheckedRun {
  readonly release: FoundRelease;
  readonly experiment: BaselineExperiment;
  readonly classes: 2 | 4;
  readonly preset: Preset;
  readonly fold: number | null;
  readonly seed: number;
  readonly grantId: string | null;
  readonly decisions: DataDecisions;
  readonly timeZone: string;
  /** As of when it was decided. */
  readonly now: Date;
}

export type RunFailure =
  | { ok: false; code: RunFailureCode; message: string }
  | { ok: false; code: 'FOLD_UNKNOWN'; message: string; folds: readonly number[] }
  | { ok: false; code: 'FORBIDDEN'; message: string; reasons: readonly Reason[] };

const MAX_SEED = 0xffff_ffff;

/**
 * Looks at every parameter of a run, each of them one of a list or a number within bounds, and decides RUN on everything that the experiment reads.
 * A refusal is a value, and is logged.
 */
export async function checkRun(
  deps: RunDeps,
  actor: AccountActor,
  wanted: RunRequest,
): Promise<({ ok: true } & CheckedRun) | RunFailure> {
  const { database, clock, audit } = deps;
  const refuse = (code: RunFailureCode, message: string): RunFailure => ({ ok: false, code, message });
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
  const { available, why } = presetsOf(experiment.key, deps.config, (await backendsAtHand()).used);
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
  const checked = { release, experiment, classes, preset: preset as Preset, fold: wanted.fold, seed, grantId };
  return { ok: true, ...checked, decisions, timeZone: facts.policy.timeZone, now };
}
