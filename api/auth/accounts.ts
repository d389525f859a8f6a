import { type RoleDecision, rolesAtSignIn } from '../../governance/account-roles.ts';
import { incompatiblePairs, isForProgram, isRole, ROLES, type Role } from '../../governance/roles.ts';
import type { Database, Sql } from '../adapters/database/database.ts';
import type { VerifiedToken } from '../adapters/identity/identity.ts';
import { queueMail } from '../services/mail/queue-mail.ts';
import type { AuthEvent } from './auth-event.ts';

export interface AuthAccount {
  id: string;
  username: string;
  name: string;
  email: string;
  roles: readonly Role[];
  /** Since when these roles are known to hold; undefined before the first sign-in. */
  rolesAsOf: Date | undefined;
}

export interface Person {
  issuer: string;
  subject: string;
  username: string;
  name: string;
  email: string;
}

// When an account's roles were last decided: a token made before that says nothing about them any more.
const asOfKey = (accountId: string): string => `account-roles-as-of:${accountId}`;

/** Columns of an AuthAccount, from `account a` joined with `setting s` (see ACCOUNT_FROM). */
export const ACCOUNT_COLUMNS = `a.id, a.username, a.name, a.email, s.changed_at AS "rolesAsOf",
  ARRAY(SELECT role FROM account_role r WHERE r.account_id = a.id) AS roles`;
export const ACCOUNT_FROM = `account a LEFT JOIN setting s ON s.key = 'account-roles-as-of:' || a.id`;

export type AccountRow = Omit<AuthAccount, 'roles' | 'rolesAsOf'> & { roles: string[]; rolesAsOf: Date | null };

export const accountOf = (row: AccountRow): AuthAccount => ({
  id: row.id,
  username: row.username,
  name: row.name,
  email: row.email,
  roles: sorted(row.roles.filter(isRole)),
  rolesAsOf: row.rolesAsOf ?? undefined,
});

const sorted = (roles: readonly Role[]): Role[] => ROLES.filter((role) => roles.includes(role));
const same = (one: readonly Role[], other: readonly Role[]): boolean => sorted(one).join() === sorted(other).join();

export async function findAccount(sql: Sql, issuer: string, subject: string): Promise<AuthAccount | undefined> {
  const { rows } = await sql.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM ${ACCOUNT_FROM} WHERE a.issuer = $1 AND a.subject = $2`,
    [issuer, subject],
  );
  return rows[0] && accountOf(rows[0]);
}

/** Makes an account that has nothing, unless the person has one; returns its id. */
export async function ensureAccount(
  sql: Sql,
  person: Person,
  { id, at }: { id: string; at: Date },
): Promise<{ id: string; created: boolean }> {
  const inserted = await sql.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (issuer, subject) DO NOTHING`,
    [id, person.issuer, person.subject, person.username, person.name, person.email, at],
  );
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM account WHERE issuer = $1 AND subject = $2', [
    person.issuer,
    person.subject,
  ]);
  return { id: rows[0]!.id, created: inserted.rowCount === 1 };
}

/**
 * Sets what somebody is, from now on: tokens made before `at` no longer speak about it. Also for an admin's command (then `at` is now).
 * Call it in a transaction. @throws Error for roles that nobody holds together
 */
export async function setAccountRoles(sql: Sql, accountId: string, roles: readonly Role[], at: Date): Promise<void> {
  if (incompatiblePairs(roles).length > 0) throw new Error('roles that exclude each other are never stored');
  await sql.query('DELETE FROM account_role WHERE account_id = $1 AND role <> ALL($2)', [accountId, roles]);
  await sql.query(
    `INSERT INTO account_role (account_id, role, given_at) SELECT $1, role, $3 FROM unnest($2::text[]) AS role
     ON CONFLICT DO NOTHING`,
    [accountId, roles, at],
  );
  await sql.query(
    `INSERT INTO setting (key, value, changed_at) VALUES ($1, '{}', $2)
     ON CONFLICT (key) DO UPDATE SET changed_at = excluded.changed_at`,
    [asOfKey(accountId), at],
  );
}

/**
 * Writes what administrators decided about one role, so that it outlasts the next sign-in, and the roles that somebody has
 * with it. Call it in a transaction that holds the account's row.
 */
export async function decideRoles(
  sql: Sql,
  of: {
    readonly accountId: string;
    readonly role: Role;
    readonly given: boolean;
    readonly roles: readonly Role[];
    readonly by: string;
    readonly now: Date;
  },
): Promise<void> {
  await sql.query(
    `INSERT INTO role_decision (account_id, role, given, at_provider, decided_at, decided_by) VALUES ($1, $2, $3, false, $4, $5)
     ON CONFLICT (account_id, role) DO UPDATE SET given = excluded.given, at_provider = false, decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
    [of.accountId, of.role, of.given, of.now, of.by],
  );
  await setAccountRoles(sql, of.accountId, of.roles, of.now);
}

/** What a token's roles come to beside what administrators decided; keeps in step what of that the provider knows by now. */
async function rolesOfToken(sql: Sql, accountId: string, asked: readonly Role[]) {
  const { rows } = await sql.query<RoleDecision & Record<string, unknown>>(
    'SELECT role, given, at_provider AS "atProvider" FROM role_decision WHERE account_id = $1',
    [accountId],
  );
  const found = rolesAtSignIn(asked, rows);
  if (found.confirmed.length > 0)
    await sql.query('UPDATE role_decision SET at_provider = true WHERE account_id = $1 AND role = ANY($2)', [
      accountId,
      found.confirmed,
    ]);
  if (found.ended.length > 0)
    await sql.query('DELETE FROM role_decision WHERE account_id = $1 AND given AND role = ANY($2)', [
      accountId,
      found.ended,
    ]);
  return found;
}

/** Tells every administrator of roles that exclude each other: once for an account, pair and day. */
async function tellAdmins(
  sql: Sql,
  of: { accountId: string; username: string; pairs: readonly (readonly [Role, Role])[]; at: Date },
): Promise<void> {
  const pairs = of.pairs.map((pair) => pair.join(' and ')).join(', and ');
  const { rows } = await sql.query<{ id: string }>(`SELECT account_id AS id FROM account_role WHERE role = 'admin'`);
  for (const { id } of rows)
    await queueMail(sql, {
      to: { accountId: id },
      template: 'roles-refused',
      data: { username: of.username, pairs },
      once: `roles-refused ${id} ${of.accountId} ${pairs} ${of.at.toISOString().slice(0, 10)}`,
    });
}

export interface SyncOptions {
  database: Database;
  accountIssuer: string;
  now: () => Date;
  uuid: () => string;
  observe: (event: AuthEvent) => void;
}

/** A token says something new when it was made after the roles were last decided. `iat` is in whole seconds, rounded down: in doubt it is older. */
const isNews = (account: AuthAccount, token: VerifiedToken): boolean =>
  account.rolesAsOf === undefined || token.issuedAt.getTime() > account.rolesAsOf.getTime();

/**
 * The account behind a verified token: made at the first sign-in, its roles and names copied from the token when that is news, otherwise read only.
 * Of two roles that exclude each other neither counts; the log says so, and administrators are told.
 */
export async function accountOfToken(token: VerifiedToken, options: SyncOptions): Promise<AuthAccount> {
  const known = await findAccount(options.database, options.accountIssuer, token.subject);
  if (known && !isNews(known, token)) return known;
  const { account, events } = await options.database.transaction((sql) => syncAccount(sql, token, options));
  for (const event of events) options.observe(event);
  return account;
}

/** The same inside a transaction of the caller's, who passes the events on once it has committed. */
export async function syncAccount(
  sql: Sql,
  token: VerifiedToken,
  options: SyncOptions,
): Promise<{ account: AuthAccount; events: AuthEvent[] }> {
  const at = options.now();
  const events: AuthEvent[] = [];
  const person = { ...token, issuer: options.accountIssuer };
  const { id, created } = await ensureAccount(sql, person, { id: options.uuid(), at });
  if (created) events.push({ type: 'ACCOUNT_CREATED', accountId: id, username: token.username, at });
  await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [id]);
  const current = (await findAccount(sql, options.accountIssuer, token.subject))!;
  if (!isNews(current, token)) return { account: current, events };

  const asked = sorted(token.roles.filter(isRole)).filter((role) => !token.service || isForProgram(role));
  const { roles, pairs } = await rolesOfToken(sql, id, asked);
  if (pairs.length > 0) {
    events.push({ type: 'ROLES_REFUSED', accountId: id, pairs, at });
    await tellAdmins(sql, { accountId: id, username: token.username, pairs, at });
  }
  if (!same(current.roles, roles))
    events.push({ type: 'ROLES_CHANGED', accountId: id, before: current.roles, after: roles, at });
  await setAccountRoles(sql, id, roles, token.issuedAt);
  const { username, name, email } = token;
  await sql.query(
    `UPDATE account SET username = $2, name = $3, email = $4
     WHERE id = $1 AND (username, name, email) IS DISTINCT FROM ($2, $3, $4)`,
    [id, username, name, email],
  );
  return { account: { id, username, name, email, roles, rolesAsOf: token.issuedAt }, events };
}
