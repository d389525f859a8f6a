import { addMonths, localDate } from '../../../governance/calendar.ts';
import type { Policy } from '../../../governance/policy.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** SQL: how a declaration that was brought back from the journal of endings names somebody, which does not hold addresses. */
export const namedByHash = (address: string): string =>
  `'sha256:' || encode(sha256(convert_to(${address}, 'UTF8')), 'hex')`;

/**
 * For each account those who have declared themselves its co-authors, and so decide nothing about it, where the last publication together is not longer
 * ago than the policy's years. What an account says of others itself counts only in its forms, or it would choose who judges it.
 */
export async function coAuthorsOf(
  sql: Sql,
  accountIds: readonly string[],
  policy: Policy,
  now: Date,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const since = addMonths(localDate(now, policy.timeZone), -12 * policy.coAuthorYears);
  const { rows } = await sql.query<{ of: string; other: string }>(
    `SELECT DISTINCT a.id AS of, c.account_id AS other FROM account a
       JOIN co_author c ON (c.other_id = a.id OR c.other_named IN (lower(a.email), ${namedByHash('lower(a.email)')})) AND c.account_id <> a.id AND c.last_published_on >= $2
     WHERE a.id = ANY($1::uuid[]) AND NOT EXISTS (SELECT 1 FROM co_author_withdrawal w WHERE w.co_author_id = c.id)`,
    [accountIds, since],
  );
  const found = new Map<string, string[]>();
  for (const { of, other } of rows) found.set(of, [...(found.get(of) ?? []), other]);
  return found;
}

/** Accounts with one of the addresses (lower case), by address. */
export async function accountsByEmail(sql: Sql, emails: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  if (emails.length === 0) return new Map();
  const { rows } = await sql.query<{ id: string; email: string }>(
    'SELECT id, lower(email) AS email FROM account WHERE lower(email) = ANY($1)',
    [emails],
  );
  const found = new Map<string, string[]>();
  for (const { id, email } of rows) found.set(email, [...(found.get(email) ?? []), id]);
  return found;
}
