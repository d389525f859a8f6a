import { createHash } from 'node:crypto';
import type { Database } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import type { JobProgress } from '../../jobs/job.ts';
import { formProblem, formReader, type RecordedArtifact } from './artifact-form.ts';
import { checkRows } from './check-rows.ts';
import { foldsOfRelease } from './find-release.ts';
import { foldShares } from './fold-shares.ts';
import type { ReleaseProblem } from './release-command.ts';
import { releaseDigest } from './release-digest.ts';

const PAGE = 2000;

type ArtifactRow = RecordedArtifact & { id: string; key: string; sha256: string };

export interface CheckOptions {
  /** Whether every byte is read: its checksum compared, its form looked at. */
  readonly checksums: boolean;
  /** Ends the check with its reason when it is aborted. */
  readonly signal?: AbortSignal;
  readonly progress?: (progress: JobProgress) => void;
}

/** What a check found, and of what: the revision of what the release lists, and the digest of everything that it holds. */
export interface CheckOutcome {
  readonly problems: readonly ReleaseProblem[];
  readonly revision: number;
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Proves what a release promises: every file is recorded and there with its size and form and, when asked, its checksum; packed files have a part for
 * each frame or chunk; dates are moved; nobody in it has withdrawn; no patient is in two folds; the digest is that of the rows.
 */
export async function runReleaseCheck(
  deps: { database: Database; objects: ObjectStore },
  releaseId: string,
  options: CheckOptions,
): Promise<CheckOutcome> {
  const { database } = deps;
  const { rows: release } = await database.query<{ digest: string | null; revision: number }>(
    'SELECT digest, revision FROM release WHERE id = $1',
    [releaseId],
  );
  options.progress?.({ stage: 'rows', done: 0, total: 1 });
  const problems = await checkRows(database, releaseId);
  const folds = await foldsOfRelease(database, releaseId);
  for (const [done, split] of folds.entries()) {
    options.signal?.throwIfAborted();
    options.progress?.({ stage: 'folds', done, total: folds.length });
    if (await foldShares(database, releaseId, split))
      problems.push({ about: `fold ${split}`, problem: 'training and test share a patient or a video' });
  }
  const digest = await releaseDigest(database, releaseId, options);
  if (release[0]?.digest !== digest) problems.push({ about: 'release', problem: 'its digest is not that of its rows' });
  const { files, bytes } = await checkFiles(deps, releaseId, options, problems);
  return { problems, revision: release[0]?.revision ?? 0, digest, files, bytes };
}

/** Every problem of a release, by a check of its own that is not kept. */
export const checkRelease = async (
  deps: { database: Database; objects: ObjectStore },
  releaseId: string,
  options: CheckOptions,
): Promise<readonly ReleaseProblem[]> => (await runReleaseCheck(deps, releaseId, options)).problems;

async function checkFiles(
  { database, objects }: { database: Database; objects: ObjectStore },
  releaseId: string,
  options: CheckOptions,
  problems: ReleaseProblem[],
): Promise<{ files: number; bytes: number }> {
  const { rows: counts } = await database.query<{ total: number }>(
    'SELECT count(*)::int AS total FROM release_submission rs JOIN artifact a ON a.recording_id = rs.recording_id WHERE rs.release_id = $1',
    [releaseId],
  );
  const total = counts[0]?.total ?? 0;
  const began = performance.now();
  let files = 0;
  let bytes = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await database.query<ArtifactRow & Record<string, unknown>>(
      `SELECT a.id, a.object_key AS key, a.bytes, a.sha256, a.kind, a.content_type AS "contentType", to_json(a.offsets) AS offsets,
         r.frame_count AS frames, r.chunk_count AS chunks
       FROM release_submission rs JOIN recording r ON r.id = rs.recording_id JOIN artifact a ON a.recording_id = r.id
       WHERE rs.release_id = $1 AND a.id > $2 ORDER BY a.id LIMIT ${PAGE}`,
      [releaseId, after],
    );
    for (const artifact of rows) {
      options.signal?.throwIfAborted();
      const problem = await artifactProblem(objects, artifact, options);
      if (problem) problems.push({ about: artifact.key, problem });
      files += 1;
      bytes += artifact.bytes;
      const rate = (files / (performance.now() - began)) * 1000;
      options.progress?.({ stage: 'files', done: files, total, rate, secondsLeft: (total - files) / rate });
    }
    if (rows.length < PAGE) return { files, bytes };
    after = rows.at(-1)!.id;
  }
}

async function artifactProblem(
  objects: ObjectStore,
  artifact: ArtifactRow,
  { checksums, signal }: CheckOptions,
): Promise<string | null> {
  const size = await objects.size(artifact.key);
  if (size === null) return 'the file is missing';
  if (size !== artifact.bytes) return `the file has ${size} bytes instead of ${artifact.bytes}`;
  const form = formProblem(artifact);
  if (form !== null || !checksums) return form;
  const hash = createHash('sha256');
  const reader = formReader(artifact);
  for await (const part of objects.read(artifact.key)) {
    signal?.throwIfAborted();
    hash.update(part);
    reader.read(part);
  }
  return hash.digest('hex') === artifact.sha256 ? reader.problem() : 'its checksum is not the recorded one';
}
