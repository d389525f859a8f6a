import type { PersonFacts } from '../../schema/services/people.ts';
import type { Sql } from '../adapters/database/database.ts';
import { containing } from './keyset.ts';
import { isUuid } from './uuid.ts';

const SELECT =
  'SELECT a.id, a.name, a.email, i.name AS institution FROM account a LEFT JOIN institution i ON i.id = a.institution_id';
const LEAST_LETTERS = 2;
const MOST_FOUND = 20;

/** Accounts as others see them, by id; who is not there is left out. */
export async function peopleOf(
  sql: Sql,
  accountIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, PersonFacts>> {
  const wanted = [...new Set(accountIds)].filter((id) => id !== null && isUuid(id));
  if (wanted.length === 0) return new Map();
  const { rows } = await sql.query<PersonFacts & Record<string, unknown>>(`${SELECT} WHERE a.id = ANY($1::uuid[])`, [
    wanted,
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Accounts whose name holds a text, by name: the first twenty, and none for a text of one letter. */
export async function peopleNamed(sql: Sql, text: string): Promise<readonly PersonFacts[]> {
  const wanted = text.trim();
  if (wanted.length < LEAST_LETTERS) return [];
  const { rows } = await sql.query<PersonFacts & Record<string, unknown>>(
    `${SELECT} WHERE a.name ILIKE $1 ORDER BY lower(a.name), a.id LIMIT ${MOST_FOUND}`,
    [containing(wanted)],
  );
  return rows;
}
