import { randomInt } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type CellKey, combinations } from '../../../governance/count-table.ts';
import { type SafeTables, safeTables } from '../../../governance/disclosure.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import { FIXED_TABLES } from './fixed-tables.ts';
import { peopleOf, publishedTables } from './published-tables.ts';

/** What staff may know of the tables; none of it is for everybody. */
export interface StoredTables {
  readonly told: number;
  readonly hidden: number;
  /** Small cells of which more was public already than these tables may tell. */
  readonly exposed: readonly CellKey[];
  /** Why all of it was hidden, where what is public does not fit the people it is about; null where it does. */
  readonly problem: string | null;
}

/** A secret number from 0 to 1. */
const random = (): number => randomInt(2 ** 32) / 2 ** 32;

/** Milliseconds that the tables may take: with many releases that differ in few people it would be minutes. Then nothing is told. */
const LIMIT_MS = 20_000;

const allHidden: SafeTables = {
  tables: FIXED_TABLES.map(({ key, by }) => ({
    key,
    attributes: by,
    cells: combinations(by).map((at) => ({ at, count: null, hidden: true })),
  })),
  exposed: [],
};

/**
 * Computes the open tables of a release, once, in the transaction that publishes it: small cells hidden, and others that
 * would give them away, with the paper and all other releases of the study taken as known. Publications of a study wait
 * for each other here, or two would not know of each other's tables.
 */
export async function storeOpenTables(sql: Sql, releaseId: string, now: Date): Promise<StoredTables> {
  await sql.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('open tables ' || study_id, 0)) FROM release WHERE id = $1`,
    [releaseId],
  );
  const { smallCell: threshold } = await currentPolicy(sql, now);
  const people = await peopleOf(sql, releaseId);
  const known = await publishedTables(sql, releaseId, threshold);
  const until = performance.now() + LIMIT_MS;
  const breathe = async (): Promise<void> => {
    if (performance.now() > until) throw new RangeError('it took too long to find what may be told');
    await turn();
  };
  let safe = allHidden;
  let problem: string | null = null;
  try {
    safe = await safeTables(FIXED_TABLES, people, { threshold, known, random, breathe });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problem = error.message;
  }
  for (const { key, attributes, cells } of safe.tables)
    await sql.query('INSERT INTO open_table (release_id, key, data) VALUES ($1, $2, $3)', [
      releaseId,
      key,
      JSON.stringify({ attributes, threshold, cells }),
    ]);
  const cells = safe.tables.flatMap((table) => table.cells);
  const hidden = cells.filter((cell) => cell.hidden).length;
  return { told: cells.length - hidden, hidden, exposed: safe.exposed, problem };
}
