import type { Modality } from '../../../../governance/modality.ts';
import type { Clock, Ids } from '../../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../../adapters/database/database.ts';
import type { ObjectStore } from '../../../adapters/objects/object-store.ts';
import type { Job } from '../../../jobs/job.ts';
import { jobActor } from '../../../jobs/job-actor.ts';
import { holdJob, JobLost } from '../../../jobs/job-fence.ts';
import { type JobContext, JobFailure, JobRefused } from '../../../jobs/job-kind.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import { writeLineage } from '../../lineage.ts';
import { loadSituation } from '../../read/facts.ts';
import { describeRelease } from '../../releases/describe-release.ts';
import { releaseState } from '../../releases/release-state.ts';
import { contentsOf, selectionDigest, stillHolds } from '../contents.ts';
import { decideExport, jobReasons } from '../export-access.ts';
import { exportPlace } from '../export-place.ts';
import { findExport, type StoredExport } from '../find-export.ts';
import { MANIFEST_FORMAT, MANIFEST_VERSION, type ManifestHead } from '../manifest-format.ts';
import { patientsOfPart, type Selection, selectRows } from '../selection.ts';
import { makeAudioFeatureFiles } from './audio-feature-files.ts';
import type { Making } from './export-builder.ts';
import { exportSink, type Fence } from './export-sink.ts';
import { makeLabelFiles } from './label-files.ts';
import { makeLabelSetFiles } from './label-set-files.ts';
import { makeLandmarkFiles } from './landmark-files.ts';
import { manifestBytes } from './manifest.ts';
import { PATHS } from './paths.ts';
import { makeFaceFiles, makeFrameFiles, makeVideoFiles } from './picture-files.ts';
import { HOW_DISJOINT, proveFolds } from './prove-folds.ts';
import { readmeText } from './readme.ts';
import { makeAudioFiles, makeSpectrogramFiles } from './sound-files.ts';
import { makeSurveyFiles } from './survey-files.ts';

export interface MakeDeps {
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  /** Where the server is reached, for what exports say of themselves. */
  publicUrl: string;
  /** Milliseconds between two looks at what may be seen, while files are made; well below two seconds. */
  lookMs?: number;
}

export interface MadeExport {
  files: number;
  bytes: number;
  manifestSha256: string;
}

/** What may be seen may change while an export is made; then it is made again, this often at most. */
const ROUNDS = 5;
const LOOK_MS = 1000;

const BUILDERS: Readonly<Partial<Record<Modality, (making: Making) => Promise<void>>>> = {
  PAIN_SCORES: makeSurveyFiles,
  AUDIO_FEATURES: makeAudioFeatureFiles,
  LANDMARKS: makeLandmarkFiles,
  SPECTROGRAMS: makeSpectrogramFiles,
  VIDEO: makeVideoFiles,
  FRAMES: makeFrameFiles,
  FACES: makeFaceFiles,
  AUDIO: makeAudioFiles,
};

/** Something of the export may be seen no more: it is made again without. */
class Changed extends Error {}

/**
 * Makes the files of an export from what may be seen now, under the grant it was asked with. Begins by removing what an earlier attempt left, so it may be
 * cut off anywhere. The export is ready in one transaction, in which everything is asked once more.
 * @throws JobRefused, JobFailure, JobLost; the signal's reason when it is aborted
 */
export async function makeExport(deps: MakeDeps, exportId: string, context: JobContext): Promise<MadeExport> {
  const of = await findExport(deps.database, exportId);
  if (of === null) throw new JobFailure('NO_SUCH_EXPORT', 'There is no such export.');
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      try {
        return await makeOnce(deps, of, context, round);
      } catch (error) {
        if (!(error instanceof Changed)) throw error;
      }
    }
    throw new JobFailure(
      'KEEPS_CHANGING',
      'What may be exported changed again and again; ask for the export once more.',
    );
  } catch (error) {
    // Ended for good: nothing of it is kept. What a killed worker leaves is removed by the next attempt, or by the job that clears ended exports.
    if (!(error instanceof JobLost))
      await clear(deps, of.id, (sql) => holdJob(sql, context.job, { ending: true })).catch(() => {});
    throw error;
  }
}

async function makeOnce(deps: MakeDeps, of: StoredExport, context: JobContext, round: number): Promise<MadeExport> {
  const { database, objects, clock, ids } = deps;
  const fence = fenceOf(context);
  await clear(deps, of.id, fence);
  const selection = await visibleNow(deps, of, context.job);
  const contents = contentsOf(selection);
  if (selection.submissions.length === 0)
    throw new JobFailure('NOTHING_TO_EXPORT', 'Nothing of what was asked for may be exported now.');
  const folds = await proveFolds(database, of.scope.releaseId, selection, of.scope.fold);
  // A job that was handed back counts its attempt again: no key of an object is used for other bytes.
  const prefix = `${exportPlace(of.id)}${context.job.attempts}-${round}-${ids.uuid()}`;
  const sink = exportSink({ database, objects, exportId: of.id, prefix, fence });
  let looked = performance.now();
  const making: Making = {
    database,
    objects,
    sink,
    scope: of.scope,
    selection,
    leftOut: [],
    async pulse(stage, done, total) {
      context.signal.throwIfAborted();
      context.progress({ stage, done, total });
      if (performance.now() - looked < (deps.lookMs ?? LOOK_MS)) return;
      looked = performance.now();
      if (!stillHolds(contents, await visibleNow(deps, of, context.job))) throw new Changed();
    },
  };
  await makeLabelFiles(making);
  await makeLabelSetFiles(making);
  for (const modality of of.scope.modalities) await BUILDERS[modality]?.(making);
  await sink.flush();
  const createdAt = clock.now();
  const head = await headOf(deps, of, selection, { folds, leftOut: making.leftOut, createdAt });
  const described = await describeRelease(database, {
    releaseId: of.scope.releaseId,
    ...{ publicUrl: deps.publicUrl, now: createdAt, modalities: of.scope.modalities },
  });
  const about: readonly (readonly [string, string])[] = [
    [PATHS.readme, readmeText(head)],
    // A draft has no description: what is exported of it is for the curators who look at it.
    ...(described === null ? [] : [[PATHS.croissant, `${JSON.stringify(described, null, 2)}\n`] as const]),
  ];
  for (const [path, text] of about) {
    const { bytes } = await sink.add({ path, modality: null }, Buffer.from(text));
    head.counts.files += 1;
    head.counts.bytes += bytes;
  }
  await sink.flush();
  const manifest = await sink.add({ path: PATHS.manifest, modality: null }, manifestBytes(database, of.id, head));
  await sink.flush();
  context.signal.throwIfAborted();
  const made = {
    files: head.counts.files + 1,
    bytes: head.counts.bytes + manifest.bytes,
    manifestSha256: manifest.sha256,
  };
  await database.transaction(async (sql) => {
    const patients = contents.patients.map(({ id }) => id);
    if (!(await writeLineage(sql, { subject: 'EXPORT', id: of.id, patients }))) throw new Changed();
    await fence(sql);
    if (!stillHolds(contents, await visibleNow(deps, of, context.job, sql))) throw new Changed();
    // The manifest without its files, and what the export's right to exist depends on.
    await sql.query(
      'UPDATE data_export SET manifest = $2, manifest_sha256 = $3, file_count = $4, bytes = $5, ready_at = $6 WHERE id = $1',
      [of.id, JSON.stringify({ head, contents }), made.manifestSha256, made.files, made.bytes, createdAt],
    );
    await deps.audit.write(sql, {
      accountId: of.accountId,
      grantId: of.grantId,
      action: 'EXPORT',
      detail: {
        export: of.id,
        release: of.scope.releaseId,
        version: head.release.state,
        fold: of.scope.fold,
        part: of.scope.part,
        modalities: [...of.scope.modalities],
        patients: selection.patients.map(({ code }) => code),
        counts: head.counts,
        manifest: made.manifestSha256,
        ...(context.job.tokenId !== null && { token: context.job.tokenId }),
      },
    });
  });
  return made;
}

/** What may be seen at this moment, decided anew. @param inside the transaction that asks, if one does @throws JobRefused */
async function visibleNow(
  { database, clock }: MakeDeps,
  of: StoredExport,
  job: Job,
  inside: Sql | null = null,
): Promise<Selection> {
  const now = clock.now();
  const situation = await loadSituation(inside ?? database, {
    accountId: of.accountId,
    study: { releaseId: of.scope.releaseId },
    now,
  });
  const release = situation?.releases.find(({ id }) => id === of.scope.releaseId);
  if (!situation || !release) throw new JobFailure('RELEASE_UNKNOWN', 'There is no such release.');
  const access = decideExport(jobActor(of, job), situation, release, of.scope.modalities, now);
  if (!access.ok) throw new JobRefused(jobReasons(access.refused));
  return selectRows(database, of.scope, access.filter, access.timeZone, inside);
}

const fenceOf =
  ({ job }: JobContext): Fence =>
  (sql) =>
    holdJob(sql, job);

/** Removes what an earlier attempt, or an earlier round of this one, has made. */
async function clear({ database, objects }: MakeDeps, exportId: string, fence: Fence): Promise<void> {
  await database.transaction(async (sql) => {
    await fence(sql);
    await sql.query('DELETE FROM export_file WHERE export_id = $1', [exportId]);
  });
  for await (const key of objects.list(exportPlace(exportId))) await objects.remove(key);
}

async function headOf(
  { database }: MakeDeps,
  of: StoredExport,
  selection: Selection,
  more: { folds: ManifestHead['folds']; leftOut: Making['leftOut']; createdAt: Date },
): Promise<ManifestHead> {
  const { rows } = await database.query<{ files: number; bytes: number; chunks: number }>(
    `SELECT count(*)::int AS files, coalesce(sum(bytes), 0)::bigint AS bytes,
       (SELECT count(*)::int FROM chunk WHERE recording_id = ANY ($2::uuid[])) AS chunks
     FROM export_file WHERE export_id = $1`,
    [of.id, selection.submissions.map(({ recordingId }) => recordingId)],
  );
  const { files = 0, bytes = 0, chunks = 0 } = rows[0] ?? {};
  const { fold, part, modalities } = of.scope;
  const now = await releaseState(database, of.scope.releaseId);
  if (now === null) throw new JobFailure('RELEASE_UNKNOWN', 'There is no such release.');
  const state = now.cited;
  const sum = (count: (of: Selection['submissions'][number]) => number): number =>
    selection.submissions.reduce((total, submission) => total + count(submission), 0);
  const contentDigest = selectionDigest(selection);
  return {
    format: MANIFEST_FORMAT,
    formatVersion: MANIFEST_VERSION,
    export: of.id,
    study: { key: of.study.key, title: of.study.title },
    synthetic: of.study.synthetic,
    release: { version: of.version, state, digest: of.digest, stateDigest: now.digest },
    contentDigest,
    fold,
    part,
    modalities: [...modalities],
    grant: of.grantId,
    requestedBy: of.username,
    createdAt: more.createdAt.toISOString(),
    counts: {
      patients: patientsOfPart(selection, part).length,
      submissions: selection.submissions.length,
      frames: sum(({ frameCount, hiddenFrames }) => frameCount - hiddenFrames.length),
      chunks: chunks - sum(({ hiddenChunks }) => hiddenChunks.length),
      files,
      bytes,
    },
    folds: more.folds,
    disjointness: HOW_DISJOINT,
    leftOut: [...more.leftOut].sort((a, b) => (a.path < b.path ? -1 : 1)),
    cite: `Cite as: ${of.study.title}${of.study.synthetic ? ' (synthetic)' : ''}, release ${state}, digest ${now.digest.slice(0, 16)}, content ${contentDigest.slice(0, 16)}.`,
  };
}
