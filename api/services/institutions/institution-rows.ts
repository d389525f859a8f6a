import type { InstitutionDetails, InstitutionFilter } from '../../../schema/services/institutions.ts';
import type { PersonFacts } from '../../../schema/services/people.ts';
import type { PageAsked, PageOf } from '../../../schema/services/result.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { containing, textCursor, textPlace } from '../keyset.ts';
import { isUuid } from '../uuid.ts';

interface Row extends Omit<InstitutionDetails, 'officials'> {
  readonly place: string;
  readonly officials: readonly { readonly person: PersonFacts; readonly boundAt: string; readonly proof: string }[];
}

const COLUMNS = `i.id, i.name, i.ror, i.country, i.standing, i.standing_reason AS "standingReason", i.standing_at AS "standingAt", lower(i.name) AS place,
  (SELECT coalesce(json_agg(json_build_object('person', json_build_object('id', a.id, 'name', a.name, 'email', a.email, 'institution',
      (SELECT w.name FROM institution w WHERE w.id = a.institution_id)), 'boundAt', o.bound_at, 'proof', o.proof) ORDER BY o.bound_at, a.id), '[]')
    FROM official o JOIN account a ON a.id = o.account_id WHERE o.institution_id = i.id) AS officials`;

/** @param whole false for who sees a name to choose from and nothing more */
const detailsOf = ({ place: _, officials, ...row }: Row, whole: boolean): InstitutionDetails => ({
  ...row,
  standingReason: whole ? row.standingReason : '',
  officials: whole ? officials.map((one) => ({ ...one, boundAt: new Date(one.boundAt) })) : [],
});

/** One institution, all of it; null for none. `lock` holds its row until the transaction ends. */
export const institutionById = async (sql: Sql, id: string, lock = false): Promise<InstitutionDetails | null> => {
  if (!isUuid(id)) return null;
  if (lock) await sql.query('SELECT 1 FROM institution WHERE id = $1 FOR UPDATE', [id]);
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM institution i WHERE i.id = $1`,
    [id],
  );
  return rows[0] ? detailsOf(rows[0], true) : null;
};

/** Institutions by name, a page at a time. */
export const institutionPage = async (
  sql: Sql,
  filter: InstitutionFilter,
  asked: PageAsked,
  whole: boolean,
): Promise<PageOf<InstitutionDetails>> => {
  const place = textPlace(asked.after);
  const search = filter.search?.trim() ?? '';
  const values = [search === '' ? null : containing(search), whole ? filter.standing : 'VERIFIED', filter.country];
  const where = `($1::text IS NULL OR i.name ILIKE $1 OR i.ror ILIKE $1) AND ($2::text IS NULL OR i.standing = $2) AND ($3::text IS NULL OR i.country = $3)`;
  const { rows } = await sql.query<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM institution i WHERE ${where} AND ($4::text IS NULL OR (lower(i.name), i.id) > ($4, $5::uuid))
     ORDER BY lower(i.name), i.id LIMIT $6`,
    [...values, place?.[0] ?? null, place?.[1] ?? null, asked.first + 1],
  );
  const count = await sql.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM institution i WHERE ${where}`,
    values,
  );
  const shown = rows.slice(0, asked.first);
  return {
    nodes: shown.map((row) => detailsOf(row, whole)),
    cursors: shown.map(({ place: text, id }) => textCursor(text, id)),
    hasNextPage: rows.length > asked.first,
    totalCount: count.rows[0]?.n ?? 0,
  };
};
