import { createHash } from 'node:crypto';
import { citedVersion } from '../../../governance/release.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';

/** What is left of a release at this moment: the version as it is cited, and a digest of what withdrawals have left. */
export interface ReleaseStateNow {
  /** `1.0.0`, and `1.0.0+w2` once two of its patients have withdrawn. */
  readonly cited: string;
  readonly withdrawals: number;
  /** SHA-256 over the release's digest and what it still lists. Moves with `withdrawals` and with nothing else once it is published. */
  readonly digest: string;
}

const GONE = hasStoppedSharing('p.patient_id');

/**
 * The one place that says which state of a release is meant, for manifests, runs, citations and notices of withdrawals (release digest and number of
 * withdrawals go together everywhere). Worked out from the rows that are not withdrawn; the lines hold moments and checksums of videos, so that
 * nobody who does not know those can work out from the digest who has withdrawn. Null where there is no such release.
 */
export async function releaseState(sql: Sql, releaseId: string): Promise<ReleaseStateNow | null> {
  const { rows } = await sql.query<{ version: string; digest: string | null; withdrawals: number }>(
    `SELECT r.version, r.digest, (SELECT count(*)::int FROM release_patient p WHERE p.release_id = r.id AND ${GONE}) AS withdrawals FROM release r WHERE r.id = $1`,
    [releaseId],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const cited = citedVersion(row.version, row.withdrawals);
  if (row.withdrawals === 0 && row.digest !== null) return { cited, withdrawals: 0, digest: row.digest };
  const { rows: lines } = await sql.query<{ line: string }>(
    `SELECT jsonb_build_array(p.code, p.split, (SELECT jsonb_agg(jsonb_build_array(s.recorded_at, r.video_sha256) ORDER BY s.recorded_at, r.video_sha256)
         FROM release_submission s JOIN recording r ON r.id = s.recording_id WHERE s.release_id = p.release_id AND s.patient_id = p.patient_id))::text AS line
     FROM release_patient p WHERE p.release_id = $1 AND NOT ${GONE} ORDER BY p.code COLLATE "C"`,
    [releaseId],
  );
  const hash = createHash('sha256').update(`${row.digest}\n`);
  for (const { line } of lines) hash.update(`${line}\n`);
  return { cited, withdrawals: row.withdrawals, digest: hash.digest('hex') };
}
