import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { parseSurvey, type Survey } from '../../../pipeline/labels/survey.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';
import { unsealedSource } from '../sealing/unsealed-places.ts';
import { type DropItem, ITEM_COLUMNS, sourceKey } from './drop-item.ts';

export interface LoadedItem extends DropItem {
  studyId: string;
  study: string;
  accountId: string | null;
  patientId: string;
  withdrawn: boolean;
}

/** @throws where there is no such item of an enrolled patient */
export async function loadItem(database: Database, id: string): Promise<LoadedItem> {
  const { rows } = await database.query<LoadedItem & Record<string, unknown>>(
    `SELECT item.*, d.study_id AS "studyId", d.account_id AS "accountId", s.key AS study, p.id AS "patientId",
       EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = p.id AND w.taken_back_at IS NULL) AS withdrawn
     FROM (SELECT ${ITEM_COLUMNS} FROM ingest_item WHERE id = $1) item
     JOIN ingest_drop d ON d.id = item."dropId" JOIN study s ON s.id = d.study_id
     JOIN patient p ON p.study_id = d.study_id AND p.code = item.patient`,
    [id],
  );
  if (!rows[0]) throw new Error(`no ingest item ${id}`);
  return rows[0];
}

/** True from the moment that the patient's withdrawal, of whatever kind, is recorded; one that is being recorded is waited for. */
export async function hasWithdrawn(sql: Sql, patientId: string): Promise<boolean> {
  await sql.query('SELECT 1 FROM patient WHERE id = $1 FOR SHARE', [patientId]);
  const { rows } = await sql.query('SELECT 1 FROM withdrawal WHERE patient_id = $1 AND taken_back_at IS NULL LIMIT 1', [
    patientId,
  ]);
  return rows.length > 0;
}

/** Where a source lies that was perhaps stored before there were keys, and is not sealed yet. */
export async function findSource(objects: ObjectStore, key: string): Promise<string> {
  if ((await objects.size(key)) !== null) return key;
  const older = unsealedSource(key);
  return (await objects.size(older)) === null ? key : older;
}

/** The answers of the submission, null where none were sent; or what is wrong with the file. */
export async function readSurvey(
  objects: ObjectStore,
  item: LoadedItem,
): Promise<{ ok: true; value: Survey | null } | { ok: false; reason: string }> {
  if (!item.surveySha256) return { ok: true, value: null };
  const parsed = parseSurvey(
    await readWhole(objects, await findSource(objects, sourceKey(item.study, item, 'survey', item.surveySha256))),
  );
  return parsed.ok
    ? parsed
    : { ok: false, reason: `survey.csv: ${parsed.problems.map((problem) => problem.message).join(' ')}` };
}

/** The submission's row, made where it is new. @returns its id */
export async function ensureSubmission(
  deps: { database: Database; clock: Clock; ids: Ids },
  item: LoadedItem,
): Promise<string> {
  const moment = parseSubmissionTimestamp(item.timestamp)!;
  const { rows } = await deps.database.query<{ id: string }>(
    `INSERT INTO submission (id, patient_id, recorded_at, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (patient_id, recorded_at) DO UPDATE SET setting = submission.setting RETURNING id`,
    [deps.ids.uuid(), item.patientId, moment.local, deps.clock.now()],
  );
  return rows[0]!.id;
}

/** A recording that this pipeline made of the same video, the one with the same survey before others. */
export async function recordingOfVideo(
  sql: Sql,
  submissionId: string,
  item: DropItem,
  version: string,
): Promise<{ id: string; surveySha256: string | null } | null> {
  const { rows } = await sql.query<{ id: string; surveySha256: string | null }>(
    `SELECT id, survey_sha256 AS "surveySha256" FROM recording WHERE submission_id = $1 AND video_sha256 = $2 AND pipeline_version = $3
     ORDER BY (survey_sha256 IS NOT DISTINCT FROM $4) DESC, created_at DESC LIMIT 1`,
    [submissionId, item.videoSha256, version, item.surveySha256],
  );
  return rows[0] ?? null;
}

/** True while another worker, which began earlier, makes the same video of the same submission: its result will do for this item, too. */
export async function isBeingMade(sql: Sql, item: LoadedItem, jobId: string): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM job mine, job other JOIN ingest_item i ON i.id::text = other.payload ->> 'itemId' JOIN ingest_drop d ON d.id = i.drop_id
     WHERE mine.id = $1 AND other.kind = 'ingest-submission' AND other.state = 'RUNNING' AND (other.started_at, other.id) < (mine.started_at, mine.id)
       AND d.study_id = $2 AND i.patient_code = $3 AND i.timestamp = $4 AND i.video_sha256 = $5 LIMIT 1`,
    [jobId, item.studyId, item.patient, item.timestamp, item.videoSha256],
  );
  return rows.length > 0;
}

/** False where a later drop has given the submission other files already: what an older one gives then changes nothing of what is current. */
export async function isNewest(sql: Sql, item: LoadedItem): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM ingest_item i JOIN ingest_drop d ON d.id = i.drop_id, (SELECT o.created_at FROM ingest_drop o WHERE o.id = $1) own
     WHERE d.study_id = $2 AND i.patient_code = $3 AND i.timestamp = $4 AND (d.created_at, d.id) > (own.created_at, $1)
       AND i.outcome IN ('PROCESSED', 'UNREADABLE', 'UNCHANGED') LIMIT 1`,
    [item.dropId, item.studyId, item.patient, item.timestamp],
  );
  return rows.length === 0;
}
