import { z } from 'zod';
import { decideModalities } from '../../../governance/decide.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import { INTERVALS } from '../../../pipeline/baselines/patient-interval.ts';
import { namingMemory, RunProblem } from '../../../pipeline/baselines/run-problem.ts';
import { jobActor } from '../../jobs/job-actor.ts';
import { holdJob } from '../../jobs/job-fence.ts';
import { type JobContext, JobFailure, type JobKind, JobPostponed, JobRefused } from '../../jobs/job-kind.ts';
import { byToken } from '../audit/by-token.ts';
import { type Contents, isWithin } from '../exports/contents.ts';
import { writeLineage } from '../lineage.ts';
import { type FoundRelease, findRelease } from '../releases/find-release.ts';
import { releaseState } from '../releases/release-state.ts';
import { weightsSaid } from '../weights/weights-in-use.ts';
import { comparability } from './comparability.ts';
import { CODE_VERSION, type EarlierRun, keepAnswer, overallOf, runIdentity, takeIdentity } from './identical-run.ts';
import { keepCheckpoint } from './keep-checkpoint.ts';
import { hashesOf, madeWith, weightsOfRun } from './paper.ts';
import { PREPARATIONS } from './prepare-run.ts';
import type { Preset } from './presets.ts';
import { type Run, type RunDeps, readRun, reasonCodes, runReasons } from './run.ts';
import { CONTENT_CHANGED, keepContents, keptContents, runEnds } from './run-contents.ts';
import { patientIds, UNRUNNABLE, unrunnable } from './run-rows.ts';
import { secondsLeft } from './time-left.ts';
import { forgetTraining, runMemory, sweepTraining } from './training-memory.ts';

const PAYLOAD = z.object({ runId: z.string() });

/** Asked before the job starts and again and again while it runs, as the person and under the grant that it is for. */
async function refusals(deps: RunDeps, { runId }: z.infer<typeof PAYLOAD>): Promise<string[]> {
  const run = await readRun(deps, runId);
  const release = run && (await findRelease(deps.database, null, run.releaseId));
  if (!run || !release) return ['RELEASE_UNKNOWN'];
  const { reads } = experimentOf(run.experiment)!;
  const { reasons } = await runReasons(deps, jobActor(run, run.job), release, reads);
  if (reasons.length > 0 || run.job.state !== 'RUNNING') return reasonCodes(reasons);
  return runEnds(deps, run, release, reads, await keptContents(deps, run));
}

/** Progress in parts of a hundred: how many submissions or rows there are is not for everybody who may run on them. */
const inShares = (context: JobContext): JobContext => ({
  ...context,
  progress: ({ done, total, rate: _, ...rest }) =>
    context.progress({ ...rest, done: total > 0 ? Math.floor((100 * done) / total) : 0, total: 100 }),
});

/** Names what an experiment reads where all of it that may be used is empty. */
const nothingRead = ({ experiment }: Run): string => {
  const { title, reads } = experimentOf(experiment)!;
  const kinds = reads.filter((modality) => modality !== 'LABELS').join(' and ');
  return `${title} reads ${kinds}: of what may be used under the grant, nothing holds any.`;
};

/** What no further attempt helps, memory that ended among it, ends the run with words for its holder. */
const problemAsFailure = (error: unknown): never => {
  const named = namingMemory(error);
  throw named instanceof RunProblem ? new JobFailure(named.code, named.message) : named;
};

/** How long a run waits until it looks again whether an identical one has come to its result. */
const IDENTICAL_MS = 1000;

/**
 * Gives a run the result of an identical one, decided for its own holder as of now.
 * @returns false where somebody has withdrawn meanwhile, so that it is none any more
 */
async function answer(
  deps: RunDeps,
  of: {
    readonly run: Run;
    readonly release: FoundRelease;
    readonly contents: Contents;
    readonly context: Pick<JobContext, 'job'>;
    readonly earlier: EarlierRun;
    readonly identity: string;
  },
): Promise<boolean> {
  const { run, release, contents, context, earlier, identity } = of;
  return deps.database.transaction(async (sql) => {
    const { patients } = earlier;
    if (!(await writeLineage(sql, { subject: 'RUN', id: run.id, patients }))) return false;
    await holdJob(sql, context.job);
    const { reads } = experimentOf(run.experiment)!;
    const ends = await runEnds(deps, { ...run, job: context.job }, release, reads, contents, sql);
    if (ends.length > 0) throw new JobRefused(ends);
    await keepAnswer(sql, run.id, identity, earlier);
    await deps.audit.write(sql, {
      accountId: run.accountId,
      grantId: run.grantId,
      action: 'RUN_FINISHED',
      detail: { run: run.id, patients: patients.length, answered: true, ...byToken(jobActor(run, context.job)) },
    });
    return true;
  });
}

/** The job: decided once more, rows as they are visible at that moment, the forest, the result with where it comes from. */
export const runBaselineKind = (deps: RunDeps): JobKind<z.infer<typeof PAYLOAD>> => ({
  kind: 'run-baseline',
  payload: PAYLOAD,
  maxAttempts: 2,
  priority: 10,
  inTurn: true,
  refusals: (_job, payload) => refusals(deps, payload),
  async run({ runId }, context) {
    const { database, clock, ids, objects, audit, loadFacts } = deps;
    await sweepTraining(deps);
    const run = await readRun(deps, runId);
    if (!run) throw new JobFailure('RUN_UNKNOWN', 'there is no such run');
    const release = await findRelease(database, null, run.releaseId);
    const now = clock.now();
    const facts = await loadFacts(database, run.accountId, now, run.releaseId);
    const decisions = decideModalities(jobActor(run, run.job), 'RUN', release, facts, now);
    const refused = experimentOf(run.experiment)!.reads.flatMap((modality) => {
      const decision = decisions[modality];
      return decision.allow ? [] : [...decision.reasons];
    });
    if (!release || refused.length > 0) throw new JobRefused(reasonCodes(refused));
    const before = await keepContents(deps, run, release, context.job);
    const found = await weightsOfRun(deps.config, run);
    const weights = await madeWith(run.experiment, found);
    const identity = await runIdentity(database, run, before, weights);
    const taken = await database.transaction((sql) => takeIdentity(sql, runId, identity));
    if (taken === 'AT_WORK') throw new JobPostponed(IDENTICAL_MS);
    if (taken !== 'TAKEN') {
      if (await answer(deps, { run, release, contents: before, context, earlier: taken, identity }))
        return { overall: overallOf(taken) };
      // Somebody has withdrawn since the rows were looked at, with whom another identity goes.
      throw new JobPostponed(IDENTICAL_MS);
    }
    const prepared = await PREPARATIONS[experimentOf(run.experiment)!.key](deps, run.preset as Preset, {
      ...{ release, decisions, timeZone: facts.policy.timeZone, now, context: inShares(context), weights: found },
    }).catch(problemAsFailure);
    // Kept once more, with what has come to be seen while it was read; what went missing meanwhile was perhaps read.
    const contents = await keepContents(deps, run, release, context.job);
    if (!isWithin(before, contents)) throw new JobRefused([CONTENT_CHANGED]);
    if (prepared.rows === 0) throw new JobFailure('NOTHING_READ', nothingRead(run));
    const problem = unrunnable(prepared, run.fold);
    if (problem !== null) throw new JobFailure(problem, UNRUNNABLE[problem]);
    // What withdrawals have left of the release when its rows were read.
    const stands = await releaseState(database, release.id);
    const state = stands && { version: stands.cited, digest: stands.digest };
    const memory = runMemory(objects, runId, await runIdentity(database, run, contents, weights));
    const began = performance.now();
    const estimate = secondsLeft();
    const running = prepared.start({
      memory,
      classes: run.classes,
      seed: run.seed,
      ...(run.fold !== null && { only: [run.fold] }),
      signal: context.signal,
      onProgress: (progress) => {
        const { done, total, fold, epoch, loss } = progress;
        const remaining = estimate(progress, performance.now());
        const left = remaining === null ? {} : { secondsLeft: remaining };
        const stage = `fold ${fold}${epoch === undefined ? '' : `, epoch ${epoch}`}`;
        inShares(context).progress({ stage, done, total, ...left, ...(loss !== undefined && { loss }) });
      },
    });
    const result = await running.catch(problemAsFailure);
    const provenance = {
      release: { id: release.id, version: release.version, digest: release.digest, state },
      study: release.studyKey,
      synthetic: release.synthetic,
      patients: prepared.patients.length,
      reads: experimentOf(run.experiment)!.reads,
      seed: run.seed,
      preset: run.preset,
      ...(found.length > 0 && {
        weights: hashesOf(found),
        weightsAre: Object.fromEntries(found.map((one) => [one.key, weightsSaid(one)])),
      }),
      ...prepared.parameters,
      intervals: { ...INTERVALS, seed: run.seed },
      node: process.versions.node,
      codeVersion: CODE_VERSION,
      seconds: (performance.now() - began) / 1000,
      startedAt: now.toISOString(),
      comparable: comparability(release, prepared.differs),
    };
    context.signal.throwIfAborted();
    await database.transaction(async (sql) => {
      const patients = await patientIds(sql, run.releaseId, prepared.patients);
      if (!(await writeLineage(sql, { subject: 'RUN', id: runId, patients })))
        throw new JobFailure(
          'SELECTION_CHANGED',
          'What may be seen of the release changed while this ran; ask for it again.',
        );
      const { reads } = experimentOf(run.experiment)!;
      for (const checkpoint of await memory.checkpoints()) {
        // The same patients as the run's, who are held by now.
        const kept = { ...checkpoint, id: ids.uuid(), runId, reads, patients, at: clock.now() };
        if (!(await keepCheckpoint(sql, kept))) throw new Error('a patient of a checkpoint who is none of the run');
      }
      await holdJob(sql, context.job);
      const ends = await runEnds(deps, { ...run, job: context.job }, release, reads, contents, sql);
      if (ends.length > 0) throw new JobRefused(ends);
      await sql.query('UPDATE baseline_run SET result = $2, provenance = $3, identity = $4 WHERE id = $1', [
        runId,
        JSON.stringify(result),
        JSON.stringify(provenance),
        // Of what it has read, which may be more than there was when it began.
        await runIdentity(sql, run, contents, weights),
      ]);
      await audit.write(sql, {
        accountId: run.accountId,
        grantId: run.grantId,
        action: 'RUN_FINISHED',
        detail: {
          run: runId,
          patients: prepared.patients.length,
          rows: prepared.rows,
          ...byToken(jobActor(run, context.job)),
        },
      });
    });
    await forgetTraining(objects, runId);
    return { overall: result.evaluation.overall };
  },
});
