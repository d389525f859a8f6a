import type { WithdrawalKind } from '../../../governance/rows.ts';
import { endsSharing, isCovered, type WithdrawalReason } from '../../../governance/withdrawal.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { WITHDRAWN } from '../ingest/drop-item.ts';
import type { WithdrawalDeps } from './withdrawal-deps.ts';

export interface NewWithdrawal {
  readonly study: string;
  readonly patient: string;
  readonly kind: WithdrawalKind;
  readonly reason: WithdrawalReason;
  readonly by: string;
}

export type Recorded =
  | {
      readonly ok: true;
      readonly id: string;
      /** Jobs to be told of at once, when this has been committed. */
      readonly jobs: readonly string[];
    }
  | { readonly ok: false; readonly code: 'PATIENT_UNKNOWN' | 'ALREADY_WITHDRAWN'; readonly message: string };

const ENDED = {
  code: 'SELECTION_CHANGED',
  message: 'What may be seen of the release changed while this was made; ask for it again.',
};

/**
 * Records a patient's withdrawal, in the caller's transaction. When it commits, sharing has ended: every read asks the row rule. What is being made with
 * the patient is told to end; what was made is marked; holders of copies are listed; the next release is drafted by a job.
 */
export async function recordWithdrawal(deps: WithdrawalDeps, sql: Sql, of: NewWithdrawal): Promise<Recorded> {
  const { clock, ids, audit } = deps;
  const now = clock.now();
  // What comes to be with this patient waits here, or was there before and is found below (lineage.ts).
  const { rows } = await sql.query<{ id: string }>(
    'SELECT p.id FROM patient p JOIN study s ON s.id = p.study_id WHERE s.key = $1 AND p.code = $2 FOR UPDATE OF p',
    [of.study, of.patient],
  );
  const patientId = rows[0]?.id;
  if (patientId === undefined)
    return { ok: false, code: 'PATIENT_UNKNOWN', message: 'There is no such patient in the study.' };
  const { rows: standing } = await sql.query<{ kind: WithdrawalKind }>(
    'SELECT kind FROM withdrawal w WHERE w.patient_id = $1 AND w.taken_back_at IS NULL',
    [patientId],
  );
  if (
    isCovered(
      standing.map(({ kind }) => kind),
      of.kind,
    )
  )
    return { ok: false, code: 'ALREADY_WITHDRAWN', message: 'That, or more, is recorded for this patient already.' };
  const id = ids.uuid();
  await sql.query(
    'INSERT INTO withdrawal (id, patient_id, kind, reason, at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)',
    [id, patientId, of.kind, of.reason, now, of.by],
  );
  const done = await carryOutWithdrawal(deps, sql, { id, patientId, kind: of.kind });
  await audit.write(sql, {
    accountId: of.by,
    grantId: null,
    action: 'RECORD_WITHDRAWAL',
    detail: {
      ...{ withdrawal: id, study: of.study, patient: patientId, kind: of.kind, reason: of.reason },
      ...{ refused: done.refused, ended: done.ended.length, marked: done.marked, holders: done.holders },
    },
  });
  return { ok: true, id, jobs: [...done.ended, ...done.draft] };
}

/** What follows from a withdrawal that stands in the database, and is not taken back. */
export async function carryOutWithdrawal(
  deps: Pick<WithdrawalDeps, 'clock' | 'ids' | 'jobs'>,
  sql: Sql,
  { id, patientId, kind }: { id: string; patientId: string; kind: WithdrawalKind },
) {
  const { jobs } = deps;
  const now = deps.clock.now();
  const refused = await refuseWaiting(sql, patientId, now);
  const ended = endsSharing(kind) ? await endRunning(deps, sql, patientId) : [];
  const marked = endsSharing(kind) ? await markMade(sql, id, patientId, now) : 0;
  const holders = endsSharing(kind) ? await listHolders(deps, sql, id, patientId) : 0;
  const released = endsSharing(kind) && (await isReleased(sql, patientId));
  const draft = released
    ? [await jobs.add(sql, { kind: 'draft-without', payload: { withdrawalId: id }, dedupeKey: `draft without ${id}` })]
    : [];
  return { refused, ended, marked, holders, draft };
}

/** Submissions that were announced and not processed: nothing more of them is taken. */
async function refuseWaiting(sql: Sql, patientId: string, now: Date): Promise<number> {
  const { rowCount } = await sql.query(
    `UPDATE ingest_item i SET outcome = 'REFUSED', reason_code = $2, reason = $3, finished_at = $4 FROM ingest_drop d, patient p
     WHERE d.id = i.drop_id AND p.id = $1 AND d.study_id = p.study_id AND i.patient_code = p.code AND i.outcome = 'WAITING'`,
    [patientId, WITHDRAWN.reasonCode, WITHDRAWN.reason, now],
  );
  return rowCount ?? 0;
}

/** Exports and runs that are being made of a release that has the patient. One that waits has read nothing, and reads without them when it begins. */
async function endRunning({ jobs }: Pick<WithdrawalDeps, 'jobs'>, sql: Sql, patientId: string): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT j.id FROM job j LEFT JOIN data_export e ON e.job_id = j.id LEFT JOIN baseline_run b ON b.job_id = j.id
     WHERE j.state = 'RUNNING' AND EXISTS (SELECT 1 FROM release_patient p WHERE p.patient_id = $1 AND p.release_id = coalesce(e.release_id, b.release_id))
     ORDER BY j.id`,
    [patientId],
  );
  for (const { id } of rows) await jobs.cancel(sql, id, ENDED);
  return rows.map(({ id }) => id);
}

/** An export ends, a result says from now on that somebody of it has withdrawn, anything else that was learnt from them is not given out. */
async function markMade(sql: Sql, withdrawalId: string, patientId: string, now: Date): Promise<number> {
  const { rowCount } = await sql.query(
    `INSERT INTO withdrawal_mark (withdrawal_id, subject, subject_id, effect, at)
     SELECT $1, l.subject, l.subject_id, CASE l.subject WHEN 'RUN' THEN 'MARKED' WHEN 'EXPORT' THEN 'ENDED' ELSE 'BLOCKED' END, $3
     FROM lineage l WHERE l.patient_id = $2`,
    [withdrawalId, patientId, now],
  );
  return rowCount ?? 0;
}

/**
 * Who has finished exports with the patient, or took single files of theirs by tickets, as the log says; but for those whom an earlier withdrawal lists
 * with the same copies.
 */
async function listHolders(
  { ids }: Pick<WithdrawalDeps, 'ids'>,
  sql: Sql,
  withdrawalId: string,
  patientId: string,
): Promise<number> {
  const { rows } = await sql.query<{ accountId: string; grantId: string; exports: string[]; downloads: number }>(
    `WITH told AS (SELECT d.* FROM destruction_duty d JOIN withdrawal w ON w.id = d.withdrawal_id
       WHERE w.patient_id = $1 AND w.taken_back_at IS NULL AND d.told_at IS NOT NULL),
     exported AS (SELECT e.account_id, e.grant_id, array_agg(e.id ORDER BY e.ready_at, e.id) AS exports
       FROM lineage l JOIN data_export e ON e.id = l.subject_id
       WHERE l.patient_id = $1 AND l.subject = 'EXPORT' AND e.ready_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM told WHERE e.id = ANY (told.exports))
       GROUP BY 1, 2),
     taken AS (SELECT a.account_id, a.grant_id, count(DISTINCT substring(a.text from '"artifact":"([0-9a-f-]{36})"'))::int AS downloads, max(a.at) AS last
       FROM audit_entry a WHERE a.action = 'DOWNLOAD' AND a.account_id IS NOT NULL AND a.grant_id IS NOT NULL
         AND substring(a.text from '"submission":"([0-9a-f-]{36})"') IN (SELECT s.id::text FROM submission s WHERE s.patient_id = $1)
       GROUP BY 1, 2)
     SELECT coalesce(e.account_id, t.account_id) AS "accountId", coalesce(e.grant_id, t.grant_id) AS "grantId", coalesce(e.exports, '{}') AS exports,
       coalesce(t.downloads, 0) AS downloads
     FROM exported e FULL JOIN (SELECT * FROM taken t WHERE NOT EXISTS (
       SELECT 1 FROM told WHERE told.account_id = t.account_id AND told.grant_id = t.grant_id AND told.downloads > 0 AND told.told_at >= t.last)) t
       ON t.account_id = e.account_id AND t.grant_id = e.grant_id ORDER BY 1, 2`,
    [patientId],
  );
  for (const { accountId, grantId, exports, downloads } of rows)
    await sql.query(
      'INSERT INTO destruction_duty (id, withdrawal_id, account_id, grant_id, exports, downloads) VALUES ($1, $2, $3, $4, $5, $6)',
      [ids.uuid(), withdrawalId, accountId, grantId, exports, downloads],
    );
  return rows.length;
}

async function isReleased(sql: Sql, patientId: string): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM release_patient p JOIN release r ON r.id = p.release_id WHERE p.patient_id = $1 AND r.status <> 'DRAFT' LIMIT 1`,
    [patientId],
  );
  return rows.length > 0;
}
