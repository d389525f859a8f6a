import type { Modality } from '../../../governance/modality.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import { citeRelease } from './cite-release.ts';
import { croissantOf } from './croissant.ts';

interface Row {
  [column: string]: unknown;
  publishedAt: Date;
  key: string;
  title: string;
  synthetic: boolean;
  consent: string[];
}

/**
 * The Croissant description of a release as it was published (what withdrawals took stands in its citation) and under the policy in force; null for a draft, which has none. Open.
 * @param modalities kinds of data to describe
 */
export async function describeRelease(
  sql: Sql,
  about: { releaseId: string; publicUrl: string; now: Date; modalities: readonly Modality[] },
): Promise<Readonly<Record<string, unknown>> | null> {
  const citation = await citeRelease(sql, about.releaseId, about.publicUrl, 'PUBLISHED');
  if (citation === null) return null;
  const { rows } = await sql.query<Row>(
    `SELECT r.published_at AS "publishedAt", s.key, s.title, s.synthetic, s.description->'consent'->'uses' AS consent FROM release r JOIN study s ON s.id = r.study_id WHERE r.id = $1`,
    [about.releaseId],
  );
  const { publishedAt, consent, ...study } = rows[0]!;
  return croissantOf({
    study,
    consent,
    publisher: citation.publisher,
    version: citation.version,
    bibtex: citation.bibtex,
    publishedAt,
    url: about.publicUrl,
    policy: await currentPolicy(sql, about.now),
    modalities: about.modalities,
  });
}
