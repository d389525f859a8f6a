import type { AccountActor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Reason } from '../../../governance/reasons.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import type { Foundation } from '../../compose.ts';
import type { Job } from '../../jobs/job.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { FoundRelease } from '../releases/find-release.ts';
import { isUuid } from '../uuid.ts';

/** A baseline asked for by a person under a grant, with its job and, once it is done, its result. */
export interface Run {
  id: string;
  jobId: string;
  accountId: string;
  grantId: string | null;
  releaseId: string;
  version: string;
  studyKey: string;
  synthetic: boolean;
  experiment: string;
  classes: 2 | 4;
  preset: string;
  fold: number | null;
  seed: number;
  result: BaselineResult | null;
  provenance: Record<string, unknown> | null;
  /** The run whose result it was given. */
  answeredFrom: string | null;
  createdAt: Date;
  job: Job;
}

export interface RunDeps extends Foundation {
  audit: AuditLog;
  loadFacts: LoadFacts;
}

const SELECT = `SELECT b.id, b.job_id AS "jobId", b.account_id AS "accountId", b.grant_id AS "grantId", b.release_id AS "releaseId", r.version, s.key AS "studyKey", s.synthetic, b.experiment, b.classes,
    b.preset, b.fold, b.seed, b.result, b.provenance, b.answered_from AS "answeredFrom", b.created_at AS "createdAt"
  FROM baseline_run b JOIN release r ON r.id = b.release_id JOIN study s ON s.id = r.study_id`;

async function runsWhere({ database, jobs }: RunDeps, where: string, values: unknown[]): Promise<Run[]> {
  const { rows } = await database.query<Omit<Run, 'job'> & Record<string, unknown>>(`${SELECT} ${where}`, values);
  const byId = await jobs.getAll(rows.map(({ jobId }) => jobId));
  return rows.flatMap((row): Run[] => {
    const job = byId.get(row.jobId);
    return job === undefined ? [] : [{ ...row, job }];
  });
}

/** A run by its id, whoever's; null where there is none. */
export async function readRun(deps: RunDeps, runId: string): Promise<Run | null> {
  return isUuid(runId) ? ((await runsWhere(deps, 'WHERE b.id = $1', [runId]))[0] ?? null) : null;
}

/** A person's own runs, newest first; those of the token's grant alone, where it is bound to one. Two statements, however many there are. */
export const runsOf = (deps: RunDeps, { accountId, tokenGrantId }: AccountActor, first: number): Promise<Run[]> =>
  runsWhere(
    deps,
    'WHERE b.account_id = $1 AND ($2::uuid IS NULL OR b.grant_id = $2) ORDER BY b.created_at DESC, b.id DESC LIMIT $3',
    [accountId, tokenGrantId ?? null, first],
  );

/** Why the actor may not run on these modalities of the release now; none, and the grant that allows it. */
export async function runReasons(
  { database, clock, loadFacts }: RunDeps,
  actor: AccountActor,
  release: FoundRelease,
  reads: readonly Modality[],
): Promise<{ reasons: Reason[]; grantId: string | null }> {
  const now = clock.now();
  const facts = await loadFacts(database, actor.accountId, now, release.id);
  const decisions = reads.map((modality) => decide(actor, 'RUN', { kind: 'modality', modality, release }, facts, now));
  const grants = decisions.flatMap((decision) =>
    decision.allow && decision.basis.kind === 'grant' ? [decision.basis.grantId] : [],
  );
  return {
    reasons: decisions.flatMap((decision) => (decision.allow ? [] : [...decision.reasons])),
    grantId: grants[0] ?? null,
  };
}

/** Reasons as words for a job's row and the log. */
export const reasonCodes = (reasons: readonly Reason[]): string[] => [
  ...new Set(reasons.map(({ code, subject }) => (subject ? `${code} ${subject}` : code))),
];
