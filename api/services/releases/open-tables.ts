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
  /** Why all of it was hidden, or all but the total: what is public does not fit the people it is about, or it took too long; null otherwise. */
  readonly problem: string | null;
}

/** A secret number from 0 to 1. */
const random = (): number => randomInt(2 ** 32) / 2 ** 32;

/** Milliseconds that the tables may take. */
const LIMIT_MS = 20_000;

/** Nobody hides a total: how many came and went between publications is taken as known, so that it tells nothing more. */
const totalAlone = (people: number, fewest: number): SafeTables => ({
  tables: FIXED_TABLES.map(({ key, by }) => ({
    key,
    attributes: by,
    cells: combinations(by).map((at) => {
      const told = by.length === 0 && people >= fewest;
      return { at, count: told ? people : null, hidden: !told };
    }),
  })),
  exposed: [],
});

class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/**
 * Computes the open tables of a release, once, in the transaction that publishes it: small cells hidden, and others that
 * would give them away, with the paper and all other releases of the study taken as known. Publications of a study wait
 * for each other here, or two would not know of each other's tables.
 * @param limitMs where it takes longer to prove what may be told, only the total is
 */
export async function storeOpenTables(
  sql: Sql,
  releaseId: string,
  now: Date,
  limitMs = LIMIT_MS,
): Promise<StoredTables> {
  await sql.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('open tables ' || study_id, 0)) FROM release WHERE id = $1`,
    [releaseId],
  );
  const { smallCell: threshold } = await currentPolicy(sql, now);
  const people = await peopleOf(sql, releaseId);
  const known = await publishedTables(sql, releaseId, threshold);
  const until = performance.now() + limitMs;
  const breathe = async (): Promise<void> => {
    if (performance.now() > until) throw new TookTooLong('it took too long to find what else may be told');
    await turn();
  };
  let safe = totalAlone(0, 1);
  let problem: string | null = null;
  try {
    safe = await safeTables(FIXED_TABLES, people, { threshold, known, random, breathe });
  } catch (error) {
    if (error instanceof TookTooLong)
      safe = totalAlone(people.length, Math.max(threshold, ...known.map((one) => one.threshold)));
    else if (!(error instanceof RangeError)) throw error;
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
