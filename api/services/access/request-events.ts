import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import { amended, collaboratorsOf, everybodyOf, type RequestState } from '../../../governance/request/state.ts';
import { nextActor } from '../../../governance/request/view.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

/** A request's history and the state it folds to; null where there is none. */
export async function foldOf(
  sql: Sql,
  requestId: string,
): Promise<{ events: RequestEvent[]; state: RequestState } | null> {
  const { rows } = await sql.query<{ data: RequestEvent }>(
    'SELECT data FROM request_event WHERE request_id = $1 ORDER BY number',
    [requestId],
  );
  const events = rows.map((row) => row.data);
  const state = foldRequest(events);
  return state && { events, state };
}

/** States of requests, as their histories fold. */
export async function foldsOf(sql: Sql, requestIds: readonly string[]): Promise<readonly RequestState[]> {
  if (requestIds.length === 0) return [];
  const { rows } = await sql.query<{ events: RequestEvent[] }>(
    'SELECT json_agg(data ORDER BY number) AS events FROM request_event WHERE request_id = ANY($1::uuid[]) GROUP BY request_id',
    [requestIds],
  );
  return rows.flatMap(({ events }) => foldRequest(events) ?? []);
}

/** The committee's first word to the applicant. */
const ANSWERS: readonly RequestEvent['type'][] = ['RequestReturned', 'RequestApproved', 'RequestRejected'];
const isAnswer = (event: RequestEvent): boolean =>
  ANSWERS.includes(event.type) || (event.type === 'CommentAdded' && event.to === 'APPLICANT');

/** Appends events and renews what is projected from them: the request's row and team, its grant, members and signatures. */
export async function appendEvents(
  sql: Sql,
  of: { studyId: string; before: RequestState | null; after: RequestState; events: readonly RequestEvent[]; now: Date },
): Promise<void> {
  const { before, after, events, now } = of;
  if (before === null)
    await sql.query(
      `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, version, renewal_of, linked_to, created_at, changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
      [
        after.id,
        of.studyId,
        after.applicantId,
        after.institutionId,
        after.status,
        after.version,
        after.renewalOf,
        after.linkedTo,
        now,
      ],
    );
  // What an amendment goes through is not the request's own way to its decision.
  const own = events.filter(({ amendmentId }) => amendmentId === undefined);
  const at = (is: (event: RequestEvent) => boolean): string | null => own.find(is)?.at ?? null;
  await sql.query(
    `UPDATE access_request SET applicant_id = $2, state = $3, title = $4, version = $5, changed_at = $6, plain_summary = $7, waits_for = $8,
       first_submitted_at = coalesce(first_submitted_at, $9), first_answered_at = coalesce(first_answered_at, $10), decided_at = coalesce(decided_at, $11)
     WHERE id = $1`,
    [
      after.id,
      after.applicantId,
      after.status,
      after.form.title ?? '',
      after.version,
      now,
      after.form.plainSummary ?? '',
      nextActor(after),
      at(({ type }) => type === 'RequestSubmitted'),
      at(isAnswer),
      at(({ type }) => type === 'RequestApproved' || type === 'RequestRejected'),
    ],
  );
  for (const [index, event] of events.entries())
    await sql.query(
      'INSERT INTO request_event (request_id, number, type, data, actor_id, at) VALUES ($1, $2, $3, $4, $5, $6)',
      [
        after.id,
        (before?.version ?? 0) + index + 1,
        event.type,
        JSON.stringify(event),
        isUuid(event.by) ? event.by : null,
        event.at,
      ],
    );
  await projectParties(sql, before, after);
  await projectGrant(sql, of.studyId, after, now);
}

/** Who is on the team or asked to join it, now or by the amendment under way. */
const partiesOf = (state: RequestState | null): { accounts: readonly string[]; emails: readonly string[] } => {
  if (state === null) return { accounts: [], emails: [] };
  const asked = [state, amended(state)].flatMap((one) => (one === null ? [] : collaboratorsOf(one)));
  const open = asked.filter(({ accountId }) => accountId === null);
  return { accounts: [...everybodyOf(state)].sort(), emails: [...new Set(open.map(({ email }) => email))].sort() };
};

async function projectParties(sql: Sql, before: RequestState | null, after: RequestState): Promise<void> {
  const { accounts, emails } = partiesOf(after);
  if (JSON.stringify(partiesOf(before)) === JSON.stringify({ accounts, emails })) return;
  await sql.query('DELETE FROM request_party WHERE request_id = $1', [after.id]);
  await sql.query(
    `INSERT INTO request_party (request_id, account_id, email)
     SELECT $1::uuid, unnest($2::uuid[]), NULL UNION ALL SELECT $1::uuid, NULL, unnest($3::text[])`,
    [after.id, accounts, emails],
  );
}

async function projectGrant(sql: Sql, studyId: string, state: RequestState, now: Date): Promise<void> {
  const grant = grantFacts(state);
  if (!grant) return;
  await sql.query(
    `INSERT INTO data_grant (id, request_id, study_id, institution_id, access, purpose, conditions, starts_at, ends_at, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO UPDATE SET institution_id = excluded.institution_id, access = excluded.access, purpose = excluded.purpose, conditions = excluded.conditions,
       starts_at = excluded.starts_at, ends_at = excluded.ends_at, state = excluded.state`,
    [
      grant.id,
      state.id,
      studyId,
      grant.institutionId,
      JSON.stringify(grant.access),
      grant.purpose,
      state.grant?.terms.conditions ?? '',
      grant.start,
      grant.end,
      grant.state,
    ],
  );
  await sql.query(
    'UPDATE grant_member SET removed_at = $3 WHERE grant_id = $1 AND removed_at IS NULL AND NOT account_id = ANY($2)',
    [grant.id, grant.members, now],
  );
  await sql.query(
    `INSERT INTO grant_member (grant_id, account_id, added_at) SELECT $1, unnest($2::uuid[]), $3
     ON CONFLICT (grant_id, account_id) DO UPDATE SET removed_at = NULL`,
    [grant.id, grant.members, now],
  );
  await sql.query('DELETE FROM grant_signature WHERE grant_id = $1', [grant.id]);
  for (const signature of grant.signatures)
    await sql.query(
      'INSERT INTO grant_signature (grant_id, account_id, capacity, version, signed_at, text_sha256, typed_name) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING',
      [
        grant.id,
        signature.accountId,
        signature.as,
        signature.version,
        signature.signedAt,
        signature.textSha256 ?? null,
        signature.typedName ?? null,
      ],
    );
}
