import { addMonths, localDate } from '../../../governance/calendar.ts';
import { sha256 } from '../../../governance/canonical.ts';
import { isEligible } from '../../../governance/institution.ts';
import type { Policy } from '../../../governance/policy.ts';
import type { RequestActor, RequestCommand, RequestFacts, StewardFacts } from '../../../governance/request/commands.ts';
import { closeOutOverdue } from '../../../governance/request/grant.ts';
import { amended, everybodyOf, type RequestState } from '../../../governance/request/state.ts';
import type { Role } from '../../../governance/roles.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { institutionSanctioned, personSanctioned } from '../sanctions/sanctioned-sql.ts';
import { accountsByEmail, coAuthorsOf } from './co-authors.ts';
import { DEPUTY_RUNS } from './deputies-sql.ts';
import { agreementVersions, currentPolicy } from './policy.ts';
import { foldsOf } from './request-events.ts';

interface Person {
  institutionId: string | null;
  email: string;
  suspended: boolean;
  roles: Role[];
}

/** Who gives a command; the clock for null. Throws where there is no such account. */
export async function requestActor(sql: Sql, accountId: string | null, now: Date): Promise<RequestActor> {
  if (accountId === null) return { kind: 'system:clock' };
  const { rows } = await sql.query<Person & Record<string, unknown>>(
    `SELECT institution_id AS "institutionId", email, coalesce(suspended_at <= $2 AND (suspended_until IS NULL OR $2 < suspended_until), false)
         OR ${personSanctioned('account.id')} AS suspended,
       ARRAY(SELECT role FROM account_role r WHERE r.account_id = account.id) AS roles
     FROM account WHERE id = $1`,
    [accountId, now],
  );
  if (!rows[0]) throw new Error('a command by an account that does not exist');
  return { kind: 'account', accountId, ...rows[0] };
}

interface Asked {
  readonly actor: RequestActor;
  readonly now: Date;
  readonly newId: string;
  /** Of an invitation of that id. */
  readonly newToken: string;
}

/**
 * Everything that a command on each of some requests is decided from, read at once: as many statements for a page of them as for one. Null is a request
 * that is not there yet.
 */
export async function requestFactsOf(
  sql: Sql,
  states: readonly (RequestState | null)[],
  { actor, now, newId, newToken }: Asked,
): Promise<readonly RequestFacts[]> {
  const there = states.filter((state) => state !== null);
  const policy = await currentPolicy(sql, now);
  const agreements = await agreementVersions(sql);
  const stewards = await stewardsNow(sql, now);
  const own = actor.kind === 'account' ? actor.institutionId : null;
  const institutions = await institutionsOf(
    sql,
    [own, ...there.map(({ institutionId }) => institutionId)],
    policy,
    now,
  );
  const applicants = await institutionsOfAccounts(
    sql,
    there.map(({ applicantId }) => applicantId),
  );
  const authors = await coAuthorsOfTeams(sql, there, policy, now);
  const late = await lateWithCloseOut(sql, there, policy, now);
  const ends = await renewedGrantEnds(sql, there, now);
  const newTokenSha256 = sha256(newToken);
  const today = await doneSince(sql, actor, new Date(now.getTime() - 86_400_000));
  return states.map((state) => ({
    now,
    policy,
    agreements,
    actor,
    institution: institutions.get(state?.institutionId ?? own ?? '') ?? { eligible: false, officials: [] },
    applicantInstitutionId: state === null ? null : (applicants.get(state.applicantId) ?? null),
    stewards,
    coAuthors: state === null ? [] : (authors.get(state.id) ?? []),
    closeOutOverdue: state !== null && late.has(state.id),
    renewedGrantEnd: state === null ? null : (ends.get(state.renewalOf ?? '') ?? null),
    newId,
    newTokenSha256,
    today,
  }));
}

/** Commands that a person may give so often in a day, and the event that each leaves. */
const COUNTED = { create: 'RequestCreated', invite: 'CollaboratorInvited', comment: 'CommentAdded' } as const;

export const isCounted = ({ type }: RequestCommand): boolean => Object.hasOwn(COUNTED, type);

async function doneSince(sql: Sql, actor: RequestActor, since: Date): Promise<RequestFacts['today']> {
  if (actor.kind !== 'account') return { create: 0, invite: 0, comment: 0 };
  const { rows } = await sql.query<RequestFacts['today']>(
    `SELECT ${Object.entries(COUNTED)
      .map(([name, type]) => `count(*) FILTER (WHERE type = '${type}')::int AS "${name}"`)
      .join(', ')}
     FROM request_event WHERE type = ANY ($3) AND actor_id = $1 AND at > $2`,
    [actor.accountId, since, Object.values(COUNTED)],
  );
  return rows[0]!;
}

async function institutionsOf(
  sql: Sql,
  ids: readonly (string | null)[],
  policy: Policy,
  now: Date,
): Promise<ReadonlyMap<string, RequestFacts['institution']>> {
  const { rows } = await sql.query<{
    id: string;
    country: string;
    standing: string;
    officials: string[];
    sanctioned: boolean;
  }>(
    `SELECT id, country, standing, ${institutionSanctioned('institution.id')} AS sanctioned, ARRAY(SELECT account_id FROM official o WHERE o.institution_id = institution.id) AS officials
     FROM institution WHERE id = ANY($1::uuid[])`,
    [ids.filter((id) => id !== null), now],
  );
  return new Map(
    rows.map((row) => [row.id, { eligible: isEligible(institutionFacts(row), policy, now), officials: row.officials }]),
  );
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

async function institutionsOfAccounts(sql: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await sql.query<{ id: string; institutionId: string | null }>(
    'SELECT id, institution_id AS "institutionId" FROM account WHERE id = ANY($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, institutionId }) => [id, institutionId]));
}

/** Stewards, and deputies who are appointed now. Who is both is a steward; whose account is suspended is neither. */
async function stewardsNow(sql: Sql, now: Date): Promise<readonly StewardFacts[]> {
  const { rows } = await sql.query<{ accountId: string; institutionId: string | null; deputy: boolean }>(
    `SELECT a.id AS "accountId", a.institution_id AS "institutionId", bool_and(s.deputy) AS deputy FROM (
       SELECT account_id, false AS deputy FROM account_role WHERE role = $1
       UNION ALL SELECT account_id, true FROM deputy_steward deputy WHERE ${DEPUTY_RUNS}
     ) s JOIN account a ON a.id = s.account_id
     WHERE NOT coalesce(a.suspended_at <= $2 AND (a.suspended_until IS NULL OR $2 < a.suspended_until), false) AND NOT ${personSanctioned('a.id')}
     GROUP BY a.id, a.institution_id ORDER BY a.id`,
    ['steward' satisfies Role, now],
  );
  return rows.map(({ deputy, ...steward }) => (deputy ? { ...steward, deputy } : steward));
}

/** Co-authors of everybody on each team: those that somebody has declared, and those that the forms name. */
export async function coAuthorsOfTeams(
  sql: Sql,
  states: readonly RequestState[],
  policy: Policy,
  now: Date,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const since = addMonths(localDate(now, policy.timeZone), -12 * policy.coAuthorYears);
  const namedBy = (state: RequestState): readonly string[] =>
    [state, amended(state)].flatMap((one) =>
      (one?.form.coAuthors ?? [])
        .filter(({ lastPublishedOn }) => lastPublishedOn >= since)
        .map(({ email }) => email.toLowerCase()),
    );
  const declared = await coAuthorsOf(sql, [...new Set(states.flatMap(everybodyOf))], policy, now);
  const accounts = await accountsByEmail(sql, [...new Set(states.flatMap(namedBy))]);
  return new Map(
    states.map((state) => [
      state.id,
      [
        ...new Set([
          ...everybodyOf(state).flatMap((member) => declared.get(member) ?? []),
          ...namedBy(state).flatMap((email) => accounts.get(email) ?? []),
        ]),
      ],
    ]),
  );
}

/** Requests of whose team somebody is late with the close-out of another grant than the one that the request renews. */
async function lateWithCloseOut(
  sql: Sql,
  states: readonly RequestState[],
  policy: Policy,
  now: Date,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string; accountId: string }>(
    `SELECT g.request_id AS id, m.account_id AS "accountId" FROM data_grant g JOIN grant_member m ON m.grant_id = g.id AND m.removed_at IS NULL
     WHERE m.account_id = ANY($1::uuid[]) AND g.state <> 'CLOSED' AND (g.ends_at <= $2 OR g.state = 'REVOKED')`,
    [[...new Set(states.flatMap(everybodyOf))], now],
  );
  const ended = await foldsOf(sql, [...new Set(rows.map(({ id }) => id))]);
  const overdue = new Set(ended.filter((state) => closeOutOverdue(state, policy, now)).map(({ id }) => id));
  const late = rows.filter(({ id }) => overdue.has(id));
  return new Set(
    states
      .filter((state) =>
        late.some(
          ({ id, accountId }) => id !== state.id && id !== state.renewalOf && everybodyOf(state).includes(accountId),
        ),
      )
      .map(({ id }) => id),
  );
}

/** When grants that are being renewed end, by their request; only those that have not. */
async function renewedGrantEnds(
  sql: Sql,
  states: readonly RequestState[],
  now: Date,
): Promise<ReadonlyMap<string, Date>> {
  const ids = states.flatMap(({ renewalOf }) => (renewalOf === null ? [] : [renewalOf]));
  if (ids.length === 0) return new Map();
  const { rows } = await sql.query<{ id: string; endsAt: Date }>(
    `SELECT request_id AS id, ends_at AS "endsAt" FROM data_grant WHERE request_id = ANY($1::uuid[]) AND state IN ('ACTIVE', 'SUSPENDED') AND ends_at > $2`,
    [ids, now],
  );
  return new Map(rows.map(({ id, endsAt }) => [id, endsAt]));
}
