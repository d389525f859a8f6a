import type { AccountActor } from '../../../governance/actor.ts';
import { checkpointNeeds } from '../../../governance/checkpoint-access.ts';
import { decideModalities } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import { publicReasons, type Reason } from '../../../governance/reasons.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { byToken } from '../audit/by-token.ts';
import type { Opener } from '../files/file-access.ts';
import type { CheckpointTicket } from '../files/ticket.ts';
import { markedSubjects } from '../lineage.ts';
import { findRelease } from '../releases/find-release.ts';
import { isUuid } from '../uuid.ts';
import { type Run, type RunDeps, readRun, reasonCodes } from './run.ts';

/** A checkpoint as it is kept, and whether a withdrawal holds it back. */
export interface CheckpointRow {
  readonly id: string;
  readonly fold: number;
  readonly epoch: number;
  readonly objectKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly reads: readonly Modality[];
  readonly createdAt: Date;
  readonly blocked: boolean;
}

/** What the checkpoints of a run ask for. */
export const needsOfCheckpoint = ({ experiment }: Pick<Run, 'experiment'>): readonly Modality[] =>
  checkpointNeeds(experimentOf(experiment)?.reads ?? []);

/** Checkpoints of a run by fold; of one that was answered from an earlier one, those of that. */
export async function checkpointsOf(sql: Sql, { id, answeredFrom }: Run): Promise<CheckpointRow[]> {
  const { rows } = await sql.query<Omit<CheckpointRow, 'blocked'> & Record<string, unknown>>(
    `SELECT id, fold, epoch, object_key AS "objectKey", bytes::float8 AS bytes, sha256, reads, created_at AS "createdAt" FROM checkpoint WHERE run_id = $1 ORDER BY fold`,
    [answeredFrom ?? id],
  );
  const marked = await markedSubjects(
    sql,
    'CHECKPOINT',
    rows.map((row) => row.id),
  );
  const run = await markedSubjects(sql, 'RUN', [id]);
  return rows.map((row) => ({ ...row, blocked: marked.has(row.id) || run.has(id) }));
}

/** The run of this person that a checkpoint is of, their newest; null where there is none. */
export async function runOfCheckpoint(sql: Sql, accountId: string, checkpointId: string): Promise<string | null> {
  if (!isUuid(checkpointId)) return null;
  const { rows } = await sql.query<{ id: string }>(
    `SELECT b.id FROM checkpoint c JOIN baseline_run b ON coalesce(b.answered_from, b.id) = c.run_id
     WHERE c.id = $1 AND b.account_id = $2 ORDER BY b.created_at DESC LIMIT 1`,
    [checkpointId, accountId],
  );
  return rows[0]?.id ?? null;
}

/** Opens a checkpoint for its ticket: decided when it is asked for, and again while it is sent. */
export function checkpointOpener(deps: RunDeps): Opener<CheckpointTicket> {
  const { database, clock, audit, loadFacts } = deps;

  /** Why it may not be had now; none, and it may. A blocked one is a fact that everybody with it was told. */
  async function unmet(ticket: CheckpointTicket, run: Run, by: AccountActor): Promise<readonly Reason[]> {
    const now = clock.now();
    const release = await findRelease(database, null, run.releaseId);
    const facts = await loadFacts(database, ticket.accountId, now, run.releaseId);
    const decisions = decideModalities({ ...by, grantId: ticket.grantId }, 'READ', release, facts, now);
    return needsOfCheckpoint(run).flatMap((modality) => {
      const decision = decisions[modality];
      return decision.allow ? [] : [...decision.reasons];
    });
  }

  const found = async (run: Run, checkpointId: string): Promise<CheckpointRow | undefined> =>
    (await checkpointsOf(database, run)).find(({ id }) => id === checkpointId);

  return async (ticket, actor) => {
    const run = await readRun(deps, ticket.runId);
    const checkpoint = run?.accountId === ticket.accountId ? await found(run, ticket.checkpointId) : undefined;
    if (!run || !checkpoint) return null;
    const about = { checkpoint: checkpoint.id, run: run.id, release: run.releaseId, ...byToken(actor) };
    const reasons = await unmet(ticket, run, actor);
    if (reasons.length > 0 || checkpoint.blocked) {
      const codes = [...reasonCodes(reasons), ...(checkpoint.blocked ? [BLOCKED] : [])];
      await audit.write(database, {
        accountId: ticket.accountId,
        grantId: ticket.grantId,
        action: 'REFUSED',
        detail: { use: 'READ', ...about, reasons: codes },
      });
      const told = publicReasons(reasons).map(({ code }) => code);
      return { kind: 'refused', reasons: [...told, ...(checkpoint.blocked ? [BLOCKED] : [])] };
    }
    return {
      kind: 'file',
      ticketId: ticket.id,
      who: { accountId: ticket.accountId, grantId: ticket.grantId },
      about: { ...about, modalities: [...needsOfCheckpoint(run)] },
      name: `${run.experiment}-fold-${checkpoint.fold}.safetensors`,
      contentType: 'application/octet-stream',
      bytes: checkpoint.bytes,
      sha256: checkpoint.sha256,
      etag: checkpoint.sha256.slice(0, 32),
      inline: false,
      objectKey: checkpoint.objectKey,
      firstByte: 0,
      stillAllowed: async () =>
        (await unmet(ticket, run, actor)).length === 0 && (await found(run, checkpoint.id))?.blocked === false,
    };
  };
}

/** Somebody whose data it was made with has withdrawn. */
const BLOCKED = 'CHECKPOINT_BLOCKED';
