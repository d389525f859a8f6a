import type { AccountActor } from '../../../governance/actor.ts';
import { checkpointNeeds } from '../../../governance/checkpoint-access.ts';
import { decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import type { Decision } from '../../../governance/decision.ts';
import type { Modality } from '../../../governance/modality.ts';
import { publicReasons, type Reason } from '../../../governance/reasons.ts';
import { experimentOf } from '../../../pipeline/baselines/experiments.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { byToken } from '../audit/by-token.ts';
import { selectPatients } from '../exports/selection.ts';
import type { Opener } from '../files/file-access.ts';
import type { CheckpointTicket } from '../files/ticket.ts';
import { heldBack } from '../lineage.ts';
import { findRelease } from '../releases/find-release.ts';
import { isUuid } from '../uuid.ts';
import { type Run, type RunDeps, readRun, reasonCodes } from './run.ts';

/** A checkpoint as it is kept, and whether somebody holds it back who has withdrawn, or does not share any more what it has learnt from. */
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

/** What the holder of a run may see of its release at this moment. */
export interface HoldersView {
  readonly labels: Decision;
  readonly timeZone: string;
  readonly now: Date;
}

/** Checkpoints of a run by fold; of one that was answered from an earlier one, those of that. */
export async function checkpointsOf(sql: Sql, run: Run, view: HoldersView): Promise<CheckpointRow[]> {
  const { rows } = await sql.query<Omit<CheckpointRow, 'blocked'> & Record<string, unknown>>(
    `SELECT id, fold, epoch, object_key AS "objectKey", bytes::float8 AS bytes, sha256, reads, created_at AS "createdAt" FROM checkpoint WHERE run_id = $1 ORDER BY fold`,
    [run.answeredFrom ?? run.id],
  );
  if (rows.length === 0) return [];
  const visible = await visibleTo(sql, run.releaseId, [...new Set(rows.flatMap(({ reads }) => reads))], view);
  const ids = rows.map(({ id }) => id);
  const held = await heldBack(sql, 'CHECKPOINT', ids, visible);
  const whole = await heldBack(sql, 'RUN', [run.id], visible);
  return rows.map((row) => ({ ...row, blocked: held.has(row.id) || whole.has(run.id) }));
}

/** Ids of patients whom the holder may see with all of these kinds of data. */
async function visibleTo(
  sql: Sql,
  releaseId: string,
  modalities: readonly Modality[],
  { labels, timeZone, now }: HoldersView,
): Promise<ReadonlySet<string>> {
  const filter = rowFilterOf(labels, now);
  if (filter === null) return new Set();
  const patients = await selectPatients(sql, { releaseId, fold: null, modalities }, filter, timeZone);
  return new Set(
    patients.flatMap(({ id, modalities: shared }) => (modalities.every((one) => shared.has(one)) ? [id] : [])),
  );
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

/** Of which fold a checkpoint is, and what it has learnt from; null where there is none. */
export async function readCheckpoint(
  sql: Sql,
  id: string,
): Promise<{ readonly fold: number; readonly modalities: readonly Modality[] } | null> {
  const { rows } = await sql.query<{ fold: number; modalities: Modality[] }>(
    'SELECT fold, reads AS modalities FROM checkpoint WHERE id = $1',
    [id],
  );
  return rows[0] ?? null;
}

/** Opens a checkpoint for its ticket: decided when it is asked for, and again while it is sent. */
export function checkpointOpener(deps: RunDeps): Opener<CheckpointTicket> {
  const { database, clock, audit, loadFacts } = deps;

  /** Why it may not be had now: none, and what of it is held back tells the rest. */
  async function lookNow(ticket: CheckpointTicket, run: Run, by: AccountActor) {
    const now = clock.now();
    const release = await findRelease(database, null, run.releaseId);
    const facts = await loadFacts(database, ticket.accountId, now, run.releaseId);
    const decisions = decideModalities({ ...by, grantId: ticket.grantId }, 'READ', release, facts, now);
    const unmet = needsOfCheckpoint(run).flatMap((modality): readonly Reason[] => {
      const decision = decisions[modality];
      return decision.allow ? [] : decision.reasons;
    });
    const view = { labels: decisions.LABELS, timeZone: facts.policy.timeZone, now };
    const checkpoint = (await checkpointsOf(database, run, view)).find(({ id }) => id === ticket.checkpointId);
    return { reasons: unmet, checkpoint };
  }

  return async (ticket, actor) => {
    const run = await readRun(deps, ticket.runId);
    if (run?.accountId !== ticket.accountId) return null;
    const { reasons, checkpoint } = await lookNow(ticket, run, actor);
    if (!checkpoint) return null;
    const about = { checkpoint: checkpoint.id, run: run.id, release: run.releaseId, ...byToken(actor) };
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
      stillAllowed: async () => {
        const { reasons: unmet, checkpoint: still } = await lookNow(ticket, run, actor);
        return unmet.length === 0 && still?.blocked === false;
      },
    };
  };
}

/** Somebody whose data it was made with has withdrawn, or does not share them any more. */
const BLOCKED = 'CHECKPOINT_BLOCKED';
