import type { InstitutionMove } from '../../../schema/services/institutions.ts';
import type { Ids } from '../../adapters/clock/clock.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** What of the requests' service ends with a change of institution; each takes part in the caller's transaction. */
export interface EndingRequests {
  /** Suspends the grant of a request whose applicant has left. */
  suspend(requestId: string, reason: string): Promise<{ readonly ok: boolean }>;
  /** Takes a member off a grant, as they would themself. */
  leave(requestId: string, accountId: string): Promise<{ readonly ok: boolean }>;
}

/**
 * Records where somebody works from now on, and ends what hung on where they worked: their grants are suspended, they
 * leave those of others, and they sign for no other institution. decide() refuses data under grants of another
 * institution in the same moment. Call it in a transaction that holds the account's row.
 */
export const moveAccount = async (
  sql: Sql,
  of: {
    readonly accountId: string;
    readonly institutionId: string | null;
    readonly by: string;
    readonly now: Date;
    readonly ids: Ids;
    readonly requests: EndingRequests;
  },
): Promise<InstitutionMove> => {
  const { accountId, institutionId, by, now, ids, requests } = of;
  await sql.query('UPDATE account SET institution_id = $2 WHERE id = $1', [accountId, institutionId]);
  await sql.query(
    'INSERT INTO account_institution (id, account_id, institution_id, since, recorded_by) VALUES ($1, $2, $3, $4, $5)',
    [ids.uuid(), accountId, institutionId, now, by],
  );
  const unbound = await sql.query<{ id: string }>(
    'DELETE FROM official WHERE account_id = $1 AND institution_id IS DISTINCT FROM $2::uuid RETURNING institution_id AS id',
    [accountId, institutionId],
  );
  const { rows } = await sql.query<{ id: string; own: boolean }>(
    `SELECT r.id, r.applicant_id = $1 AS own FROM grant_member m JOIN data_grant g ON g.id = m.grant_id JOIN access_request r ON r.id = g.request_id
     WHERE m.account_id = $1 AND m.removed_at IS NULL AND g.state = 'ACTIVE' AND g.institution_id IS DISTINCT FROM $2::uuid ORDER BY r.id`,
    [accountId, institutionId],
  );
  const [suspendedRequests, leftRequests]: [string[], string[]] = [[], []];
  for (const { id, own } of rows) {
    const ended = own
      ? await requests.suspend(id, 'The applicant works at another institution.')
      : await requests.leave(id, accountId);
    if (ended.ok) (own ? suspendedRequests : leftRequests).push(id);
  }
  return { suspendedRequests, leftRequests, unboundFrom: unbound.rows.map(({ id }) => id) };
};
