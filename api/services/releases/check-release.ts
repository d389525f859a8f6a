import { createHash } from 'node:crypto';
import type { Database } from '../../adapters/database/database.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { checkRows } from './check-rows.ts';
import { foldShares } from './fold-shares.ts';
import type { ReleaseProblem } from './release-command.ts';
import { releaseDigest } from './release-digest.ts';

const PAGE = 5000;

interface ArtifactRow {
  id: string;
  key: string;
  bytes: number;
  sha256: string;
  kind: string;
  frames: number;
  chunks: number;
  /** Entries of the offsets of a packed file: one more than its parts. */
  parts: number | null;
}

/**
 * Proves what a release promises: every file is recorded and there with its size and, when asked, its checksum; packed files have a part for each frame
 * or chunk; dates are moved; nobody in it has withdrawn; no patient is in two folds; the digest is that of the rows. Returns every problem found.
 */
export async function checkRelease(
  deps: { database: Database; objects: ObjectStore },
  releaseId: string,
  options: { checksums: boolean },
): Promise<ReleaseProblem[]> {
  const { database, objects } = deps;
  const problems = await checkRows(database, releaseId);
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await database.query<ArtifactRow & Record<string, unknown>>(
      `SELECT a.id, a.object_key AS key, a.bytes, a.sha256, a.kind, cardinality(a.offsets) AS parts, r.frame_count AS frames, r.chunk_count AS chunks
       FROM release_submission rs JOIN recording r ON r.id = rs.recording_id JOIN artifact a ON a.recording_id = r.id
       WHERE rs.release_id = $1 AND a.id > $2 ORDER BY a.id LIMIT ${PAGE}`,
      [releaseId, after],
    );
    for (const artifact of rows) {
      const problem = await artifactProblem(objects, artifact, options.checksums);
      if (problem) problems.push({ about: artifact.key, problem });
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.id;
  }
  const { rows: folds } = await database.query<{ split: number }>(
    'SELECT DISTINCT split FROM release_patient WHERE release_id = $1 ORDER BY split',
    [releaseId],
  );
  for (const { split } of folds)
    if (await foldShares(database, releaseId, split))
      problems.push({ about: `fold ${split}`, problem: 'training and test share a patient or a video' });
  const { rows: release } = await database.query<{ digest: string | null }>(
    'SELECT digest FROM release WHERE id = $1',
    [releaseId],
  );
  if (release[0]?.digest !== (await releaseDigest(database, releaseId)))
    problems.push({ about: 'release', problem: 'its digest is not that of its rows' });
  return problems;
}

async function artifactProblem(
  objects: ObjectStore,
  artifact: ArtifactRow,
  checksums: boolean,
): Promise<string | null> {
  const size = await objects.size(artifact.key);
  if (size === null) return 'the file is missing';
  if (size !== artifact.bytes) return `the file has ${size} bytes instead of ${artifact.bytes}`;
  if ((artifact.kind === 'FRAMES' || artifact.kind === 'FACES') && artifact.parts !== artifact.frames + 1)
    return `it holds ${(artifact.parts ?? 1) - 1} parts for ${artifact.frames} frames`;
  if (artifact.kind.startsWith('CHUNK_') && artifact.parts !== artifact.chunks + 1)
    return `it holds ${(artifact.parts ?? 1) - 1} parts for ${artifact.chunks} chunks`;
  if (artifact.kind === 'LANDMARKS' && artifact.bytes !== artifact.frames * 468 * 3 * 4)
    return 'its length is not 468 x 3 float32 for each frame';
  if (!checksums) return null;
  const hash = createHash('sha256');
  for await (const part of objects.read(artifact.key)) hash.update(part);
  return hash.digest('hex') === artifact.sha256 ? null : 'its checksum is not the recorded one';
}
