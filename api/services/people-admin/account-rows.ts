import { isRole, ROLES } from '../../../governance/roles.ts';
import type { AccountDetails, AccountFilter, AccountMove } from '../../../schema/services/accounts.ts';
import type { InstitutionRef } from '../../../schema/services/people.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { containing, textCursor, textPlace } from '../keyset.ts';
import { peopleOf } from '../people.ts';
import { personSanctioned } from '../sanctions/sanctioned-sql.ts';
import { isUuid } from '../uuid.ts';

interface Row {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: Date;
  readonly roles: readonly string[];
  readonly institution: InstitutionRef | null;
  readonly officialOf: readonly InstitutionRef[];
  readonly suspended: boolean;
  readonly suspendedAt: Date | null;
  readonly suspendedUntil: Date | null;
  readonly suspendedReason: string | null;
  readonly place: string;
}

/** $1 is now. */
const IS_SUSPENDED = `coalesce(a.suspended_at <= $1 AND (a.suspended_until IS NULL OR $1 < a.suspended_until), false)`;
const REF = `json_build_object('id', i.id, 'name', i.name, 'country', i.country, 'standing', i.standing)`;
const COLUMNS = `a.id, a.username, a.name, a.email, a.created_at AS "createdAt", lower(a.name) AS place,
  ARRAY(SELECT r.role FROM account_role r WHERE r.account_id = a.id) AS roles, ${IS_SUSPENDED} AS suspended,
  a.suspended_at AS "suspendedAt", a.suspended_until AS "suspendedUntil", a.suspended_reason AS "suspendedReason",
  (SELECT ${REF} FROM institution i WHERE i.id = a.institution_id) AS institution,
  (SELECT coalesce(json_agg(${REF} ORDER BY lower(i.name), i.id), '[]') FROM official o JOIN institution i ON i.id = o.institution_id WHERE o.account_id = a.id) AS "officialOf"`;

const detailsOf = (row: Row): AccountDetails => {
  const { id, username, name, email, institution, createdAt, officialOf } = row;
  const held = row.roles.filter(isRole);
  return {
    ...{ id, username, name, email, institution, createdAt, officialOf },
    roles: ROLES.filter((role) => held.includes(role)),
    suspension:
      row.suspended && row.suspendedAt !== null
        ? { from: row.suspendedAt, until: row.suspendedUntil, reason: row.suspendedReason ?? '' }
        : null,
  };
};

/** One account; null for none. `lock` holds its row until the transaction ends. */
export const accountById = async (sql: Sql, id: string, now: Date, lock = false): Promise<AccountDetails | null> => {
  if (!isUuid(id)) return null;
  if (lock) await sql.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [id]);
  const { rows } = await sql.query<Row & Record<string, unknown>>(`SELECT ${COLUMNS} FROM account a WHERE a.id = $2`, [
    now,
    id,
  ]);
  return rows[0] ? detailsOf(rows[0]) : null;
};

/** Accounts by name, a page at a time. */
export const accountPage = async (
  sql: Sql,
  filter: AccountFilter,
  asked: PageAsked,
  now: Date,
): Promise<PageOf<AccountDetails>> => {
  const place = textPlace(asked.after);
  const institution = filter.institutionId;
  const values = [
    now,
    filter.search === null || filter.search.trim() === '' ? null : containing(filter.search.trim()),
    filter.role,
    institution !== null && !isUuid(institution) ? '00000000-0000-0000-0000-000000000000' : institution,
    filter.suspended,
  ];
  const where = `($2::text IS NULL OR a.name ILIKE $2 OR a.username ILIKE $2 OR a.email ILIKE $2)
    AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = $3))
    AND ($4::uuid IS NULL OR a.institution_id = $4) AND ($5::boolean IS NULL OR ${IS_SUSPENDED} = $5)`;
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM account a WHERE ${where} AND ($6::text IS NULL OR (lower(a.name), a.id) > ($6, $7::uuid))
     ORDER BY lower(a.name), a.id LIMIT $8`,
    [...values, place?.[0] ?? null, place?.[1] ?? null, asked.first + 1],
  );
  const count = await sql.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM account a WHERE ${where} AND $1::timestamptz IS NOT NULL`,
    values,
  );
  const shown = rows.slice(0, asked.first);
  return {
    nodes: shown.map(detailsOf),
    cursors: shown.map(({ place: text, id }) => textCursor(text, id)),
    hasNextPage: rows.length > asked.first,
    totalCount: count.rows[0]?.n ?? 0,
  };
};

/** Where somebody worked, newest first. */
export const movesOf = async (sql: Sql, accountId: string): Promise<readonly AccountMove[]> => {
  const { rows } = await sql.query<{ institution: InstitutionRef | null; since: Date; by: string }>(
    `SELECT (SELECT ${REF} FROM institution i WHERE i.id = m.institution_id) AS institution, m.since, m.recorded_by AS by
     FROM account_institution m WHERE m.account_id = $1 ORDER BY m.since DESC, m.id DESC LIMIT 100`,
    [accountId],
  );
  const people = await peopleOf(
    sql,
    rows.map(({ by }) => by),
  );
  return rows.map(({ institution, since, by }) => ({ institution, since, recordedBy: people.get(by) ?? null }));
};

/** Administrators beside one account who can act now. */
export const otherAdmins = async (sql: Sql, accountId: string, now: Date): Promise<number> => {
  const { rows } = await sql.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM account a JOIN account_role r ON r.account_id = a.id AND r.role = 'admin' WHERE a.id <> $2 AND NOT ${IS_SUSPENDED} AND NOT ${personSanctioned('a.id', '$1')}
       AND NOT EXISTS (SELECT 1 FROM account_role x WHERE x.account_id = a.id AND x.role IN ('steward', 'curator', 'auditor'))`,
    [now, accountId],
  );
  return rows[0]?.n ?? 0;
};
