import type { Certificate } from '../../../governance/certificate.ts';
import type { CertificateFacts } from '../../../governance/facts.ts';
import type { TrainingType } from '../../../governance/training.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

/** A certificate with what is kept of its file. */
export interface StoredCertificate extends Certificate {
  contentType: string;
  decidedAt: Date | null;
}

export const CERTIFICATE_COLUMNS = `id, account_id AS "accountId", type AS "trainingType", course, completed_on AS "completedOn", expires_on AS "expiresOn",
  coalesce(credential_id, '') AS "credentialId", state, file_sha256 AS "fileSha256", content_type AS "contentType",
  to_char(uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "uploadedAt", decided_at AS "decidedAt",
  decided_by AS "decidedBy", verified_how AS "verifiedHow", rejected_reason AS "rejectedFor"`;

type Row = StoredCertificate & Record<string, unknown>;

/** @param hold whether its row is held until the transaction ends, so that of two decisions one comes second */
export async function certificateRow(sql: Sql, id: string, hold = false): Promise<StoredCertificate | null> {
  if (!isUuid(id)) return null;
  const { rows } = await sql.query<Row>(
    `SELECT ${CERTIFICATE_COLUMNS} FROM certificate WHERE id = $1 ${hold ? 'FOR UPDATE' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

/** Somebody's certificates, newest first, without those that an upload replaced while they waited. */
export async function certificatesOf(sql: Sql, accountId: string): Promise<StoredCertificate[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${CERTIFICATE_COLUMNS} FROM certificate WHERE account_id = $1 AND state <> 'REPLACED' ORDER BY uploaded_at DESC, id DESC`,
    [accountId],
  );
  return rows;
}

/** Those of a team whose file is kept, newest first. */
export async function certificatesOfPeople(sql: Sql, accountIds: readonly string[]): Promise<StoredCertificate[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${CERTIFICATE_COLUMNS} FROM certificate WHERE account_id = ANY($1::uuid[]) AND state NOT IN ('REPLACED', 'WITHDRAWN')
     ORDER BY uploaded_at DESC, id DESC`,
    [accountIds],
  );
  return rows;
}

/** What decide() knows of people's certificates. */
export const certificateFactsOf = async (sql: Sql, accountIds: readonly string[]): Promise<CertificateFacts[]> =>
  (await certificatesOfPeople(sql, accountIds)).flatMap(({ state, trainingType: type, ...one }) =>
    state === 'PENDING' || state === 'VERIFIED' || state === 'REJECTED' ? [{ ...one, type, state }] : [],
  );

/** Those that wait for a steward, oldest first. */
export async function pendingCertificates(
  sql: Sql,
  type: TrainingType | null,
  { first, after }: PageAsked,
): Promise<PageOf<StoredCertificate>> {
  const { rows } = await sql.query<Row>(
    `SELECT ${CERTIFICATE_COLUMNS} FROM certificate WHERE state = 'PENDING' AND ($1::text IS NULL OR type = $1)
       AND ($2::timestamptz IS NULL OR (uploaded_at, id) > ($2, $3::uuid))
     ORDER BY uploaded_at, id LIMIT $4`,
    [type, ...place(after), first + 1],
  );
  const nodes = rows.slice(0, first);
  return {
    nodes,
    cursors: nodes.map(({ uploadedAt, id }) => Buffer.from(`certificate|${uploadedAt}|${id}`).toString('base64url')),
    hasNextPage: rows.length > first,
    totalCount: () => pendingCount(sql, type),
  };
}

async function pendingCount(sql: Sql, type: TrainingType | null): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM certificate WHERE state = 'PENDING' AND ($1::text IS NULL OR type = $1)`,
    [type],
  );
  return rows[0]?.n ?? 0;
}

/** Time and id in a cursor; what is none stands behind everything, so that nothing follows it. */
function place(after: string | null): [string | null, string | null] {
  if (after === null) return [null, null];
  const [kind, at = '', id = ''] = Buffer.from(after, 'base64url').toString().split('|');
  const known = kind === 'certificate' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at) && isUuid(id);
  return known && !Number.isNaN(Date.parse(at)) ? [at, id] : ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
}

/** How many of each type wait, and since when the oldest does; a type of which none waits is left out. */
export async function pendingTotals(sql: Sql): Promise<{ type: TrainingType; waiting: number; oldestAt: Date }[]> {
  const { rows } = await sql.query<{ type: TrainingType; waiting: number; oldestAt: Date }>(
    `SELECT type, count(*)::int AS waiting, min(uploaded_at) AS "oldestAt" FROM certificate WHERE state = 'PENDING' GROUP BY type ORDER BY type`,
  );
  return rows;
}
