import type { RequestEvent } from '../../../governance/request/events.ts';
import { foldRequest } from '../../../governance/request/fold.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import type { RequestState } from '../../../governance/request/state.ts';
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

/** Appends events and renews what is projected from them: the request's row, its grant, members and signatures. */
export async function appendEvents(
  sql: Sql,
  of: { studyId: string; before: RequestState | null; after: RequestState; events: readonly RequestEvent[]; now: Date },
): Promise<void> {
  const { before, after, events, now } = of;
  const title = after.form.title ?? '';
  if (before === null)
    await sql.query(
      `INSERT INTO access_request (id, study_id, applicant_id, institution_id, state, title, version, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
      [after.id, of.studyId, after.applicantId, after.institutionId, after.status, title, after.version, now],
    );
  else
    await sql.query(
      'UPDATE access_request SET applicant_id = $2, state = $3, title = $4, version = $5, changed_at = $6 WHERE id = $1',
      [after.id, after.applicantId, after.status, title, after.version, now],
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
  await projectGrant(sql, of.studyId, after, now);
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
