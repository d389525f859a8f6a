import type { ReleaseFacts } from '../../../governance/facts.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { isUuid } from '../uuid.ts';

export interface FoundRelease extends ReleaseFacts {
  readonly version: string;
  readonly digest: string | null;
  readonly publishedAt: Date | null;
  readonly studyId: string;
  readonly studyKey: string;
  readonly synthetic: boolean;
}

/**
 * A release by its study and version (the newest published one without a version), or by its id where no study is given. Whether anybody may know
 * of it is not asked here.
 */
export async function findRelease(
  sql: Sql,
  study: string | null,
  versionOrId: string | null,
): Promise<FoundRelease | null> {
  const byId = study === null;
  if (byId && !isUuid(versionOrId ?? '')) return null;
  const { rows } = await sql.query<FoundRelease & Record<string, unknown>>(
    `SELECT r.id, r.status AS state, r.version, r.digest, r.published_at AS "publishedAt", s.id AS "studyId", s.key AS "studyKey", s.synthetic
     FROM release r JOIN study s ON s.id = r.study_id
     WHERE ${byId ? 'r.id = $1' : `s.key = $1 AND CASE WHEN $2::text IS NULL THEN r.status = 'PUBLISHED' ELSE r.version = $2 END`}
     ORDER BY string_to_array(r.version, '.')::int[] DESC LIMIT 1`,
    byId ? [versionOrId] : [study, versionOrId],
  );
  return rows[0] ?? null;
}

/** Numbers of a release's folds: apart, since a release is looked up for every look at a ticket. */
export async function foldsOfRelease(sql: Sql, releaseId: string): Promise<number[]> {
  const { rows } = await sql.query<{ split: number }>(
    'SELECT DISTINCT split FROM release_patient WHERE release_id = $1 ORDER BY split',
    [releaseId],
  );
  return rows.map(({ split }) => split);
}
