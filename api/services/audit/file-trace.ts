import type { FileHoldingFacts } from '../../../schema/services/audit.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { peopleOf } from '../people.ts';

/** Holdings that are told at most, the newest first. */
const MOST = 500;

interface Row extends Record<string, unknown> {
  kind: FileHoldingFacts['kind'];
  id: string;
  name: string;
  accountId: string | null;
  grantId: string | null;
  releaseId: string | null;
  since: Date;
  until: Date | null;
  bytes: number;
  takenAt: Date | null;
  taken: number;
}

// The log's text is canonical JSON: a name and its value stand there in one way.
const TAKEN = (says: string): string =>
  `LEFT JOIN LATERAL (SELECT min(a.at) AS at, count(*)::int AS n FROM audit_entry a WHERE a.action = 'DOWNLOAD' AND ${says}) d ON true`;

/** Exports whose list has the file, also those whose files are gone; the account is the holder's, who alone could take it. */
const EXPORTS = `SELECT 'EXPORT' AS kind, e.id, f.path AS name, e.account_id AS "accountId", e.grant_id AS "grantId", e.release_id AS "releaseId",
    e.ready_at AS since, e.ended_at AS until, f.bytes, d.at AS "takenAt", coalesce(d.n, 0) AS taken
  FROM (SELECT export_id, path, bytes FROM export_file WHERE sha256 = $1 UNION SELECT export_id, path, bytes FROM export_trace WHERE sha256 = $1) f
  JOIN data_export e ON e.id = f.export_id AND e.ready_at IS NOT NULL
  ${TAKEN(`a.grant_id = e.grant_id AND strpos(a.text, '"export":"' || e.id || '"') > 0 AND strpos(a.text, '"path":' || to_json(f.path)::text) > 0`)}
  ORDER BY e.ready_at DESC LIMIT ${MOST}`;

/** What a recording is made of, one row for each person that took it by itself; with nobody's name where none did, or where it is the file that came from the clinic. */
const RECORDINGS = `SELECT 'RECORDING' AS kind, x.submission_id AS id, x.name, d.account_id AS "accountId", d.grant_id AS "grantId", d.release::uuid AS "releaseId",
    x.since, NULL::timestamptz AS until, x.bytes, d.at AS "takenAt", coalesce(d.n, 0) AS taken
  FROM (SELECT r.submission_id, a.kind AS name, a.created_at AS since, a.bytes, a.id::text AS artifact FROM artifact a JOIN recording r ON r.id = a.recording_id WHERE a.sha256 = $1
        UNION ALL SELECT i.submission_id, 'ORIGINAL', min(s.created_at), 0, NULL FROM recording i JOIN submission s ON s.id = i.submission_id WHERE i.video_sha256 = $1 GROUP BY i.submission_id) x
  LEFT JOIN LATERAL (SELECT a.account_id, a.grant_id, substring(a.text from '"release":"([0-9a-f-]{36})"') AS release, min(a.at) AS at, count(*)::int AS n FROM audit_entry a
    WHERE a.action = 'DOWNLOAD' AND substring(a.text from '"submission":"([0-9a-f-]{36})"') = x.submission_id::text AND strpos(a.text, '"artifact":"' || x.artifact || '"') > 0
      AND strpos(a.text, '"part":') = 0 GROUP BY 1, 2, 3) d ON true
  ORDER BY d.at DESC NULLS LAST LIMIT ${MOST}`;

/** Weights of a network that somebody trained, and of those whose run was answered from theirs. */
const MODELS = `SELECT 'MODEL' AS kind, r.id, r.experiment || ', fold ' || c.fold AS name, r.account_id AS "accountId", r.grant_id AS "grantId", r.release_id AS "releaseId",
    c.created_at AS since, NULL::timestamptz AS until, c.bytes, d.at AS "takenAt", coalesce(d.n, 0) AS taken
  FROM checkpoint c JOIN baseline_run r ON c.run_id IN (r.id, r.answered_from)
  ${TAKEN(`a.account_id = r.account_id AND strpos(a.text, '"checkpoint":"' || c.id || '"') > 0`)}
  WHERE c.sha256 = $1 ORDER BY c.created_at DESC LIMIT ${MOST}`;

/** Where a file with these bytes was given out from, and to whom. @param sha256 64 hexadecimal digits, small */
export async function holdingsOf(sql: Sql, sha256: string): Promise<FileHoldingFacts[]> {
  const found: Row[] = [];
  for (const query of [EXPORTS, RECORDINGS, MODELS]) found.push(...(await sql.query<Row>(query, [sha256])).rows);
  const people = await peopleOf(
    sql,
    found.map(({ accountId }) => accountId),
  );
  const { rows } = await sql.query<{ id: string; version: string }>(
    'SELECT id, version FROM release WHERE id = ANY($1::uuid[])',
    [found.flatMap(({ releaseId }) => releaseId ?? [])],
  );
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  return found.slice(0, MOST).map(({ accountId, releaseId, ...row }) => ({
    ...row,
    by: people.get(accountId ?? '') ?? null,
    release: versions.get(releaseId ?? '') ?? null,
  }));
}
