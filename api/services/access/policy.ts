import type { AgreementVersion } from '../../../governance/agreement.ts';
import { NoPolicy, type Policy, parsePolicy } from '../../../governance/policy.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** The policy in force. @throws if none was ever set: a server without a policy allows nothing */
export async function currentPolicy(sql: Sql, now: Date): Promise<Policy> {
  const { rows } = await sql.query<{ policy: unknown }>(
    'SELECT policy FROM policy_version WHERE effective_at <= $1 ORDER BY number DESC LIMIT 1',
    [now],
  );
  if (!rows[0]) throw new NoPolicy();
  return parsePolicy(rows[0].policy);
}

export async function agreementVersions(sql: Sql): Promise<AgreementVersion[]> {
  const { rows } = await sql.query<AgreementVersion & Record<string, unknown>>(
    'SELECT version, effective_on AS "effectiveOn", grace_days AS "graceDays", editorial, sha256 FROM agreement ORDER BY version',
  );
  return rows;
}
