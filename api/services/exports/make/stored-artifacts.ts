import type { Modality } from '../../../../governance/modality.ts';
import { JobFailure } from '../../../jobs/job-kind.ts';
import type { SelectedSubmission } from '../selection.ts';
import { eachWith, type Making, submissionsWith } from './export-builder.ts';
import { sha256Of } from './export-sink.ts';

/** A stored file of a recording. */
export interface StoredArtifact {
  recordingId: string;
  kind: string;
  objectKey: string;
  bytes: number;
  sha256: string;
  /** Where the parts of a packed file begin, then its end. */
  offsets: number[] | null;
}

/** Submissions whose patients allow the kind of data, with the recording's files of these kinds (names of the table `artifact`). */
export async function* eachWithArtifacts(
  making: Making,
  modality: Modality,
  kinds: readonly string[],
): AsyncGenerator<{ submission: SelectedSubmission; artifact: (kind: string) => StoredArtifact | undefined }> {
  // Kinds are words of ours. Offsets come as text: node-postgres gives arrays of bigint as strings.
  const sql = `SELECT recording_id AS "recordingId", kind, object_key AS "objectKey", bytes, sha256, to_json(offsets) AS offsets FROM artifact
    WHERE recording_id = ANY ($1::uuid[]) AND kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`;
  const submissions = submissionsWith(making, modality);
  for await (const { submission, rows } of eachWith<StoredArtifact>(making, modality.toLowerCase(), submissions, sql))
    yield { submission, artifact: (kind) => rows.find((row) => row.kind === kind) };
}

/** The whole of a stored file under a path of the export; its checksum is known. @throws JobFailure where the store does not have it */
export async function addWhole(
  making: Making,
  file: { path: string; modality: Modality; submissionId: string },
  { objectKey, bytes, sha256 }: StoredArtifact,
): Promise<void> {
  if ((await making.objects.size(objectKey)) !== bytes) throw missing();
  await making.sink.range({ ...file, objectKey, firstByte: 0, bytes, sha256 });
}

/** A byte range of a stored file, in order of the file. */
export interface Piece {
  readonly path: string;
  readonly firstByte: number;
  readonly bytes: number;
  /** Bytes of its own before them. */
  readonly prefix?: Uint8Array;
}

/**
 * Pieces of a stored file, one reading of it for all their checksums; one piece is in memory at a time.
 * @param pieces in order, without overlap
 */
export async function addPieces(
  making: Making,
  { modality, submissionId }: { modality: Modality; submissionId: string },
  { objectKey, bytes }: StoredArtifact,
  pieces: readonly Piece[],
): Promise<void> {
  const last = pieces.at(-1);
  if (last === undefined) return;
  if ((await making.objects.size(objectKey)) !== bytes) throw missing();
  const reader = byteReader(making.objects.read(objectKey));
  for (const piece of pieces) {
    await reader.skipTo(piece.firstByte);
    const body = await reader.take(piece.bytes);
    const prefix = piece.prefix ?? new Uint8Array(0);
    await making.sink.range({
      path: piece.path,
      modality,
      submissionId,
      objectKey,
      firstByte: piece.firstByte,
      ...(piece.prefix && { prefix: piece.prefix }),
      bytes: prefix.length + piece.bytes,
      sha256: sha256Of(prefix, ...body),
    });
  }
  await reader.close();
}

const missing = (): JobFailure =>
  new JobFailure(
    'ARTIFACT_MISSING',
    'A file of the release is not where it was stored; the server’s operators can restore it.',
  );

/** Takes a stream in portions of any size, without copying. */
export function byteReader(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  async function take(bytes: number): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    for (let wanted = bytes; wanted > 0; ) {
      if (rest.length === 0) {
        const next = await iterator.next();
        if (next.done) throw missing();
        rest = next.value;
        continue;
      }
      const part = rest.subarray(0, wanted);
      rest = rest.subarray(part.length);
      wanted -= part.length;
      position += part.length;
      parts.push(part);
    }
    return parts;
  }
  return {
    /** The next bytes, as the pieces they came in. @throws JobFailure at the end of the source */
    take,
    /** Goes forward to a position. */
    skipTo: async (to: number): Promise<void> => {
      while (position < to) await take(Math.min(to - position, 1 << 20));
    },
    close: async (): Promise<void> => {
      await iterator.return?.();
    },
  };
}
