import type { WithdrawalKind } from '../../../governance/rows.ts';
import { isWithdrawalStep, type WithdrawalStep, type WithdrawalTasks } from '../../../governance/withdrawal.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

export interface WithdrawalRow {
  readonly id: string;
  readonly patientId: string;
  readonly patient: string;
  readonly study: string;
  readonly kind: WithdrawalKind;
  readonly reason: string;
  readonly recordedAt: Date;
  readonly recordedById: string | null;
  readonly notifiedAt: Date | null;
  readonly erasureOrderedAt: Date | null;
  readonly eraseAfter: Date | null;
  readonly erasingAt: Date | null;
  readonly erasedAt: Date | null;
  readonly takenBackAt: Date | null;
  readonly proof: unknown;
  readonly erasureHoldDays: number;
  readonly attestationDays: number;
  readonly nextRelease: WithdrawalTasks['nextRelease'];
  readonly draftVersion: string | null;
  readonly draftProblem: string | null;
  /** Exports, runs and what they left that it marks. */
  readonly marked: readonly { readonly subject: string; readonly id: string; readonly effect: string }[];
}

/** Of the release without the patient: a later one that is published will do, whoever drafted it. */
const NEXT = `CASE
  WHEN w.kind = 'STOP_COLLECTION' THEN 'NONE'
  WHEN NOT EXISTS (SELECT 1 FROM release_patient x JOIN release r ON r.id = x.release_id WHERE x.patient_id = w.patient_id AND r.status <> 'DRAFT') THEN 'NONE'
  WHEN EXISTS (SELECT 1 FROM release r WHERE r.study_id = p.study_id AND r.status IN ('PUBLISHED', 'DEPRECATED') AND r.published_at >= w.at
    AND NOT EXISTS (SELECT 1 FROM release_patient x WHERE x.release_id = r.id AND x.patient_id = w.patient_id)) THEN 'PUBLISHED'
  WHEN d.status = 'DRAFT' THEN 'DRAFTED' WHEN w.draft_problem IS NOT NULL THEN 'PROBLEM' ELSE 'MAKING' END`;

const SELECT = `SELECT w.id, w.patient_id AS "patientId", p.code AS patient, s.key AS study, w.kind, w.reason, w.at AS "recordedAt", w.recorded_by AS "recordedById",
    w.notified_at AS "notifiedAt", w.erasure_ordered_at AS "erasureOrderedAt", w.erase_after AS "eraseAfter", w.erasing_at AS "erasingAt", w.erased_at AS "erasedAt",
    w.taken_back_at AS "takenBackAt", w.proof, s.erasure_hold_days AS "erasureHoldDays", s.attestation_days AS "attestationDays",
    ${NEXT} AS "nextRelease", d.version AS "draftVersion", w.draft_problem AS "draftProblem",
    (SELECT coalesce(json_agg(json_build_object('subject', m.subject, 'id', m.subject_id, 'effect', m.effect) ORDER BY m.subject, m.subject_id), '[]')
     FROM withdrawal_mark m WHERE m.withdrawal_id = w.id) AS marked
  FROM withdrawal w JOIN patient p ON p.id = w.patient_id JOIN study s ON s.id = p.study_id LEFT JOIN release d ON d.id = w.draft_id`;

export const MOST_WITHDRAWALS = 500;

/** A withdrawal, held until the transaction ends; null where there is none. */
export async function heldWithdrawal(sql: Sql, id: string): Promise<WithdrawalRow | null> {
  if (!isUuid(id)) return null;
  const { rows: held } = await sql.query('SELECT 1 FROM withdrawal WHERE id = $1 FOR UPDATE', [id]);
  return held.length === 0 ? null : readWithdrawal(sql, id);
}

/** A withdrawal as it stands; null where there is none. */
export async function readWithdrawal(sql: Sql, id: string): Promise<WithdrawalRow | null> {
  if (!isUuid(id)) return null;
  const { rows } = await sql.query<WithdrawalRow & Record<string, unknown>>(`${SELECT} WHERE w.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Withdrawals of a study, newest first. */
export async function listWithdrawals(sql: Sql, study: string): Promise<readonly WithdrawalRow[]> {
  const { rows } = await sql.query<WithdrawalRow & Record<string, unknown>>(
    `${SELECT} WHERE s.key = $1 ORDER BY w.at DESC, w.id DESC LIMIT ${MOST_WITHDRAWALS}`,
    [study],
  );
  return rows;
}

export interface DutyRow {
  readonly id: string;
  readonly withdrawalId: string;
  readonly accountId: string;
  readonly grantId: string;
  readonly exports: readonly string[];
  /** Files that were taken one by one. */
  readonly downloads: number;
  readonly study: string;
  readonly toldAt: Date | null;
  readonly dueAt: Date | null;
  readonly attestedAt: Date | null;
}

const DUTY = `SELECT y.id, y.withdrawal_id AS "withdrawalId", y.account_id AS "accountId", y.grant_id AS "grantId", y.exports, y.downloads, s.key AS study,
    y.told_at AS "toldAt", y.due_at AS "dueAt", y.attested_at AS "attestedAt"
  FROM destruction_duty y JOIN withdrawal w ON w.id = y.withdrawal_id JOIN patient p ON p.id = w.patient_id JOIN study s ON s.id = p.study_id`;

/** Duties of these withdrawals. */
export async function dutiesOf(sql: Sql, withdrawalIds: readonly string[]): Promise<readonly DutyRow[]> {
  const { rows } = await sql.query<DutyRow & Record<string, unknown>>(
    `${DUTY} WHERE y.withdrawal_id = ANY ($1::uuid[]) ORDER BY y.due_at, y.id`,
    [withdrawalIds],
  );
  return rows;
}

/** What one person was told to destroy, under withdrawals that stand; the newest first. */
export async function dutiesTold(sql: Sql, accountId: string): Promise<readonly DutyRow[]> {
  const { rows } = await sql.query<DutyRow & Record<string, unknown>>(
    `${DUTY} WHERE y.account_id = $1 AND y.told_at IS NOT NULL AND w.taken_back_at IS NULL ORDER BY y.told_at DESC, y.id LIMIT ${MOST_WITHDRAWALS}`,
    [accountId],
  );
  return rows;
}

/** Steps of withdrawals that one steward has asked for and none confirmed, by withdrawal. */
export async function askedSteps(sql: Sql, now: Date): Promise<ReadonlyMap<string, readonly WithdrawalStep[]>> {
  const { rows } = await sql.query<{ withdrawal: string; step: string }>(
    `SELECT payload ->> 'withdrawal' AS withdrawal, payload ->> 'step' AS step FROM second_step
     WHERE action = 'CONFIRM_WITHDRAWAL' AND ended_at IS NULL AND expires_at > $1`,
    [now],
  );
  const asked = new Map<string, WithdrawalStep[]>();
  for (const { withdrawal, step } of rows)
    if (isWithdrawalStep(step)) asked.set(withdrawal, [...(asked.get(withdrawal) ?? []), step]);
  return asked;
}
