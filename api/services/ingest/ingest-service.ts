import { ChecksumDiffers } from '../../adapters/objects/object-store.ts';
import type { Foundation } from '../../compose.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { removeArtifacts } from './artifact-folder.ts';
import { type DropItem, type DropItemOffer, ITEM_COLUMNS, sourceKey } from './drop-item.ts';
import { findSource } from './load-item.ts';
import { type OpenDropResult, openDrop } from './open-drop.ts';

export type SourceKind = 'video' | 'survey';

export type ReceiveResult =
  | { ok: true }
  | { ok: false; code: 'NO_SUCH_ITEM' | 'NOT_WAITING' | 'CHECKSUM_DIFFERS' | 'TOO_LARGE'; message: string };

/** How far a drop is: its items, and how many have ended. */
export interface DropState {
  id: string;
  study: string;
  accountId: string | null;
  items: DropItem[];
  /** What the jobs that run now are doing. */
  running: { patient: string; timestamp: string; stage: string; done: number; total: number }[];
}

const MAX_SURVEY_BYTES = 64 * 1024;

/** Takes drops in: what is new of one, its files, a job for each submission. Who may is decided by the caller. */
export function ingestService(base: Foundation, audit: AuditLog) {
  const { database, objects, jobs, queue } = base;

  async function item(
    dropId: string,
    patient: string,
    timestamp: string,
  ): Promise<(DropItem & { study: string }) | null> {
    const { rows } = await database.query<DropItem & { study: string }>(
      `SELECT i.*, s.key AS study FROM (SELECT ${ITEM_COLUMNS} FROM ingest_item) i JOIN ingest_drop d ON d.id = i."dropId" JOIN study s ON s.id = d.study_id
       WHERE i."dropId" = $1 AND i.patient = $2 AND i.timestamp = $3`,
      [dropId, patient, timestamp],
    );
    return rows[0] ?? null;
  }

  const has = async (key: string): Promise<boolean> => (await objects.size(await findSource(objects, key))) !== null;

  return {
    open(input: {
      study: string;
      enrolment: Uint8Array;
      items: readonly DropItemOffer[];
      accountId: string | null;
    }): Promise<OpenDropResult> {
      const { ISS_MAX_VIDEO_BYTES: maxVideoBytes, ISS_CHUNK_SECONDS: chunkSeconds } = base.config;
      return openDrop({ ...base, audit, maxVideoBytes, chunkSeconds }, input);
    },

    /** Files of a waiting item that have not been received yet. */
    async wanted(of: DropItem & { study: string }): Promise<SourceKind[]> {
      const wanted: SourceKind[] = [];
      if (of.videoSha256 && !(await has(sourceKey(of.study, of, 'video', of.videoSha256)))) wanted.push('video');
      if (of.surveySha256 && !(await has(sourceKey(of.study, of, 'survey', of.surveySha256)))) wanted.push('survey');
      return wanted;
    },

    item,

    /** Stores one file of a waiting item, if it is what was announced; otherwise nothing of it is kept. */
    async receive(
      dropId: string,
      patient: string,
      timestamp: string,
      kind: SourceKind,
      body: AsyncIterable<Uint8Array>,
    ): Promise<ReceiveResult> {
      const found = await item(dropId, patient, timestamp);
      const declared = kind === 'video' ? found?.videoSha256 : found?.surveySha256;
      if (!found || !declared) return { ok: false, code: 'NO_SUCH_ITEM', message: 'The drop announced no such file.' };
      if (found.outcome !== 'WAITING')
        return { ok: false, code: 'NOT_WAITING', message: `The submission is ${found.outcome.toLowerCase()} already.` };
      const key = sourceKey(found.study, found, kind, declared);
      if (await has(key)) return { ok: true };
      const limit = kind === 'video' ? base.config.ISS_MAX_VIDEO_BYTES : MAX_SURVEY_BYTES;
      try {
        await objects.put(key, limited(body, limit), { sha256: declared });
        return { ok: true };
      } catch (error) {
        if (error instanceof ChecksumDiffers)
          return {
            ok: false,
            code: 'CHECKSUM_DIFFERS',
            message: `What arrived has SHA-256 ${error.found}, announced was ${declared}: it changed on the way or while it was sent.`,
          };
        if (error instanceof TooLarge)
          return { ok: false, code: 'TOO_LARGE', message: `The file has more than ${limit} bytes.` };
        throw error;
      }
    },

    /** Queues a waiting item whose files are all there. @returns the job's id, or null where something is missing */
    async process(of: DropItem & { study: string }, accountId: string | null): Promise<string | null> {
      if (of.outcome !== 'WAITING' || (await this.wanted(of)).length > 0) return null;
      const id = await jobs.add(database, {
        kind: 'ingest-submission',
        payload: { itemId: of.id },
        accountId,
        dedupeKey: `ingest ${of.id}`,
      });
      await queue.announce(id);
      return id;
    },

    async state(dropId: string): Promise<DropState | null> {
      const { rows } = await database.query<{ id: string; study: string; accountId: string | null }>(
        `SELECT d.id, s.key AS study, d.account_id AS "accountId" FROM ingest_drop d JOIN study s ON s.id = d.study_id WHERE d.id = $1`,
        [dropId],
      );
      if (!rows[0]) return null;
      await failAbandoned(dropId);
      const { rows: items } = await database.query<DropItem & Record<string, unknown>>(
        `SELECT ${ITEM_COLUMNS} FROM ingest_item WHERE drop_id = $1 ORDER BY patient_code, timestamp`,
        [dropId],
      );
      const { rows: running } = await database.query<{
        patient: string;
        timestamp: string;
        progress: { stage: string; done: number; total: number } | null;
      }>(
        `SELECT i.patient_code AS patient, i.timestamp, j.progress FROM job j JOIN ingest_item i ON j.payload ->> 'itemId' = i.id::text
         WHERE j.kind = 'ingest-submission' AND j.state = 'RUNNING' AND i.drop_id = $1`,
        [dropId],
      );
      return {
        ...rows[0],
        items,
        running: running.map(({ patient, timestamp, progress }) => ({
          patient,
          timestamp,
          ...(progress ?? { stage: 'starting', done: 0, total: 0 }),
        })),
      };
    },
  };

  /** An item whose job ended without an outcome (the worker died each time) is failed, with the job's reason; what its attempts left is removed. */
  async function failAbandoned(dropId: string): Promise<void> {
    const { rows } = await database.query<{ recordingId: string; study: string; patient: string }>(
      `UPDATE ingest_item i SET outcome = 'FAILED', reason_code = coalesce(j.error ->> 'code', j.state), reason = coalesce(j.error ->> 'message', 'the job was ' || lower(j.state)), finished_at = j.finished_at
       FROM job j, ingest_drop d JOIN study s ON s.id = d.study_id
       WHERE j.kind = 'ingest-submission' AND j.payload ->> 'itemId' = i.id::text AND j.state IN ('FAILED', 'CANCELLED', 'REFUSED')
         AND i.outcome = 'WAITING' AND i.drop_id = $1 AND d.id = i.drop_id
         AND NOT EXISTS (SELECT 1 FROM job o WHERE o.dedupe_key = j.dedupe_key AND o.state IN ('QUEUED', 'RUNNING'))
       RETURNING i.id AS "recordingId", s.key AS study, i.patient_code AS patient`,
      [dropId],
    );
    for (const place of rows) await removeArtifacts(objects, place, () => true);
  }
}

export type IngestService = ReturnType<typeof ingestService>;

class TooLarge extends Error {}

async function* limited(body: AsyncIterable<Uint8Array>, most: number): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most) throw new TooLarge();
    yield part;
  }
}
