import type { OpenCell, OpenTable } from '../../../schema/context.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { FIXED_TABLES } from '../releases/fixed-tables.ts';

/** A table as it is kept; those of the first landing have no threshold. */
interface Kept extends Record<string, unknown> {
  readonly key: string;
  readonly data: {
    readonly attributes: OpenTable['attributes'];
    readonly cells: readonly OpenCell[];
    readonly threshold?: number;
  };
}

/** The open tables of a release as they were kept when it was published, in the order of the fixed tables. */
export async function openTables(sql: Sql, releaseId: string): Promise<readonly OpenTable[]> {
  const { rows } = await sql.query<Kept>('SELECT key, data FROM open_table WHERE release_id = $1 ORDER BY key', [
    releaseId,
  ]);
  const place = (key: string): number => FIXED_TABLES.findIndex((table) => table.key === key);
  return rows
    .map(({ key, data }) => ({
      key,
      title: FIXED_TABLES[place(key)]?.title ?? key,
      threshold: data.threshold ?? null,
      attributes: data.attributes,
      cells: data.cells.map(({ at, count }) => ({ at, count })),
    }))
    .sort((one, other) => place(one.key) - place(other.key));
}
