import { type Policy, parsePolicy } from '../../../governance/policy.ts';
import { policyChanges } from '../../../governance/policy-change.ts';
import type { PolicyVersionDetails } from '../../../schema/services/policy.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { peopleOf } from '../people.ts';

interface Row {
  readonly number: number;
  readonly policy: unknown;
  readonly effectiveAt: Date;
  readonly madeBy: string | null;
  readonly askedBy: string | null;
  readonly reason: string;
  readonly before: unknown;
}

const COLUMNS = `p.number, p.policy, p.effective_at AS "effectiveAt", p.made_by AS "madeBy", p.asked_by AS "askedBy", p.reason,
  (SELECT b.policy FROM policy_version b WHERE b.number < p.number ORDER BY b.number DESC LIMIT 1) AS before`;

const detailsOf = async (sql: Sql, rows: readonly Row[]): Promise<PolicyVersionDetails[]> => {
  const people = await peopleOf(
    sql,
    rows.flatMap(({ madeBy, askedBy }) => [madeBy, askedBy]),
  );
  return rows.map(({ before, madeBy, askedBy, ...row }) => {
    const policy = parsePolicy(row.policy);
    return {
      ...row,
      policy,
      madeBy: people.get(madeBy ?? '') ?? null,
      askedBy: people.get(askedBy ?? '') ?? null,
      changes: before === null ? [] : policyChanges(parsePolicy(before), policy),
    };
  });
};

/** Versions of the policy, the newest first, each with what it changed. A cursor is a version's number. */
export const policyHistory = async (sql: Sql, { first, after }: PageAsked): Promise<PageOf<PolicyVersionDetails>> => {
  const from = after !== null && /^\d{1,9}$/.test(after) ? Number(after) : null;
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM policy_version p WHERE $1::integer IS NULL OR p.number < $1 ORDER BY p.number DESC LIMIT $2`,
    [from, first + 1],
  );
  const count = await sql.query<{ n: number }>('SELECT count(*)::integer AS n FROM policy_version');
  const nodes = await detailsOf(sql, rows.slice(0, first));
  return {
    nodes,
    cursors: nodes.map(({ number }) => String(number)),
    hasNextPage: rows.length > first,
    totalCount: count.rows[0]?.n ?? 0,
  };
};

/** One version; null for none. */
export const policyVersion = async (sql: Sql, number: number): Promise<PolicyVersionDetails | null> => {
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM policy_version p WHERE p.number = $1`,
    [number],
  );
  return (await detailsOf(sql, rows))[0] ?? null;
};

/** The version in force; those who change it wait for one another until their transactions end. */
export const holdPolicy = async (sql: Sql): Promise<void> => {
  await sql.query(`SELECT pg_advisory_xact_lock(hashtext('policy_version'))`);
};

/** Adds a version, in force at once. The number in it is its own. Call holdPolicy before. */
export const addPolicyVersion = async (
  sql: Sql,
  of: {
    readonly policy: Policy;
    readonly number: number;
    readonly now: Date;
    readonly madeBy: string;
    readonly askedBy: string | null;
    readonly reason: string;
  },
): Promise<void> => {
  await sql.query(
    'INSERT INTO policy_version (number, policy, effective_at, made_by, asked_by, reason) VALUES ($1, $2, $3, $4, $5, $6)',
    [of.number, JSON.stringify({ ...of.policy, version: of.number }), of.now, of.madeBy, of.askedBy, of.reason],
  );
};
