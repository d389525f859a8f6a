import type { AccountActor, Actor } from '../../../governance/actor.ts';
import { decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import type { DataDecisions } from '../../../governance/decision.ts';
import type { Modality } from '../../../governance/modality.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import type { ExperimentFacts, StudyService } from '../../../schema/context.ts';
import type {
  FigureSeen,
  RunCommands,
  RunFacts,
  RunFigure,
  RunPreviewFacts,
  RunResultFacts,
} from '../../../schema/services/runs.ts';
import { byToken } from '../audit/by-token.ts';
import type { CommandDeps } from '../command-deps.ts';
import { actingFor } from '../exports/export-commands.ts';
import type { TicketOffice } from '../files/ticket.ts';
import { madeFrom, markedSubjects } from '../lineage.ts';
import { permitOf, refusedFor } from '../permit.ts';
import { type FoundRelease, findRelease } from '../releases/find-release.ts';
import type { CheckedRun } from './check-run.ts';
import { needsOfCheckpoint } from './checkpoints.ts';
import { comparability } from './comparability.ts';
import { frozenPatients, keptGroups } from './kept-groups.ts';
import type { Run } from './run.ts';
import { figuresOf, needsOf, type TellableGroups } from './run-figures.ts';
import type { RunService } from './run-service.ts';
import { unseenIn } from './unseen-in-result.ts';

const unknown = { ok: false, code: 'RUN_UNKNOWN', message: 'You have no such run.' } as const;

interface Opened {
  run: Run;
  release: FoundRelease;
  figures: RunResultFacts;
  decisions: DataDecisions;
  /** Of the policy in force. */
  resultGroup: number;
  groups: TellableGroups;
}

/** The study whose results the paper published. */
const PUBLISHED_STUDY = 'iss';

/** Baseline runs by one actor; what they read is decided by the service, what of a result may be seen, here, under the run's grant. */
export function runCommands(
  deps: CommandDeps & { readonly studies: StudyService; readonly tickets: TicketOffice },
  runs: RunService,
  actor: Actor,
): RunCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  // Of one operation: a run is opened once, and its reading is written once for each kind of data.
  const opened = new Map<string, Promise<Opened | null>>();
  const logged = new Set<string>();
  let waiting: ReturnType<RunService['queue']> | undefined;
  let experiments: Promise<readonly ExperimentFacts[]> | undefined;

  async function factsOf(run: Run): Promise<RunFacts> {
    // The paper's figures stand beside every run; whether the two may be compared is said with it.
    experiments ??= deps.studies.experiments(PUBLISHED_STUDY);
    const experiment = (await experiments).find(({ key }) => key === run.experiment);
    const { state, error, startedAt, finishedAt } = run.job;
    const progress = await shownProgress(run);
    const { id, grantId, version, classes, preset, fold, seed, createdAt, provenance } = run;
    return {
      ...{ id, grantId, experiment: run.experiment, classes, preset, fold, seed, createdAt },
      ...{ state, progress, error, startedAt, finishedAt },
      study: run.studyKey,
      synthetic: run.synthetic,
      release: { id: run.releaseId, version },
      hasResult: run.result !== null,
      published: experiment?.published.find((scores) => scores.classes === classes) ?? null,
      marked: (await markedSubjects(database, 'RUN', [run.id])).has(run.id),
      comparable: typeof provenance?.comparable === 'string' ? provenance.comparable : null,
    };
  }

  /** A loss is a result before there is one. */
  async function shownProgress({ job, accountId, grantId, releaseId }: Run): Promise<RunFacts['progress']> {
    if (job.progress?.loss === undefined) return job.progress;
    const { loss, ...rest } = job.progress;
    const [now, release] = [clock.now(), await findRelease(database, null, releaseId)];
    const facts = await deps.loadFacts(database, accountId, now, releaseId);
    const reader: AccountActor = { ...(actor as AccountActor), grantId };
    return decideModalities(reader, 'READ', release, facts, now).BASELINES.allow ? job.progress : rest;
  }

  async function open(id: string): Promise<Opened | null> {
    const run = actor.kind === 'account' ? await runs.get(actor, id) : null;
    if (actor.kind !== 'account' || run === null || run.result === null) return null;
    const now = clock.now();
    const release = await findRelease(database, null, run.releaseId);
    if (release === null) return null;
    const facts = await deps.loadFacts(database, actor.accountId, now, release.id);
    const decisions = decideModalities({ ...actor, grantId: run.grantId }, 'READ', release, facts, now);
    const gone = await unseenIn(
      database,
      run.result,
      release.id,
      rowFilterOf(decisions.LABELS, now),
      facts.policy.timeZone,
    );
    const made = (await madeFrom(database, run.id, release.id)).filter((code) => !gone.has(code));
    return {
      run,
      release,
      figures: figuresOf(run.result, run.provenance ?? {}, gone, made),
      decisions,
      resultGroup: facts.policy.resultGroup,
      groups: {
        oneFold: run.fold !== null,
        told: (await keptGroups(deps, release.id)).told,
        patients: await frozenPatients(database, release.id),
      },
    };
  }

  /** How many rows are whose is LABELS, to look at and not only to run on. */
  async function countsOf(acting: AccountActor, checked: CheckedRun): Promise<RunPreviewFacts['folds']> {
    const now = clock.now();
    const { release, experiment, grantId } = checked;
    const facts = await deps.loadFacts(database, acting.accountId, now, release.id);
    const decision = decideModalities(acting, 'READ', release, facts, now).LABELS;
    const reasons = decision.allow ? [] : decision.reasons;
    await audit.write(database, {
      accountId: acting.accountId,
      grantId,
      action: decision.allow ? 'READ' : 'REFUSED',
      detail: {
        ...{ use: 'READ', release: release.id, runPreview: experiment.key, modalities: ['LABELS'] },
        ...(reasons.length > 0 && { reasons: reasons.map(({ code }) => code) }),
        ...byToken(acting),
      },
    });
    return decision.allow ? { ok: true, value: await runs.previewFolds(checked) } : refusedFor(reasons);
  }

  /** Every read of results and every refusal is in the log: once for each kind of data, in an operation. */
  async function log(
    { run, release }: Pick<Opened, 'run' | 'release'>,
    needs: readonly Modality[],
    reasons: readonly string[],
  ): Promise<void> {
    const key = [run.id, reasons.length > 0, ...needs].join(' ');
    if (logged.has(key)) return;
    logged.add(key);
    await audit.write(database, {
      accountId: run.accountId,
      grantId: run.grantId,
      action: reasons.length > 0 ? 'REFUSED' : 'READ',
      detail: {
        use: 'READ',
        run: run.id,
        release: release.id,
        modalities: needs,
        ...(reasons.length > 0 && { reasons }),
        ...byToken(actor),
      },
    });
  }

  return {
    async request({ grant, ...wanted }) {
      const allowed = await permit('VIEW_OWN', { command: 'runBaseline' });
      if (!allowed.ok) return allowed;
      const result = await runs.request(actingFor(allowed.actor, grant), wanted);
      if (!result.ok) {
        const { code, message } = result;
        if (code === 'FORBIDDEN') return refusedFor(result.reasons);
        if (code === 'FOLD_UNKNOWN') return { ok: false, code, message, folds: result.folds };
        return { ok: false, code, message };
      }
      const run = await runs.get(allowed.actor, result.runId);
      if (run === null) throw new Error('a run that was just asked for is gone');
      return { ok: true, run: await factsOf(run) };
    },

    async cancel(id) {
      const allowed = await permit('VIEW_OWN', { command: 'cancelRun', run: id });
      if (!allowed.ok) return allowed;
      const run = await runs.cancel(allowed.actor, id);
      return run === null ? unknown : { ok: true, run: await factsOf(run) };
    },

    async get(id) {
      const run = actor.kind === 'account' ? await runs.get(actor, id) : null;
      return run && factsOf(run);
    },

    async preview({ grant, ...wanted }) {
      const allowed = await permit('VIEW_OWN', { query: 'runPreview' });
      if (!allowed.ok) return allowed;
      const acting = actingFor(allowed.actor, grant);
      const checked = await runs.check(acting, wanted);
      if (!checked.ok) return checked.code === 'FORBIDDEN' ? refusedFor(checked.reasons) : checked;
      const { release, experiment, classes, preset, fold, seed, grantId } = checked;
      const [typical, queue] = await Promise.all([runs.typicalSeconds(), runs.queue()]);
      const size = { experiment: experiment.key, classes, preset, oneFold: fold !== null };
      const differs = await runs.differs(checked);
      const value = {
        ...{
          study: release.studyKey,
          release: release.version,
          experiment: experiment.key,
          classes,
          preset,
          fold,
          seed,
        },
        reads: experiment.reads,
        comparable: comparability(release, differs),
        secondsTypical: typical(size),
        waiting: queue.size,
        folds: await countsOf({ ...acting, grantId }, checked),
      };
      return { ok: true, value };
    },

    async queue({ id, state }) {
      if (state !== 'QUEUED') return null;
      waiting ??= runs.queue();
      return (await waiting).get(id) ?? null;
    },

    async mine() {
      return actor.kind === 'account' ? Promise.all((await runs.list(actor)).map(factsOf)) : [];
    },

    async checkpoints(runId) {
      const run = actor.kind === 'account' ? await runs.get(actor, runId) : null;
      const release = run && (await findRelease(database, null, run.releaseId));
      if (actor.kind !== 'account' || run === null || release === null) return { ok: true, value: [] };
      const now = clock.now();
      const facts = await deps.loadFacts(database, actor.accountId, now, release.id);
      const decisions = decideModalities({ ...actor, grantId: run.grantId }, 'READ', release, facts, now);
      const needs = needsOfCheckpoint(run);
      for (const modality of needs) {
        const decision = decisions[modality];
        if (decision.allow) continue;
        await log(
          { run, release },
          [modality],
          decision.reasons.map(({ code }) => code),
        );
        return { ok: false, modality, reasons: decision.reasons };
      }
      await log({ run, release }, needs, []);
      const rows = await runs.checkpointsOf(run, { labels: decisions.LABELS, timeZone: facts.policy.timeZone, now });
      return {
        ok: true,
        value: rows.map(({ objectKey: _, reads, ...row }) => {
          const ticket = { kind: 'checkpoint', accountId: run.accountId, grantId: run.grantId, runId } as const;
          const file = row.blocked ? null : deps.tickets.issue({ ...ticket, checkpointId: row.id });
          return { ...row, modalities: reads, file };
        }),
      };
    },

    async lineage(artifact) {
      if (actor.kind !== 'account') return null;
      const own = await runs.get(actor, artifact);
      const runId = own === null ? await runs.runOfCheckpoint(actor.accountId, artifact) : artifact;
      const run = own ?? (runId === null ? null : await runs.get(actor, runId));
      if (run === null) return null;
      const { reads } = experimentOf(run.experiment)!;
      if (own !== null) return { kind: 'RUN', artifact, run: await factsOf(run), fold: run.fold, modalities: reads };
      const checkpoint = await runs.readCheckpoint(artifact);
      return checkpoint && { kind: 'CHECKPOINT', artifact, run: await factsOf(run), ...checkpoint };
    },

    async figure<Name extends RunFigure>(id: string, name: Name): Promise<FigureSeen<Name>> {
      const known = opened.get(id) ?? open(id);
      opened.set(id, known);
      const found = await known;
      if (found === null) throw new Error('a figure of a run without a result');
      const needs = needsOf(found.figures, name, found.resultGroup, found.groups);
      for (const modality of needs) {
        const decision = found.decisions[modality];
        if (decision.allow) continue;
        await log(
          found,
          [modality],
          decision.reasons.map(({ code }) => code),
        );
        return { ok: false, modality, reasons: decision.reasons };
      }
      await log(found, needs, []);
      return { ok: true, value: found.figures[name] };
    },
  };
}
