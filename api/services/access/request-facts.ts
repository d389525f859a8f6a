import { isEligible } from '../../../governance/institution.ts';
import type { RequestActor, RequestFacts } from '../../../governance/request/commands.ts';
import { closeOutOverdue } from '../../../governance/request/grant.ts';
import { type RequestState, teamOf } from '../../../governance/request/state.ts';
import type { Role } from '../../../governance/roles.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { institutionSanctioned, personSanctioned } from '../sanctions/sanctioned-sql.ts';
import { agreementVersions, currentPolicy } from './policy.ts';
import { foldOf } from './request-events.ts';

interface Person {
  institutionId: string | null;
  email: string;
  suspended: boolean;
  roles: Role[];
}

async function person(sql: Sql, accountId: string, now: Date): Promise<Person | null> {
  const { rows } = await sql.query<Person & Record<string, unknown>>(
    `SELECT institution_id AS "institutionId", email, coalesce(suspended_at <= $2 AND (suspended_until IS NULL OR $2 < suspended_until), false)
         OR ${personSanctioned('account.id')} AS suspended,
       ARRAY(SELECT role FROM account_role r WHERE r.account_id = account.id) AS roles
     FROM account WHERE id = $1`,
    [accountId, now],
  );
  return rows[0] ?? null;
}

/** Everything that a command on a request is decided from, read in the command's transaction. */
export async function requestFacts(
  sql: Sql,
  of: { accountId: string | null; state: RequestState | null; newId: string; now: Date },
): Promise<RequestFacts> {
  const { state, now } = of;
  const policy = await currentPolicy(sql, now);
  const who = of.accountId === null ? null : await person(sql, of.accountId, now);
  if (of.accountId !== null && who === null) throw new Error('a command by an account that does not exist');
  const actor: RequestActor =
    who === null || of.accountId === null
      ? { kind: 'system:clock' }
      : { kind: 'account', accountId: of.accountId, ...who };
  const applicant = state && (await person(sql, state.applicantId, now));
  return {
    now,
    policy,
    agreements: await agreementVersions(sql),
    actor,
    institution: await institution(sql, state?.institutionId ?? who?.institutionId ?? null, policy, now),
    applicantInstitutionId: applicant?.institutionId ?? null,
    stewards: await holders(sql, 'steward'),
    // Co-authors are recorded with the whole workflow; until then nobody is known to be one.
    coAuthors: [],
    closeOutOverdue: state !== null && (await lateWithCloseOut(sql, state, policy, now)),
    newId: of.newId,
  };
}

async function institution(
  sql: Sql,
  id: string | null,
  policy: RequestFacts['policy'],
  now: Date,
): Promise<RequestFacts['institution']> {
  if (id === null) return { eligible: false, officials: [] };
  const { rows } = await sql.query<{
    id: string;
    country: string;
    standing: string;
    officials: string[];
    sanctioned: boolean;
  }>(
    `SELECT id, country, standing, ${institutionSanctioned('institution.id')} AS sanctioned,
       ARRAY(SELECT account_id FROM official o WHERE o.institution_id = institution.id) AS officials FROM institution WHERE id = $1`,
    [id, now],
  );
  const row = rows[0];
  if (!row) return { eligible: false, officials: [] };
  return { eligible: isEligible(institutionFacts(row), policy, now), officials: row.officials };
}

/** An institution's standing as the policy reads it: who is suspended or barred is verified, and shut out until that changes. */
export function institutionFacts(row: { id: string; country: string; standing: string; sanctioned: boolean }) {
  const shutOut = row.sanctioned || row.standing === 'SUSPENDED' || row.standing === 'BARRED';
  return {
    id: row.id,
    country: row.country,
    verified: row.standing === 'VERIFIED',
    suspensions: shutOut ? [{ from: new Date(0), until: null }] : [],
  };
}

async function holders(sql: Sql, role: Role): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>('SELECT account_id AS id FROM account_role WHERE role = $1', [role]);
  return rows.map((row) => row.id);
}

async function lateWithCloseOut(
  sql: Sql,
  state: RequestState,
  policy: RequestFacts['policy'],
  now: Date,
): Promise<boolean> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT DISTINCT g.request_id AS id FROM data_grant g JOIN grant_member m ON m.grant_id = g.id
     WHERE m.account_id = ANY($1) AND g.request_id <> $2 AND g.state <> 'CLOSED' AND (g.ends_at <= $3 OR g.state = 'REVOKED')`,
    [teamOf(state), state.id, now],
  );
  for (const { id } of rows) {
    const other = await foldOf(sql, id);
    if (other && closeOutOverdue(other.state, policy, now)) return true;
  }
  return false;
}
