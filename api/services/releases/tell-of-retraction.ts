import type { Sql } from '../../adapters/database/database.ts';
import { queueMail } from '../mail/queue-mail.ts';

/**
 * Tells of a retraction, in its transaction: everybody who is on a grant of the study that is alive, and everybody who finished an export of the release,
 * whatever became of their grant since: they may have copies.
 * @returns how many were told
 */
export async function tellOfRetraction(sql: Sql, releaseId: string): Promise<number> {
  const { rows: releases } = await sql.query<{ study: string; studyId: string; version: string; newer: string | null }>(
    `SELECT s.key AS study, s.id AS "studyId", r.version,
       (SELECT n.version FROM release n WHERE n.study_id = r.study_id AND n.status = 'PUBLISHED'
          AND string_to_array(n.version, '.')::int[] > string_to_array(r.version, '.')::int[] ORDER BY string_to_array(n.version, '.')::int[] DESC LIMIT 1) AS newer
     FROM release r JOIN study s ON s.id = r.study_id WHERE r.id = $1`,
    [releaseId],
  );
  const release = releases[0];
  if (release === undefined) return 0;
  const { study, studyId, version, newer } = release;
  const { rows: people } = await sql.query<{ accountId: string; exports: string[] }>(
    `WITH exported AS (SELECT account_id, array_agg(id ORDER BY ready_at, id) AS exports FROM data_export WHERE release_id = $1 AND ready_at IS NOT NULL GROUP BY 1),
       members AS (SELECT DISTINCT m.account_id FROM grant_member m JOIN data_grant g ON g.id = m.grant_id
         WHERE g.study_id = $2 AND g.state IN ('ACTIVE', 'SUSPENDED') AND m.removed_at IS NULL)
     SELECT coalesce(e.account_id, m.account_id) AS "accountId", coalesce(e.exports, '{}') AS exports
     FROM exported e FULL JOIN members m ON m.account_id = e.account_id ORDER BY 1`,
    [releaseId, studyId],
  );
  for (const { accountId, exports } of people)
    await queueMail(sql, {
      to: { accountId },
      template: 'release-retracted',
      data: { study, version, exports, newer },
      once: `release-retracted.${releaseId}.${accountId}`,
    });
  return people.length;
}
