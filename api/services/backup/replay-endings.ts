import { z } from 'zod';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { applyEvent } from '../../../governance/request/fold.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { appendEvents, foldOf } from '../access/request-events.ts';
import { noteErasure } from '../withdrawals/erasure-journal.ts';
import { carryOutWithdrawal } from '../withdrawals/record-withdrawal.ts';
import type { WithdrawalDeps } from '../withdrawals/withdrawal-deps.ts';
import { awaitEnding, REPLAYED } from './awaited-endings.ts';
import type { Ending } from './endings-journal.ts';
import {
  accountOf,
  institutionOf,
  replayCoAuthor,
  replayCoAuthorWithdrawal,
  replayInstitution,
} from './replay-parties.ts';
import { withVideos } from './sealed-videos.ts';

export type ReplayDeps = Pick<WithdrawalDeps, 'clock' | 'ids' | 'jobs' | 'journal' | 'keys'>;

type Row = Ending['row'];
/** False where there is nothing that could end: it came to be after the backup, and went with what was lost. */
type Replay = (sql: Sql, row: Row, deps: ReplayDeps) => Promise<boolean>;

/** A statement on the noted row, `$1`; true where it met a row. */
const statement =
  (text: string): Replay =>
  async (sql, row) =>
    ((await sql.query(text, [JSON.stringify(row)])).rowCount ?? 0) > 0;
const of = (table: string): string => `jsonb_populate_record(NULL::${table}, $1::jsonb) n`;

/** How each kind of ending is carried out once more. Again does no harm; what is more ended than noted stays so. */
export const REPLAYS: Readonly<Record<string, Replay>> = {
  withdrawal: replayWithdrawal,
  consent: replayConsent,
  request_event: replayRequestEvent,
  quarantine: async (sql, row, { keys }) => {
    if ((await sql.query('SELECT 1 FROM submission WHERE id = $1', [row.submission_id])).rows.length === 0)
      return awaitEnding(sql, 'quarantine', await withVideos(keys, row));
    return statement(
      `INSERT INTO quarantine (id, submission_id, from_seconds, to_seconds, reason, placed_at, placed_by, lifted_at, lifted_by)
       SELECT n.id, n.submission_id, n.from_seconds, n.to_seconds, '${REPLAYED}', n.placed_at, n.placed_by, n.lifted_at, n.lifted_by FROM ${of('quarantine')}
       ON CONFLICT (id) DO UPDATE SET lifted_at = excluded.lifted_at, lifted_by = excluded.lifted_by`,
    )(sql, row, {} as ReplayDeps);
  },
  halt: statement(
    `INSERT INTO halt (id, scope, target, reason, category, placed_at, placed_by, lifted_at, lifted_by, lift_asked_by)
     SELECT n.id, n.scope, n.target, '${REPLAYED}', n.category, n.placed_at, n.placed_by, n.lifted_at, n.lifted_by, n.lift_asked_by FROM ${of('halt')}
     ON CONFLICT (id) DO UPDATE SET lifted_at = excluded.lifted_at, lifted_by = excluded.lifted_by, lift_asked_by = excluded.lift_asked_by`,
  ),
  async sanction(sql, row, deps) {
    const account_id = row.account_id === null ? null : await accountOf(sql, row.account_id, row, deps);
    const named = typeof row.institution_id === 'string' && row.lifted_at == null ? row.institution_id : null;
    const institution_id =
      named === null ? row.institution_id : ((await institutionOf(sql, named, row.institution, deps)) ?? named);
    return statement(
      `INSERT INTO sanction (id, kind, account_id, institution_id, reason, starts_at, ends_at, imposed_by, lifted_at, lifted_by, lift_asked_by)
       SELECT n.id, n.kind, n.account_id, n.institution_id, '${REPLAYED}', n.starts_at, n.ends_at, n.imposed_by, n.lifted_at, n.lifted_by, n.lift_asked_by
       FROM ${of('sanction')} WHERE n.institution_id IS NULL OR EXISTS (SELECT 1 FROM institution i WHERE i.id = n.institution_id)
       ON CONFLICT (id) DO UPDATE SET lifted_at = excluded.lifted_at, lifted_by = excluded.lifted_by, lift_asked_by = excluded.lift_asked_by`,
    )(sql, { ...row, account_id, institution_id }, deps);
  },
  async account(sql, row, deps) {
    const id = await accountOf(sql, row.id, row, deps);
    return statement(
      `UPDATE account a SET suspended_at = n.suspended_at, suspended_until = n.suspended_until,
         suspended_reason = CASE WHEN n.suspended_at IS NOT NULL THEN coalesce(a.suspended_reason, '${REPLAYED}') END,
         institution_id = (SELECT i.id FROM institution i WHERE i.id = n.institution_id) FROM ${of('account')} WHERE a.id = n.id`,
    )(sql, { ...row, id }, deps);
  },
  account_role: statement(
    `DELETE FROM account_role a USING ${of('account_role')} WHERE a.account_id = n.account_id AND a.role = n.role`,
  ),
  async role_decision(sql, row, deps) {
    const account_id = await accountOf(sql, row.account_id, row, deps);
    return statement(
      `INSERT INTO role_decision (account_id, role, given, at_provider, decided_at, decided_by)
       SELECT n.account_id, n.role, false, false, n.decided_at, coalesce((SELECT a.id FROM account a WHERE a.id = n.decided_by), n.account_id) FROM ${of('role_decision')}
       ON CONFLICT (account_id, role) DO UPDATE SET given = false, at_provider = false, decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
    )(sql, { ...row, account_id }, deps);
  },
  official: statement(
    `DELETE FROM official o USING ${of('official')} WHERE o.account_id = n.account_id AND o.institution_id = n.institution_id`,
  ),
  institution: replayInstitution,
  co_author: replayCoAuthor,
  co_author_withdrawal: replayCoAuthorWithdrawal,
  certificate: statement(
    `UPDATE certificate c SET expires_on = least(c.expires_on, n.expires_on), state = CASE WHEN n.state IN ('REJECTED', 'REPLACED', 'WITHDRAWN') THEN n.state ELSE c.state END,
       decided_at = coalesce(n.decided_at, c.decided_at), verified_how = CASE WHEN n.state IN ('REJECTED', 'WITHDRAWN') THEN NULL ELSE c.verified_how END,
       rejected_reason = CASE WHEN n.state = 'REJECTED' THEN '${REPLAYED}' ELSE c.rejected_reason END FROM ${of('certificate')} WHERE c.id = n.id`,
  ),
  data_grant: replayGrant,
  grant_member: statement(
    `UPDATE grant_member m SET removed_at = coalesce(m.removed_at, n.removed_at, now()) FROM ${of('grant_member')} WHERE m.grant_id = n.grant_id AND m.account_id = n.account_id`,
  ),
  personal_token: statement(
    `UPDATE personal_token t SET revoked_at = coalesce(t.revoked_at, n.revoked_at), revoked_why = coalesce(t.revoked_why, n.revoked_why), expires_at = least(t.expires_at, n.expires_at) FROM ${of('personal_token')} WHERE t.id = n.id`,
  ),
  access_exception: statement(
    `UPDATE access_exception e SET ends_at = least(e.ends_at, n.ends_at) FROM ${of('access_exception')} WHERE e.id = n.id`,
  ),
  deputy_steward: statement(
    `UPDATE deputy_steward d SET ended_at = coalesce(d.ended_at, n.ended_at) FROM ${of('deputy_steward')} WHERE d.id = n.id`,
  ),
  policy_version: statement(
    `INSERT INTO policy_version (number, policy, effective_at, reason) SELECT n.number, n.policy, n.effective_at, '${REPLAYED}' FROM ${of('policy_version')} ON CONFLICT (number) DO NOTHING`,
  ),
  agreement: statement(
    `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at)
     SELECT n.version, n.title, n.text, n.sha256, n.effective_on, n.grace_days, n.editorial, n.published_at FROM ${of('agreement')} ON CONFLICT (version) DO NOTHING`,
  ),
  release: statement(
    `UPDATE release r SET status = n.status, status_changed_at = n.status_changed_at, status_reason = '${REPLAYED}', status_changed_by = NULL
     FROM ${of('release')} WHERE r.id = n.id AND r.status NOT IN ('DRAFT', 'RETRACTED') AND r.status <> n.status`,
  ),
  second_step: statement(
    `UPDATE second_step s SET ended_at = n.ended_at, ended_by = a.id, outcome = CASE WHEN n.outcome = 'CONFIRMED' AND a.id IS NULL THEN 'EXPIRED' ELSE n.outcome END
     FROM ${of('second_step')} LEFT JOIN account a ON a.id = n.ended_by WHERE s.id = n.id AND s.ended_at IS NULL`,
  ),
  data_export: statement(
    `UPDATE data_export e SET ended_at = coalesce(e.ended_at, n.ended_at) FROM ${of('data_export')} WHERE e.id = n.id`,
  ),
};

const PATIENT = z.object({ patient_id: z.uuid(), study: z.string(), code: z.string() });

/** The patient meant, locked; null where the backup has none of that code. */
async function patientOf(sql: Sql, row: Row): Promise<string | null> {
  const { study, code } = PATIENT.parse(row);
  const { rows } = await sql.query<{ id: string }>(
    'SELECT p.id FROM patient p JOIN study s ON s.id = p.study_id WHERE s.key = $1 AND p.code = $2 FOR UPDATE OF p',
    [study, code],
  );
  return rows[0]?.id ?? null;
}

/** Who came after the backup and withdrew is entered by their code, as erased: no drop brings them in as if nothing had been said. */
async function barPatient(sql: Sql, row: Row, { clock }: ReplayDeps): Promise<void> {
  const { patient_id, study, code } = PATIENT.parse(row);
  await sql.query(
    'INSERT INTO patient (id, study_id, code, created_at, updated_at, erased_at) SELECT $1, s.id, $3, $4, $4, $4 FROM study s WHERE s.key = $2 ON CONFLICT DO NOTHING',
    [patient_id, study, code, clock.now()],
  );
}

const WITHDRAWAL = z.object({
  id: z.uuid(),
  kind: z.enum(['STOP_COLLECTION', 'STOP_SHARING', 'ERASE']),
  reason: z.string(),
  erasure_ordered_at: z.string().nullable(),
  erase_after: z.string().nullable(),
  erased_at: z.string().nullable(),
  taken_back_at: z.string().nullable(),
});

async function replayWithdrawal(sql: Sql, row: Row, deps: ReplayDeps): Promise<boolean> {
  const of = WITHDRAWAL.parse(row);
  if (of.taken_back_at === null && (await patientOf(sql, row)) === null) await barPatient(sql, row, deps);
  const patient_id = await patientOf(sql, row);
  if (patient_id === null) return false;
  const known = (await sql.query('SELECT 1 FROM withdrawal WHERE id = $1', [of.id])).rows.length > 0;
  const noted = JSON.stringify({ ...row, patient_id });
  await sql.query(
    `INSERT INTO withdrawal (id, patient_id, kind, reason, at, notified_at, erasure_ordered_at, erase_after, taken_back_at)
     SELECT n.id, n.patient_id, n.kind, n.reason, n.at, n.notified_at, n.erasure_ordered_at, n.erase_after, n.taken_back_at
     FROM jsonb_populate_record(NULL::withdrawal, $1::jsonb) n
     ON CONFLICT (id) DO UPDATE SET notified_at = coalesce(withdrawal.notified_at, excluded.notified_at),
       erasure_ordered_at = coalesce(withdrawal.erasure_ordered_at, excluded.erasure_ordered_at),
       erase_after = coalesce(withdrawal.erase_after, excluded.erase_after), taken_back_at = excluded.taken_back_at
     WHERE withdrawal.taken_back_at IS NULL AND withdrawal.erasing_at IS NULL`,
    [noted],
  );
  if (!known && of.taken_back_at === null)
    await carryOutWithdrawal(deps, sql, { id: of.id, patientId: patient_id, kind: of.kind });
  const { study, code } = PATIENT.parse(row);
  // The next step erases them again: see erasure-journal.ts.
  if (of.erased_at !== null)
    await noteErasure(deps.journal, {
      ...{ withdrawal: of.id, patient: patient_id, study, code, reason: of.reason },
      at: new Date(of.erased_at).toISOString(),
    });
  else if (of.erasure_ordered_at !== null && of.taken_back_at === null)
    await deps.jobs.add(sql, {
      kind: 'erase-patient',
      payload: { withdrawalId: of.id },
      dedupeKey: `erase ${of.id}`,
      maxAttempts: 20,
      runAfter: new Date(of.erase_after ?? of.erasure_ordered_at),
    });
  return true;
}

async function replayConsent(sql: Sql, row: Row): Promise<boolean> {
  const patient_id = await patientOf(sql, row);
  if (patient_id === null) return awaitEnding(sql, 'consent', row);
  await sql.query(
    `INSERT INTO consent (id, patient_id, version, uses, modalities, adult_from, reconsented_at, effective_at, recorded_at, undoes)
     SELECT n.id, n.patient_id, n.version, n.uses, n.modalities, n.adult_from, n.reconsented_at, n.effective_at, n.recorded_at, (SELECT c.id FROM consent c WHERE c.id = n.undoes)
     FROM jsonb_populate_record(NULL::consent, $1::jsonb) n ON CONFLICT DO NOTHING`,
    [JSON.stringify({ ...row, patient_id })],
  );
  return true;
}

const ACCESS = z.record(z.string(), z.array(z.string()));
const GRANT = z.object({ id: z.uuid(), state: z.string(), ends_at: z.string(), access: ACCESS });

/** What the grant's history says stands behind this; here it is only ever narrowed. */
async function replayGrant(sql: Sql, row: Row): Promise<boolean> {
  const noted = GRANT.parse(row);
  const { rows } = await sql.query<{ state: string; access: z.infer<typeof ACCESS> }>(
    'SELECT state, access FROM data_grant WHERE id = $1 FOR UPDATE',
    [noted.id],
  );
  const grant = rows[0];
  if (grant === undefined) return false;
  const access = Object.fromEntries(
    Object.entries(grant.access).flatMap(([modality, uses]) => {
      const left = uses.filter((use) => noted.access[modality]?.includes(use));
      return left.length > 0 ? [[modality, left]] : [];
    }),
  );
  const state = ENDED.has(grant.state) || noted.state === 'ACTIVE' ? grant.state : noted.state;
  await sql.query(
    'UPDATE data_grant SET state = $2, ends_at = least(ends_at, $3::timestamptz), access = $4 WHERE id = $1',
    [...[noted.id, state, noted.ends_at, JSON.stringify(access)]],
  );
  return true;
}

/** Of grants; the others are of requests that have not become one. */
const OF_GRANTS = new Set([
  'MemberRemoved',
  'GrantSuspended',
  'GrantRevoked',
  'GrantExpired',
  'CloseOutAttested',
  'GrantClosed',
]);
const ENDED = new Set(['REVOKED', 'EXPIRED', 'CLOSED']);

/** Appended to the request's history, so that whatever happens to it later goes on from there. */
async function replayRequestEvent(sql: Sql, row: Row, deps: ReplayDeps): Promise<boolean> {
  const { request_id: id, data } = z.object({ request_id: z.uuid(), data: z.looseObject({}) }).parse(row);
  const recused = data.type === 'StewardRecused';
  const event = { ...data, ...texts(data as { type?: string }) } as unknown as RequestEvent;
  const { rows } = await sql.query<{ studyId: string }>(
    'SELECT study_id AS "studyId" FROM access_request WHERE id = $1 FOR UPDATE',
    [id],
  );
  const fold = rows[0] ? await foldOf(sql, id) : null;
  if (!rows[0] || fold === null) return false;
  const { state: before, events } = fold;
  if (recused) {
    // Whoever became known after the backup alone is the same at their provider, and another by id.
    const by = await accountOf(sql, event.by, row, deps);
    const stepped = { ...event, by };
    const after = applyEvent(before, stepped);
    if (!before.recused.includes(by))
      await appendEvents(sql, { studyId: rows[0].studyId, before, after, events: [stepped], now: deps.clock.now() });
    return true;
  }
  const same = events.some(({ type, at, by }) => type === event.type && at === event.at && by === event.by);
  if (same) return true;
  if (OF_GRANTS.has(event.type) !== (before.grant !== null)) return false;
  if (event.type === 'GrantSuspended' && before.status !== 'APPROVED') return true;
  if ((event.type === 'GrantRevoked' || event.type === 'GrantExpired') && ENDED.has(before.status)) return true;
  const after = applyEvent(before, event);
  await appendEvents(sql, { studyId: rows[0].studyId, before, after, events: [event], now: deps.clock.now() });
  return true;
}

const texts = ({ type }: { type?: string }): object => {
  if (type === 'GrantSuspended' || type === 'GrantRevoked' || type === 'RequestRejected') return { reason: REPLAYED };
  return type === 'CloseOutAttested' ? { statement: REPLAYED } : {};
};
