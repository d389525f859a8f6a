import {
  type Attribute,
  type CountCell,
  type CountTable,
  cellName,
  countTable,
} from '../../../governance/count-table.ts';
import { safeTables } from '../../../governance/disclosure.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';

/** Every attribute that open counts go by, with all its values, so that an empty cell is a cell. */
const ATTRIBUTES = {
  painLevel: { name: 'painLevel', values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] },
  sex: { name: 'sex', values: ['M', 'F'] },
  skinType: { name: 'skinType', values: ['I_III', 'IV_VI'] },
} as const satisfies Record<string, Attribute>;

/** The fixed tables: patients by one attribute and by two. No further table is ever computed, least of all under somebody's filter. */
const TABLES: readonly { key: string; by: readonly (keyof typeof ATTRIBUTES)[] }[] = [
  { key: 'patients', by: [] },
  { key: 'patientsByPainLevel', by: ['painLevel'] },
  { key: 'patientsBySex', by: ['sex'] },
  { key: 'patientsBySkinType', by: ['skinType'] },
  { key: 'patientsBySexAndSkinType', by: ['sex', 'skinType'] },
];

type PatientRow = Record<keyof typeof ATTRIBUTES, string>;

/**
 * Computes the open tables of a release, once, when it is published: small cells hidden, and others that would give them away. What earlier
 * releases of the study told counts as known.
 */
export async function storeOpenTables(sql: Sql, releaseId: string, now: Date): Promise<void> {
  const { smallCell } = await currentPolicy(sql, now);
  const { rows } = await sql.query<PatientRow>(
    `SELECT pain_level AS "painLevel", sex, skin_type AS "skinType" FROM release_patient WHERE release_id = $1`,
    [releaseId],
  );
  const counted = TABLES.map(({ key, by }) =>
    countTable(
      key,
      by.map((name) => ATTRIBUTES[name]),
      rows,
    ),
  );
  const { tables } = safeTables(counted, { threshold: smallCell, known: await knownCells(sql, releaseId, counted) });
  for (const table of tables)
    await sql.query('INSERT INTO open_table (release_id, key, data) VALUES ($1, $2, $3)', [
      releaseId,
      table.key,
      JSON.stringify(table),
    ]);
}

/**
 * Cells of earlier releases with the same patients in them are the same counts. Where the numbers have moved on, an old count is a fact of another
 * population and cannot stand beside the new ones in one equation; it is left out here.
 */
async function knownCells(sql: Sql, releaseId: string, counted: readonly CountTable[]): Promise<CountCell[]> {
  const { rows } = await sql.query<{ data: { cells: { at: Record<string, string>; count: number | null }[] } }>(
    `SELECT t.data FROM open_table t JOIN release r ON r.id = t.release_id WHERE r.study_id = (SELECT study_id FROM release WHERE id = $1) AND r.id <> $1`,
    [releaseId],
  );
  const now = new Map(counted.flatMap((table) => table.cells.map((cell) => [cellName(cell.at), cell.count])));
  const told = rows
    .flatMap((row) => row.data.cells)
    .filter(
      (cell): cell is CountCell & { count: number } => cell.count !== null && now.get(cellName(cell.at)) === cell.count,
    );
  return [...new Map(told.map((cell) => [cellName(cell.at), cell])).values()];
}
