import { type Citation, citationOf } from '../../../governance/citation.ts';
import type { ReleaseState } from '../../../governance/facts.ts';
import { STUDY_DESCRIPTION } from '../../../pipeline/published/study-facts.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { releaseState } from './release-state.ts';

interface Row {
  [column: string]: unknown;
  state: ReleaseState;
  publishedAt: Date | null;
  version: string;
  digest: string | null;
  errata: number;
  key: string;
  title: string;
  synthetic: boolean;
}

/** The citation of a release as it now is, or as it was published; null for a draft, which is nothing to be cited. Open: it holds nothing that its page does not. */
export async function citeRelease(
  sql: Sql,
  releaseId: string,
  publicUrl: string,
  as: 'NOW' | 'PUBLISHED' = 'NOW',
): Promise<(Citation & { version: string; digest: string; withdrawals: number; publisher: string }) | null> {
  const { rows } = await sql.query<Row>(
    `SELECT r.status AS state, r.published_at AS "publishedAt", r.version, r.digest, jsonb_array_length(r.errata) AS errata, s.key, s.title, s.synthetic
     FROM release r JOIN study s ON s.id = r.study_id WHERE r.id = $1`,
    [releaseId],
  );
  const row = rows[0];
  const found = await releaseState(sql, releaseId);
  if (row === undefined || found === null || row.state === 'DRAFT' || row.publishedAt === null) return null;
  const published = as === 'PUBLISHED' && row.digest !== null;
  const now = published ? { cited: row.version, digest: row.digest as string, withdrawals: 0 } : found;
  // Only one study is described by a paper, and has a sponsor that is known here.
  const described = row.key === STUDY_DESCRIPTION.key;
  const publisher = described ? STUDY_DESCRIPTION.sponsor : row.title;
  const citation = citationOf({
    study: { key: row.key, title: row.title, synthetic: row.synthetic },
    publisher,
    version: now.cited,
    digest: now.digest,
    state: row.state,
    publishedAt: row.publishedAt,
    url: publicUrl,
    errata: row.errata,
    paper: described ? STUDY_DESCRIPTION.citation : null,
  });
  return { ...citation, version: now.cited, digest: now.digest, withdrawals: now.withdrawals, publisher };
}
