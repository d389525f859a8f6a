import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaceChain } from '../../../pipeline/faces/face-chain.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { parseSurvey, type Survey } from '../../../pipeline/labels/survey.ts';
import { PIPELINE_VERSION, processRecording } from '../../../pipeline/stages/process-recording.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';
import type { JobContext } from '../../jobs/job-kind.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { type DropItem, ITEM_COLUMNS, type ItemOutcome, sourceKey } from './drop-item.ts';
import { fileSink } from './file-sink.ts';
import { storeRecording, storeWithNewSurvey } from './store-recording.ts';

export interface ProcessItemDeps {
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  /** Opened on first use: a worker that only trains forests needs no nets. */
  faceChain: () => Promise<FaceChain>;
  workFolder: string;
  chunkSeconds: number;
  limits: { maxSeconds: number; maxBytes: number };
}

interface LoadedItem extends DropItem {
  studyId: string;
  study: string;
  accountId: string | null;
  patientId: string;
  withdrawn: boolean;
}

interface End {
  outcome: ItemOutcome;
  reasonCode: string | null;
  reason: string | null;
  recordingId: string | null;
}

/**
 * Makes everything of one submission, in any number of attempts: what an attempt that was cut off left behind is removed first, and the rows
 * appear in one transaction after every file is stored.
 */
export async function processItem(deps: ProcessItemDeps, itemId: string, context: JobContext): Promise<End> {
  const started = performance.now();
  const item = await loadItem(deps.database, itemId);
  if (item.outcome !== 'WAITING') return item;
  if (item.withdrawn)
    return finish(deps, item, started, {
      outcome: 'REFUSED',
      reasonCode: 'PATIENT_WITHDRAWN',
      reason: 'The patient has withdrawn; nothing more is collected.',
      recordingId: null,
    });
  const survey = await readSurvey(deps.objects, item);
  if (!survey.ok)
    return finish(deps, item, started, {
      outcome: 'REFUSED',
      reasonCode: 'SURVEY_INVALID',
      reason: survey.reason,
      recordingId: null,
    });
  const submissionId = await ensureSubmission(deps, item);
  const earlier = await sameVideo(deps.database, submissionId, item);
  if (earlier) return reuse(deps, item, started, earlier, survey.value);
  return make(deps, item, started, submissionId, survey.value, context);
}

async function loadItem(database: Database, id: string): Promise<LoadedItem> {
  const { rows } = await database.query<LoadedItem & Record<string, unknown>>(
    `SELECT item.*, d.study_id AS "studyId", d.account_id AS "accountId", s.key AS study, p.id AS "patientId",
       EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = p.id) AS withdrawn
     FROM (SELECT ${ITEM_COLUMNS} FROM ingest_item WHERE id = $1) item
     JOIN ingest_drop d ON d.id = item."dropId" JOIN study s ON s.id = d.study_id
     JOIN patient p ON p.study_id = d.study_id AND p.code = item.patient`,
    [id],
  );
  if (!rows[0]) throw new Error(`no ingest item ${id}`);
  return rows[0];
}

async function readSurvey(
  objects: ObjectStore,
  item: LoadedItem,
): Promise<{ ok: true; value: Survey | null } | { ok: false; reason: string }> {
  if (!item.surveySha256) return { ok: true, value: null };
  const parsed = parseSurvey(await readWhole(objects, sourceKey(item.study, item, 'survey', item.surveySha256)));
  return parsed.ok
    ? parsed
    : { ok: false, reason: `survey.csv: ${parsed.problems.map((problem) => problem.message).join(' ')}` };
}

async function ensureSubmission(deps: ProcessItemDeps, item: LoadedItem): Promise<string> {
  const moment = parseSubmissionTimestamp(item.timestamp)!;
  const { rows } = await deps.database.query<{ id: string }>(
    `INSERT INTO submission (id, patient_id, recorded_at, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (patient_id, recorded_at) DO UPDATE SET setting = submission.setting RETURNING id`,
    [deps.ids.uuid(), item.patientId, moment.local, deps.clock.now()],
  );
  return rows[0]!.id;
}

async function sameVideo(
  sql: Sql,
  submissionId: string,
  item: LoadedItem,
): Promise<{ id: string; surveySha256: string | null } | null> {
  const { rows } = await sql.query<{ id: string; surveySha256: string | null }>(
    `SELECT id, survey_sha256 AS "surveySha256" FROM recording WHERE submission_id = $1 AND video_sha256 = $2 AND pipeline_version = $3
     ORDER BY (survey_sha256 IS NOT DISTINCT FROM $4) DESC, created_at DESC LIMIT 1`,
    [submissionId, item.videoSha256, PIPELINE_VERSION, item.surveySha256],
  );
  return rows[0] ?? null;
}

async function reuse(
  deps: ProcessItemDeps,
  item: LoadedItem,
  started: number,
  earlier: { id: string; surveySha256: string | null },
  survey: Survey | null,
): Promise<End> {
  const same = earlier.surveySha256 === item.surveySha256;
  const id = same ? earlier.id : deps.ids.uuid();
  return deps.database.transaction(async (sql) => {
    if (same) {
      await sql.query(
        'UPDATE recording SET current = false WHERE submission_id = (SELECT submission_id FROM recording WHERE id = $1) AND current AND id <> $1',
        [id],
      );
      await sql.query('UPDATE recording SET current = true WHERE id = $1', [id]);
    } else
      await storeWithNewSurvey(
        sql,
        { id, artifactId: () => deps.ids.uuid(), surveySha256: item.surveySha256, survey, at: deps.clock.now() },
        earlier.id,
      );
    const { rows } = await sql.query<{
      status: 'PROCESSED' | 'UNREADABLE';
      reasonCode: string | null;
      reason: string | null;
    }>('SELECT status, reason_code AS "reasonCode", reason FROM recording WHERE id = $1', [id]);
    const { status, reasonCode, reason } = rows[0]!;
    return end(deps, sql, item, started, { outcome: status, reasonCode, reason, recordingId: id });
  });
}

async function make(
  deps: ProcessItemDeps,
  item: LoadedItem,
  started: number,
  submissionId: string,
  survey: Survey | null,
  context: JobContext,
): Promise<End> {
  // The item's id is the recording's: every attempt writes to the same place, and the place is cleared first.
  const recordingId = item.id;
  const prefix = `artifacts/${item.study}/${recordingId}`;
  for await (const key of deps.objects.list(`${prefix}/`)) await deps.objects.remove(key);
  await mkdir(deps.workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(deps.workFolder, 'recording-'));
  const source = await deps.objects.localFile(sourceKey(item.study, item, 'video', item.videoSha256!));
  const sink = fileSink(folder);
  try {
    const begun = performance.now();
    const result = await processRecording(source.path, {
      chain: await deps.faceChain(),
      sink,
      chunkSeconds: deps.chunkSeconds,
      limits: deps.limits,
      workFolder: folder,
      signal: context.signal,
      onFrame: (done, total) => {
        const rate = (done / (performance.now() - begun)) * 1000;
        context.progress({ stage: 'frames', done, total, rate, secondsLeft: (total - done) / rate });
      },
    });
    const stored = result.status === 'PROCESSED' ? await sink.store(deps.objects, prefix) : [];
    context.signal.throwIfAborted();
    return await deps.database.transaction(async (sql) => {
      await storeRecording(sql, {
        id: recordingId,
        submissionId,
        videoSha256: item.videoSha256!,
        surveySha256: item.surveySha256,
        survey,
        result,
        artifacts: stored.map((artifact) => ({ ...artifact, id: deps.ids.uuid() })),
        at: deps.clock.now(),
      });
      return end(deps, sql, item, started, {
        outcome: result.status,
        reasonCode: result.status === 'UNREADABLE' ? result.code : null,
        reason: result.status === 'UNREADABLE' ? result.reason : null,
        recordingId,
      });
    });
  } finally {
    await source.release();
    await sink.abandon();
    await rm(folder, { recursive: true, force: true });
  }
}

const finish = (deps: ProcessItemDeps, item: LoadedItem, started: number, how: End) =>
  deps.database.transaction((sql) => end(deps, sql, item, started, how));

async function end(deps: ProcessItemDeps, sql: Sql, item: LoadedItem, started: number, how: End): Promise<End> {
  await sql.query(
    'UPDATE ingest_item SET outcome = $2, reason_code = $3, reason = $4, recording_id = $5, seconds = $6, finished_at = $7 WHERE id = $1',
    [
      item.id,
      how.outcome,
      how.reasonCode,
      how.reason,
      how.recordingId,
      (performance.now() - started) / 1000,
      deps.clock.now(),
    ],
  );
  await deps.audit.write(sql, {
    accountId: item.accountId,
    grantId: null,
    action: 'INGEST_SUBMISSION',
    detail: {
      study: item.study,
      patient: item.patient,
      submission: item.timestamp,
      outcome: how.outcome,
      reason: how.reasonCode,
      recording: how.recordingId,
    },
  });
  return how;
}
