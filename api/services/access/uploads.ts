import { createHash } from 'node:crypto';
import { type CertificateFileType, wholeCertificateFile } from '../../../governance/certificate-file.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';

export type UploadFailure = 'TOO_LARGE' | 'EMPTY' | 'TYPE_NOT_ACCEPTED' | 'TOO_MANY_AT_ONCE' | 'QUOTA_EXCEEDED';

export type UploadResult =
  | { ok: true; sha256: string; bytes: number; contentType: CertificateFileType }
  | { ok: false; code: UploadFailure; message: string };

/** A file that somebody sent. */
export interface Upload {
  key: string;
  bytes: number;
  contentType: CertificateFileType;
}

export const uploadKey = (accountId: string, sha256: string): string => `uploads/${accountId}/${sha256}`;

/** Files that one account may be sending at the same moment: each is held in memory until its content is judged. */
const AT_ONCE = 3;
/** How long a file waits to be named by a certificate or a form. */
const UNCLAIMED_HOURS = 24;
/** Files of one account that nothing names yet. */
const MOST_UNCLAIMED = 40;

/** One writer or remover of an account's files at a time. */
const holdUploads = (sql: Sql, accountId: string) =>
  sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('upload ' || $1, 0))`, [accountId]);

/** Whether something of `u.account_id` names the file `u`: a certificate that was not withdrawn, or a form of a request. */
const CLAIMED = `(EXISTS (SELECT 1 FROM certificate c WHERE c.object_key = 'uploads/' || u.account_id || '/' || u.sha256 AND c.state NOT IN ('REPLACED', 'WITHDRAWN'))
  OR EXISTS (SELECT 1 FROM access_request r CROSS JOIN LATERAL (
      SELECT e.data FROM request_event e WHERE e.request_id = r.id AND e.type = 'FormEdited'
        -- As the form stands now, and as it stood whenever it was sent in: what stewards have looked at stays.
        AND (NOT EXISTS (SELECT 1 FROM request_event later WHERE later.request_id = r.id AND later.type = 'FormEdited' AND later.number > e.number)
          OR (SELECT n.type FROM request_event n WHERE n.request_id = r.id AND n.number > e.number AND n.type IN ('FormEdited', 'RequestSubmitted')
              ORDER BY n.number LIMIT 1) = 'RequestSubmitted')) form
    WHERE r.applicant_id = u.account_id AND form.data #>> '{form,ethicsApproval,documentSha256}' = u.sha256))`;

/** Takes people's files: of an accepted type, whole, within size and quota, kept under their own hash; removes those that nothing names. */
export function uploadService(deps: {
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  /** Of one file, in bytes. */
  maxBytes: number;
  /** Of all files of one account that nothing names yet, in bytes. */
  quotaBytes: number;
}) {
  const { database, objects, clock } = deps;
  const sending = new Map<string, number>();

  const refused = (code: UploadFailure, message: string): UploadResult => ({ ok: false, code, message });

  async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer | null> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of body) {
      bytes += part.length;
      if (bytes > deps.maxBytes) return null;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async function take(accountId: string, body: AsyncIterable<Uint8Array>): Promise<UploadResult> {
    const file = await read(body);
    if (file === null) return refused('TOO_LARGE', `A file has at most ${deps.maxBytes} bytes.`);
    if (file.length === 0) return refused('EMPTY', 'The file is empty.');
    const contentType = wholeCertificateFile(file);
    if (contentType === null)
      return refused(
        'TYPE_NOT_ACCEPTED',
        'The file is no complete PDF, PNG or JPEG, or a picture beyond 50 megapixels.',
      );
    const sha256 = createHash('sha256').update(file).digest('hex');
    return database.transaction(async (sql): Promise<UploadResult> => {
      await holdUploads(sql, accountId);
      const { rows } = await sql.query<{ files: number; bytes: number }>(
        `SELECT count(*)::int AS files, coalesce(sum(bytes), 0)::float8 AS bytes FROM upload u WHERE account_id = $1 AND sha256 <> $2 AND NOT ${CLAIMED}`,
        [accountId, sha256],
      );
      const held = rows[0]!;
      if (held.files >= MOST_UNCLAIMED || held.bytes + file.length > deps.quotaBytes)
        return refused(
          'QUOTA_EXCEEDED',
          `Too many files wait to be used: hand in certificates with those that you sent, or wait until they are removed after ${UNCLAIMED_HOURS} hours.`,
        );
      await objects.put(uploadKey(accountId, sha256), file);
      await sql.query(
        `INSERT INTO upload (account_id, sha256, bytes, content_type, uploaded_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, sha256) DO UPDATE SET uploaded_at = excluded.uploaded_at`,
        [accountId, sha256, file.length, contentType, clock.now()],
      );
      return { ok: true, sha256, bytes: file.length, contentType };
    });
  }

  async function removeOne(accountId: string, sha256: string, before: Date): Promise<boolean> {
    return database.transaction(async (sql) => {
      await holdUploads(sql, accountId);
      const { rowCount } = await sql.query(
        `DELETE FROM upload u WHERE account_id = $1 AND sha256 = $2 AND uploaded_at < $3 AND NOT ${CLAIMED}`,
        [accountId, sha256, before],
      );
      // Within the lock: the same file sent again meanwhile is stored after this, or before it and named by a newer row.
      if (rowCount === 1) await objects.remove(uploadKey(accountId, sha256));
      return rowCount === 1;
    });
  }

  return {
    async receive(accountId: string, body: AsyncIterable<Uint8Array>): Promise<UploadResult> {
      const now = sending.get(accountId) ?? 0;
      if (now >= AT_ONCE)
        return refused('TOO_MANY_AT_ONCE', `At most ${AT_ONCE} files are taken at once; send one after the other.`);
      sending.set(accountId, now + 1);
      try {
        return await take(accountId, body);
      } finally {
        const left = sending.get(accountId)! - 1;
        if (left > 0) sending.set(accountId, left);
        else sending.delete(accountId);
      }
    },

    /** A file that the person sent before, or null; held until the caller's transaction ends, so that it is not removed before it is named. */
    async find(sql: Sql, accountId: string, sha256: string): Promise<Upload | null> {
      if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
      await holdUploads(sql, accountId);
      const { rows } = await sql.query<{ bytes: number; contentType: CertificateFileType }>(
        'SELECT bytes::float8 AS bytes, content_type AS "contentType" FROM upload WHERE account_id = $1 AND sha256 = $2',
        [accountId, sha256],
      );
      return rows[0] ? { key: uploadKey(accountId, sha256), ...rows[0] } : null;
    },

    /** Removes files that nothing has named for a day. @returns how many */
    async removeUnclaimed(): Promise<number> {
      const before = new Date(clock.now().getTime() - UNCLAIMED_HOURS * 3_600_000);
      const { rows } = await database.query<{ accountId: string; sha256: string }>(
        `SELECT u.account_id AS "accountId", u.sha256 FROM upload u WHERE u.uploaded_at < $1 AND NOT ${CLAIMED} ORDER BY u.uploaded_at LIMIT 1000`,
        [before],
      );
      let removed = 0;
      for (const { accountId, sha256 } of rows) if (await removeOne(accountId, sha256, before)) removed++;
      return removed;
    },
  };
}

export type UploadService = ReturnType<typeof uploadService>;
