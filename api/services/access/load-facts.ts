import type { Facts } from '../../../governance/facts.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { loadPersonFacts, loadFacts as loadStudyFacts } from '../read/facts.ts';

/**
 * Facts for decide(), as of now: of a person and the study of a release (grants are a study's own and count for no other), or, with no release, of a
 * person alone, for what roles govern.
 */
export type LoadFacts = (sql: Sql, accountId: string | null, now: Date, releaseId: string | null) => Promise<Facts>;

export const loadFacts: LoadFacts = (sql, accountId, now, releaseId) =>
  releaseId === null
    ? loadPersonFacts(sql, accountId, now)
    : loadStudyFacts(sql, { accountId, study: { releaseId }, now });
