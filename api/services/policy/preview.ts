import type { ReleaseFacts } from '../../../governance/facts.ts';
import type { Policy } from '../../../governance/policy.ts';
import { policyEffect } from '../../../governance/policy-effect.ts';
import type { AffectedPerson, PolicyPeople } from '../../../schema/services/policy.ts';
import type { PageAsked } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { peopleOf } from '../people.ts';
import { factsOf } from '../read/facts.ts';
import { FACTS_SQL, type FactsRow } from '../read/facts-sql.ts';
import { isUuid } from '../uuid.ts';

/** Memberships whose facts are read in one statement, and how many of them one answer looks at, at most. */
const BATCH = 250;
const MOST_LOOKED_AT = 2_000;

/** The statement of one person's facts, of each row of `one` in turn: so that a preview is decided from the same facts as a read. */
const FACTS_OF_EACH = FACTS_SQL.replaceAll('$1::uuid', 'one.account_id')
  .replaceAll('$2::text', 'one.study_key')
  .replaceAll('$3::uuid', 'NULL::uuid')
  .replaceAll('$4::timestamptz', '$1::timestamptz')
  .replaceAll('$5::integer', '$2::integer');

/** Memberships of grants that are not over, and curators' open looks (which have no grant), by account. */
const MEMBERS = `
  SELECT m.account_id, g.id AS grant_id, s.key AS study_key, m.account_id || ':' || g.id AS cursor
  FROM grant_member m JOIN data_grant g ON g.id = m.grant_id JOIN study s ON s.id = g.study_id
  WHERE m.removed_at IS NULL AND g.state IN ('ACTIVE', 'SUSPENDED') AND g.ends_at > $1::timestamptz
  UNION ALL
  SELECT DISTINCT e.account_id, NULL::uuid, s.key, e.account_id || ':' || r.id
  FROM access_exception e JOIN release r ON r.id = e.release_id JOIN study s ON s.id = r.study_id
  WHERE e.starts_at <= $1::timestamptz AND e.ends_at > $1::timestamptz`;

interface MemberRow {
  readonly account_id: string;
  readonly grant_id: string | null;
  readonly cursor: string;
  readonly facts: FactsRow;
}

const membersAfter = async (
  sql: Sql,
  now: Date,
  policyNumber: number,
  after: string | null,
): Promise<readonly MemberRow[]> => {
  const { rows } = await sql.query<MemberRow & Record<string, unknown>>(
    `SELECT one.account_id, one.grant_id, one.cursor, row_to_json(f) AS facts
     FROM (SELECT * FROM (${MEMBERS}) all_members WHERE $3::text IS NULL OR cursor > $3 ORDER BY cursor LIMIT ${BATCH}) one,
       LATERAL (${FACTS_OF_EACH}) f
     ORDER BY one.cursor`,
    [now.toISOString(), policyNumber, after],
  );
  return rows;
};

/** The releases that a member may come to: those of the study that are out; a study without any is judged as if it had one. */
const releasesOf = ({ releases }: FactsRow): readonly ReleaseFacts[] => {
  const out = releases
    .filter(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED')
    .map(({ id, status }) => ({ id, state: status as ReleaseFacts['state'] }));
  return out.length > 0 ? out : [{ id: '', state: 'PUBLISHED' }];
};

/**
 * Who gains and who loses what by another policy, decided by decide() from everybody's facts as they are now. Only who
 * does is listed; after some thousands of memberships the answer ends, to be continued after its cursor.
 */
export const previewPeople = async (
  sql: Sql,
  of: { readonly current: Policy; readonly next: Policy; readonly now: Date; readonly asked: PageAsked },
): Promise<PolicyPeople> => {
  const { current, next, now, asked } = of;
  const found: Omit<AffectedPerson, 'person'>[] = [];
  const accounts: string[] = [];
  let cursor = asked.after?.split(':').every(isUuid) ? asked.after : null;
  let lookedAt = 0;
  let more = true;
  while (more && found.length < asked.first && lookedAt < MOST_LOOKED_AT) {
    const rows = await membersAfter(sql, now, current.version, cursor);
    more = rows.length === BATCH;
    for (const row of rows) {
      if (found.length === asked.first) {
        more = true;
        break;
      }
      lookedAt += 1;
      cursor = row.cursor;
      const facts = factsOf(row.facts, current);
      const actor = { kind: 'account', accountId: row.account_id, grantId: row.grant_id } as const;
      for (const release of releasesOf(row.facts)) {
        const effect = policyEffect(actor, release, facts, next, now);
        if (effect.gains.length + effect.losses.length === 0) continue;
        found.push({ grantId: row.grant_id, ...effect });
        accounts.push(row.account_id);
        break;
      }
    }
  }
  const people = await peopleOf(sql, accounts);
  return {
    people: found.map((one, at) => ({ ...one, person: people.get(accounts[at] ?? '') ?? null })),
    lookedAt,
    endCursor: cursor,
    hasNextPage: more,
  };
};
