import type { Facts } from '../../../governance/facts.ts';
import type { Sql } from '../../adapters/database/database.ts';

/** Facts of one person (null: of nobody signed in), as of now, for decide(). */
export type LoadFacts = (sql: Sql, accountId: string | null, now: Date) => Promise<Facts>;
