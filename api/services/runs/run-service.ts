import { z } from 'zod';
import type { AccountActor } from '../../../governance/actor.ts';
import { decide, decideModalities } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import { describeReason, publicReasons, type Reason } from '../../../governance/reasons.ts';
import { EXPERIMENTS, experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { FOREST_TREES } from '../../../pipeline/baselines/forest/random-forest.ts';
import { type RandomForestPainResult, runRandomForestPain } from '../../../pipeline/baselines/random-forest-pain.ts';
import { ReleaseScope } from '../../../schema/planner/release-scope.ts';
import { SqlScope } from '../../../schema/planner/sql.ts';
import type { Foundation } from '../../compose.ts';
import { JobFailure, type JobKind, JobRefused } from '../../jobs/job-kind.ts';
import type { Job } from '../../jobs/job-store.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { type FoundRelease, findRelease } from '../releases/find-release.ts';
import { painRunRows } from './run-rows.ts';

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
        | 'FOLD_UNKNOWN'
        | 'SEED_INVALID';
      message: string;
    }
  | { ok: false; code: 'FORBIDDEN'; message: string; reasons: readonly Reason[] };

export interface Run {
  id: string;
  jobId: string;
  accountId: string;
  grantId: string | null;
  releaseId: string;
  version: string;
  experiment: string;
  classes: 2 | 4;
  preset: string;
  fold: number | null;
  seed: number;
  result: RandomForestPainResult | null;
  provenance: Record<string, unknown> | null;
  createdAt: Date;
  job: Job;
}

/** Experiment 3 has nothing to make smaller: every preset is the paper's forest. */
const PRESETS = ['paper', 'desk', 'smoke'];
const MAX_SEED = 0xffff_ffff;

const PAYLOAD = z.object({ runId: z.string() });

/** Baselines on demand: asked for under a grant that allows RUN on all they read, done by a job that is decided again while it runs. */
export function runService(base: Foundation, audit: AuditLog, loadFacts: LoadFacts) {
  const { database, clock, ids, jobs, queue } = base;

  async function read(runId: string): Promise<Run | null> {
    if (!/^[0-9a-f-]{36}$/i.test(runId)) return null;
    const { rows } = await database.query<Omit<Run, 'job'> & Record<string, unknown>>(
      `SELECT b.id, b.job_id AS "jobId", b.account_id AS "accountId", b.grant_id AS "grantId", b.release_id AS "releaseId", r.version, b.experiment, b.classes, b.preset, b.fold,
         b.seed, b.result, b.provenance, b.created_at AS "createdAt"
       FROM baseline_run b JOIN release r ON r.id = b.release_id WHERE b.id = $1`,
      [runId],
    );
    if (!rows[0]) return null;
    return { ...rows[0], job: (await jobs.get(rows[0].jobId))! };
  }

  async function reasonsFor(
    actor: AccountActor,
    release: FoundRelease,
    reads: readonly Modality[],
  ): Promise<{ reasons: Reason[]; grantId: string | null }> {
    const now = clock.now();
    const facts = await loadFacts(database, actor.accountId, now, release.id);
    const decisions = reads.map((modality) =>
      decide(actor, 'RUN', { kind: 'modality', modality, release }, facts, now),
    );
    const basis = decisions.flatMap((decision) =>
      decision.allow && decision.basis.kind === 'grant' ? [decision.basis.grantId] : [],
    )[0];
    return {
      reasons: decisions.flatMap((decision) => (decision.allow ? [] : [...decision.reasons])),
      grantId: basis ?? null,
    };
  }

  const codesOf = (reasons: readonly Reason[]): string[] => [
    ...new Set(reasons.map((reason) => (reason.subject ? `${reason.code} ${reason.subject}` : reason.code))),
  ];

  async function request(actor: AccountActor, wanted: RunRequest): Promise<RequestRunResult> {
    const refuse = (
      code: Exclude<Extract<RequestRunResult, { ok: false }>['code'], 'FORBIDDEN'>,
      message: string,
    ): RequestRunResult => ({ ok: false, code, message });
    const release = await findRelease(database, wanted.study ?? base.config.ISS_STUDY, wanted.release);
    if (!release) return refuse('RELEASE_UNKNOWN', 'There is no such release.');
    const experiment = experimentOf(wanted.experiment);
    if (!experiment)
      return refuse(
        'EXPERIMENT_UNKNOWN',
        `There is no experiment of that name; there are: ${EXPERIMENTS.map((one) => one.key).join(', ')}.`,
      );
    if (experiment.runnableClasses.length === 0)
      return refuse(
        'EXPERIMENT_NOT_AVAILABLE',
        `${experiment.title} cannot be run here yet; these can: ${EXPERIMENTS.filter(
          (one) => one.runnableClasses.length > 0,
        )
          .map((one) => one.key)
          .join(', ')}.`,
      );
    const classes = experiment.runnableClasses.find((one) => one === (wanted.classes ?? experiment.classes));
    if (!classes)
      return refuse(
        'CLASSES_UNKNOWN',
        `${experiment.title} runs with ${experiment.runnableClasses.join(' or ')} classes.`,
      );
    const preset = wanted.preset ?? 'desk';
    if (!PRESETS.includes(preset))
      return refuse('PRESET_UNKNOWN', `There is no such preset; there are: ${PRESETS.join(', ')}.`);
    const seed = wanted.seed ?? 0;
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
      return refuse('SEED_INVALID', `A seed is a whole number from 0 to ${MAX_SEED}.`);
    const { reasons, grantId } = await reasonsFor(actor, release, experiment.reads);
    if (reasons.length > 0) {
      await audit.write(database, {
        accountId: actor.accountId,
        grantId: actor.grantId ?? null,
        action: 'REFUSED',
        detail: { use: 'RUN', release: release.id, experiment: experiment.key, reasons: codesOf(reasons) },
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
    if (wanted.fold !== null && !release.folds.includes(wanted.fold))
      return refuse('FOLD_UNKNOWN', `The release has the folds ${release.folds.join(', ')}.`);
    const runId = ids.uuid();
    const jobId = await database.transaction(async (sql) => {
      const job = await jobs.add(sql, {
        kind: 'run-baseline',
        payload: { runId },
        accountId: actor.accountId,
        grantId,
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
        },
      });
      return job;
    });
    await queue.announce(jobId);
    return { ok: true, runId, jobId };
  }

  async function refusals(_job: Job, { runId }: z.infer<typeof PAYLOAD>): Promise<string[]> {
    const run = await read(runId);
    const release = run && (await findRelease(database, null, run.releaseId));
    if (!run || !release) return ['RELEASE_UNKNOWN'];
    const { reasons } = await reasonsFor(
      { kind: 'account', accountId: run.accountId, grantId: run.grantId },
      release,
      experimentOf(run.experiment)!.reads,
    );
    return codesOf(reasons);
  }

  const kind: JobKind<z.infer<typeof PAYLOAD>> = {
    kind: 'run-baseline',
    payload: PAYLOAD,
    maxAttempts: 2,
    priority: 10,
    refusals,
    async run({ runId }, context) {
      const run = await read(runId);
      if (!run) throw new JobFailure('RUN_UNKNOWN', 'there is no such run');
      const release = await findRelease(database, null, run.releaseId);
      const now = clock.now();
      const facts = await loadFacts(database, run.accountId, now, run.releaseId);
      const decisions = decideModalities(
        { kind: 'account', accountId: run.accountId, grantId: run.grantId },
        'RUN',
        release,
        facts,
        now,
      );
      const refused = experimentOf(run.experiment)!.reads.flatMap((modality) => {
        const decision = decisions[modality];
        return decision.allow ? [] : [...decision.reasons];
      });
      if (!release || refused.length > 0) throw new JobRefused(codesOf(refused));
      const rows = await painRunRows(
        database,
        new ReleaseScope(new SqlScope(), release, decisions, facts.policy.timeZone, now),
      );
      if (rows.patients.length < 2)
        throw new JobFailure('TOO_FEW_PATIENTS', 'the grant lets too few patients be used for training and test');
      const began = performance.now();
      const result = await runRandomForestPain({
        ...rows,
        classes: run.classes,
        seed: run.seed,
        ...(run.fold !== null && { only: [run.fold] }),
        signal: context.signal,
        onProgress: ({ done, total, fold }) => {
          const rate = (done / (performance.now() - began)) * 1000;
          context.progress({ stage: `fold ${fold}`, done, total, rate, secondsLeft: (total - done) / rate });
        },
      });
      const provenance = {
        release: { id: release.id, version: release.version, digest: release.digest },
        study: release.studyKey,
        synthetic: release.synthetic,
        patients: rows.patients.length,
        reads: experimentOf(run.experiment)!.reads,
        seed: run.seed,
        trees: FOREST_TREES,
        backend: 'javascript',
        node: process.versions.node,
        codeVersion: CODE_VERSION,
        seconds: (performance.now() - began) / 1000,
        startedAt: now.toISOString(),
        comparable: comparability(release),
      };
      context.signal.throwIfAborted();
      await database.transaction(async (sql) => {
        await sql.query('UPDATE baseline_run SET result = $2, provenance = $3 WHERE id = $1', [
          runId,
          JSON.stringify(result),
          JSON.stringify(provenance),
        ]);
        await audit.write(sql, {
          accountId: run.accountId,
          grantId: run.grantId,
          action: 'RUN_FINISHED',
          detail: { run: runId, patients: rows.patients.length, rows: rows.submissions.length },
        });
      });
      return { overall: result.evaluation.overall };
    },
  };

  return {
    request,
    /** The run of this person, or null: another's does not exist for them. */
    async get(actor: AccountActor, runId: string): Promise<Run | null> {
      const run = await read(runId);
      return run &&
        run.accountId === actor.accountId &&
        (actor.tokenGrantId == null || actor.tokenGrantId === run.grantId)
        ? run
        : null;
    },
    async list(actor: AccountActor): Promise<Run[]> {
      const { rows } = await database.query<{ id: string }>(
        'SELECT id FROM baseline_run WHERE account_id = $1 ORDER BY created_at DESC LIMIT 100',
        [actor.accountId],
      );
      return (await Promise.all(rows.map(({ id }) => read(id)))).filter((run): run is Run => run !== null);
    },
    async cancel(actor: AccountActor, runId: string): Promise<Run | null> {
      const run = await this.get(actor, runId);
      if (!run) return null;
      await database.transaction(async (sql) => {
        await jobs.cancel(sql, run.jobId);
        await audit.write(sql, {
          accountId: actor.accountId,
          grantId: run.grantId,
          action: 'CANCEL_RUN',
          detail: { run: runId },
        });
      });
      await queue.announce(run.jobId);
      return read(runId);
    },
    jobKinds: (): JobKind[] => [kind as JobKind as JobKind<unknown>],
  };
}

export type RunService = ReturnType<typeof runService>;

/** Raised with every change that alters results. */
const CODE_VERSION = '1';

/** Whether a result may be read beside Table 5. */
function comparability(release: FoundRelease): string {
  if (release.synthetic) return 'Not comparable with the published results: these patients are synthetic.';
  return release.studyKey === 'iss'
    ? 'Comparable with the published results as far as the release holds the same patients.'
    : 'Not comparable with the published results: another study.';
}
