import { rm } from 'node:fs/promises';
import type { FaceChain } from '../../../pipeline/faces/face-chain.ts';
import type { Survey } from '../../../pipeline/labels/survey.ts';
import { pipelineVersion } from '../../../pipeline/stages/pipeline-version.ts';
import { processRecording, type RecordingResult } from '../../../pipeline/stages/process-recording.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { meansFull, type ObjectStore, StoreFull } from '../../adapters/objects/object-store.ts';
import { holdJob } from '../../jobs/job-fence.ts';
import { type JobContext, JobPostponed, JobRetry } from '../../jobs/job-kind.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { artifactPrefix, removeArtifacts } from './artifact-folder.ts';
import { type ItemOutcome, sourceKey, WITHDRAWN } from './drop-item.ts';
import { fileSink, type StoredArtifact } from './file-sink.ts';
import {
  ensureSubmission,
  findSource,
  hasWithdrawn,
  isBeingMade,
  isNewest,
  type LoadedItem,
  loadItem,
  readSurvey,
  recordingOfVideo,
} from './load-item.ts';
import { storeWithNewSurvey } from './store-new-survey.ts';
import { makeCurrent, storeRecording } from './store-recording.ts';
import { openWorkFolder } from './work-folder.ts';

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

export interface ItemEnd {
  outcome: ItemOutcome;
  reasonCode: string | null;
  reason: string | null;
  recordingId: string | null;
}

const POSTPONE_MS = 500;
/** What a decoder says that was killed or starved; the same file may do well on a quieter machine. */
const PASSING = ['DECODER_CRASHED', 'DECODER_STALLED'];

/**
 * Makes everything of one submission, in any number of attempts: each writes to a place of its own, and the rows appear in one transaction after every
 * file is stored. What an attempt that was cut off left behind is removed by the next.
 * @throws JobRetry for a full disk or a decoder that was killed, JobPostponed while another worker makes the same, JobLost
 */
export async function processItem(deps: ProcessItemDeps, itemId: string, context: JobContext): Promise<ItemEnd> {
  const started = performance.now();
  const item = await loadItem(deps.database, itemId);
  if (item.outcome !== 'WAITING') return item;
  const end = (sql: Sql, how: ItemEnd) => endItem(deps, sql, item, started, how);
  const refuse = (reasonCode: string, reason: string) =>
    deps.database.transaction(async (sql) => {
      await holdJob(sql, context.job);
      return end(sql, { outcome: 'REFUSED', reasonCode, reason, recordingId: null });
    });
  if (item.withdrawn) return refuse(WITHDRAWN.reasonCode, WITHDRAWN.reason);
  const survey = await readSurvey(deps.objects, item);
  if (!survey.ok) return refuse('SURVEY_INVALID', survey.reason);
  const submissionId = await ensureSubmission(deps, item);
  if (await isBeingMade(deps.database, item, context.job.id)) throw new JobPostponed(POSTPONE_MS);
  const known = await deps.database.transaction((sql) =>
    keepKnown(deps, sql, item, submissionId, survey.value, context, end),
  );
  return known ?? make(deps, item, submissionId, survey.value, context, end);
}

type End = (sql: Sql, how: ItemEnd) => Promise<ItemEnd>;

/** Holds the job and the submission's row; where a recording of the same video is there already, the item ends with that. */
async function keepKnown(
  deps: ProcessItemDeps,
  sql: Sql,
  item: LoadedItem,
  submissionId: string,
  survey: Survey | null,
  { job }: JobContext,
  end: End,
): Promise<ItemEnd | null> {
  await holdJob(sql, job);
  await sql.query('SELECT 1 FROM submission WHERE id = $1 FOR UPDATE', [submissionId]);
  const version = pipelineVersion(deps);
  const earlier = await recordingOfVideo(sql, submissionId, item, version);
  if (!earlier) return null;
  const current = await isNewest(sql, item);
  let id = earlier.id;
  if (earlier.surveySha256 !== item.surveySha256) {
    id = deps.ids.uuid();
    const { surveySha256 } = item;
    await storeWithNewSurvey(sql, { id, surveySha256, survey, current, at: deps.clock.now() }, earlier.id, deps.ids);
  } else if (current) await makeCurrent(sql, submissionId, id);
  const { rows } = await sql.query<Pick<ItemEnd, 'reasonCode' | 'reason'> & { status: 'PROCESSED' | 'UNREADABLE' }>(
    'SELECT status, reason_code AS "reasonCode", reason FROM recording WHERE id = $1',
    [id],
  );
  const { status: outcome, reasonCode, reason } = rows[0]!;
  return end(sql, { outcome, reasonCode, reason, recordingId: id });
}

async function make(
  deps: ProcessItemDeps,
  item: LoadedItem,
  submissionId: string,
  survey: Survey | null,
  context: JobContext,
  end: End,
): Promise<ItemEnd> {
  const { database, objects, clock, ids } = deps;
  // The item's id is the recording's. Attempts are ordered by their ids: a later one clears away what an earlier one left, never the other way round.
  const attempt = ids.uuid();
  const place = { study: item.study, patient: item.patient, recordingId: item.id };
  const prefix = artifactPrefix(place, attempt);
  await removeArtifacts(objects, place, (other) => other < attempt);
  let kept = false;
  try {
    const { result, artifacts } = await madeOf(deps, item, prefix, context);
    context.signal.throwIfAborted();
    const outcome = await database.transaction(async (sql) => {
      if (await hasWithdrawn(sql, item.patientId))
        return { known: await end(sql, { outcome: 'REFUSED', ...WITHDRAWN, recordingId: null }) };
      // Somebody else may have been faster after all.
      const known = await keepKnown(deps, sql, item, submissionId, survey, context, end);
      if (known) return { known };
      await storeRecording(sql, {
        ...{ id: item.id, submissionId, survey, result, artifacts, at: clock.now() },
        videoSha256: item.videoSha256!,
        surveySha256: item.surveySha256,
        version: pipelineVersion(deps),
        current: await isNewest(sql, item),
        newId: ids.uuid,
      });
      const unreadable = result.status === 'UNREADABLE' ? result : null;
      const made = await end(sql, {
        outcome: result.status,
        reasonCode: unreadable?.code ?? null,
        reason: unreadable?.reason ?? null,
        recordingId: item.id,
      });
      return { made };
    });
    kept = outcome.made !== undefined;
    return outcome.made ?? outcome.known!;
  } catch (error) {
    if (meansFull(error) || error instanceof StoreFull)
      throw new JobRetry(
        'STORE_FULL',
        'There was no space left for what is made of the video; nothing of it was kept. Free some, then ingest again.',
        { cause: error },
      );
    throw error;
  } finally {
    if (!kept) await removeArtifacts(objects, place, (other) => other === attempt).catch(() => {});
  }
}

async function madeOf(
  deps: ProcessItemDeps,
  item: LoadedItem,
  prefix: string,
  { job, signal, progress }: JobContext,
): Promise<{ result: RecordingResult; artifacts: StoredArtifact[] }> {
  const folder = await openWorkFolder(deps.workFolder);
  const source = await deps.objects.localFile(
    await findSource(deps.objects, sourceKey(item.study, item, 'video', item.videoSha256!)),
  );
  const sink = fileSink(folder);
  try {
    const chain = await deps.faceChain();
    const begun = performance.now();
    const result = await processRecording(source.path, {
      chain,
      sink,
      chunkSeconds: deps.chunkSeconds,
      limits: deps.limits,
      workFolder: folder,
      signal,
      onFrame: (done, total) => {
        const seconds = (performance.now() - begun) / 1000;
        const rate = done / seconds;
        progress({ stage: 'frames', done, total, rate, ...(seconds >= 1 && { secondsLeft: (total - done) / rate }) });
      },
    });
    if (result.status === 'UNREADABLE') {
      if (PASSING.includes(result.code) && job.attempts < job.maxAttempts)
        throw new JobRetry(result.code, result.reason);
      return { result, artifacts: [] };
    }
    progress({ stage: 'storing', done: 0, total: 1 });
    return { result, artifacts: await sink.store(deps.objects, prefix) };
  } finally {
    await source.release();
    await sink.abandon();
    await rm(folder, { recursive: true, force: true });
  }
}

async function endItem(
  deps: ProcessItemDeps,
  sql: Sql,
  item: LoadedItem,
  started: number,
  how: ItemEnd,
): Promise<ItemEnd> {
  const { outcome, reasonCode, reason, recordingId } = how;
  await sql.query(
    'UPDATE ingest_item SET outcome = $2, reason_code = $3, reason = $4, recording_id = $5, seconds = $6, finished_at = $7 WHERE id = $1',
    [item.id, outcome, reasonCode, reason, recordingId, (performance.now() - started) / 1000, deps.clock.now()],
  );
  const { study, patient, timestamp: submission } = item;
  await deps.audit.write(sql, {
    accountId: item.accountId,
    grantId: null,
    action: 'INGEST_SUBMISSION',
    detail: { study, patient, submission, outcome, reason: reasonCode, recording: recordingId },
  });
  return how;
}
