import { addMonths, localDate } from '../../../governance/calendar.ts';
import type { Policy } from '../../../governance/policy.ts';
import type { Sql } from '../../adapters/database/database.ts';

/**
 * Co-authors of accounts, either of whom may have said so, whose last publication together is not longer ago than the policy's years: for each account
 * those who decide nothing about it.
 */
export async function coAuthorsOf(
  sql: Sql,
  accountIds: readonly string[],
  policy: Policy,
  now: Date,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const since = addMonths(localDate(now, policy.timeZone), -12 * policy.coAuthorYears);
  const { rows } = await sql.query<{ of: string; other: string }>(
    `SELECT account_id AS of, other_id AS other FROM co_author WHERE account_id = ANY($1::uuid[]) AND last_published_on >= $2
     UNION SELECT other_id, account_id FROM co_author WHERE other_id = ANY($1::uuid[]) AND last_published_on >= $2`,
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
