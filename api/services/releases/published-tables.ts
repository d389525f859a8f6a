import { type CellKey, cellName, combinations } from '../../../governance/count-table.ts';
import type { CountedPerson, Publication } from '../../../governance/disclosure/publication.ts';
import {
  PUBLISHED_PATIENTS,
  PUBLISHED_PATIENTS_WITH_DATA,
  type PublishedPatient,
} from '../../../pipeline/published/patients.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { FIXED_ATTRIBUTES } from './fixed-tables.ts';

/** The study whose patients the paper's Tables 2, 6 and 7 describe one by one. */
const PUBLISHED_STUDY = 'iss';

const inCell = ({ values }: CountedPerson, at: CellKey): boolean =>
  Object.entries(at).every(([name, value]) => values[name] === value);

/** A publication that told every combination of values of the people in it, and hid nothing. */
const toldInFull = (name: string, patients: readonly PublishedPatient[]): Publication => {
  const people = patients.map(({ patient, painLevel, sex, skinType }) => ({
    id: patient,
    values: { painLevel, sex, skinType },
  }));
  const told = combinations(FIXED_ATTRIBUTES).map((at) => ({
    at,
    count: people.filter((person) => inCell(person, at)).length,
  }));
  return { name, people, told, hidden: [], threshold: 0 };
};

/** The people of a release as its open tables count them, by their codes. */
export async function peopleOf(sql: Sql, releaseId: string): Promise<CountedPerson[]> {
  const { rows } = await sql.query<{ code: string; painLevel: string; sex: string; skinType: string }>(
    `SELECT code, pain_level AS "painLevel", sex, skin_type AS "skinType" FROM release_patient WHERE release_id = $1 ORDER BY code`,
    [releaseId],
  );
  return rows.map(({ code, ...values }) => ({ id: code, values }));
}

/** An open table as it is kept. Tables of the first landing have neither a threshold nor marks. */
interface Kept {
  readonly threshold?: number;
  readonly cells: readonly { readonly at: CellKey; readonly count: number | null }[];
}

/**
 * Everything about patients of a study that is public before a release of it comes out: the paper's tables where the
 * study is the paper's, and the open tables of all its other releases, whatever became of these.
 * @param smallCell what an earlier release is held to that did not keep its own threshold
 */
export async function publishedTables(sql: Sql, releaseId: string, smallCell: number): Promise<Publication[]> {
  const { rows: studies } = await sql.query<{ key: string; synthetic: boolean }>(
    'SELECT key, synthetic FROM study WHERE id = (SELECT study_id FROM release WHERE id = $1)',
    [releaseId],
  );
  const paper =
    studies[0]?.key === PUBLISHED_STUDY && !studies[0].synthetic
      ? [
          toldInFull('the paper (Tables 2 and 7)', PUBLISHED_PATIENTS),
          toldInFull('the paper (Tables 4 and 6)', PUBLISHED_PATIENTS_WITH_DATA),
        ]
      : [];
  const { rows } = await sql.query<{ id: string; version: string; tables: Kept[] }>(
    `SELECT r.id, r.version, json_agg(t.data ORDER BY t.key) AS tables FROM release r JOIN open_table t ON t.release_id = r.id
     WHERE r.study_id = (SELECT study_id FROM release WHERE id = $1) AND r.id <> $1 GROUP BY r.id ORDER BY r.published_at, r.id`,
    [releaseId],
  );
  const earlier: Publication[] = [];
  for (const { id, version, tables } of rows) {
    const cells = [
      ...new Map(tables.flatMap((table) => table.cells.map((cell) => [cellName(cell.at), cell]))).values(),
    ];
    earlier.push({
      name: `release ${version}`,
      people: await peopleOf(sql, id),
      told: cells.flatMap(({ at, count }) => (count === null ? [] : [{ at, count }])),
      hidden: cells.flatMap(({ at, count }) => (count === null ? [at] : [])),
      threshold: Math.max(...tables.map(({ threshold }) => threshold ?? smallCell)),
    });
  }
  return [...paper, ...earlier];
}
