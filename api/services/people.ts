import type { PersonFacts } from '../../schema/services/people.ts';
import type { Sql } from '../adapters/database/database.ts';
import { isUuid } from './uuid.ts';

/** Accounts as others see them, by id; who is not there is left out. */
export async function peopleOf(
  sql: Sql,
  accountIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, PersonFacts>> {
  const wanted = [...new Set(accountIds)].filter((id) => id !== null && isUuid(id));
  if (wanted.length === 0) return new Map();
  const { rows } = await sql.query<PersonFacts & Record<string, unknown>>(
    `SELECT a.id, a.name, a.email, i.name AS institution FROM account a LEFT JOIN institution i ON i.id = a.institution_id WHERE a.id = ANY($1::uuid[])`,
    [wanted],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
