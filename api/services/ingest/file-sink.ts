import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactAbout, ArtifactKind, ArtifactSink } from '../../../pipeline/stages/artifact-sink.ts';
import type { ObjectStore } from '../../adapters/objects/object-store.ts';

export interface StoredArtifact extends ArtifactAbout {
  kind: ArtifactKind;
  objectKey: string;
  bytes: number;
  sha256: string;
  offsets: number[] | null;
}

/**
 * Collects the pipeline's files in a folder of one job, then stores them: nothing is in the object store before everything of the recording is made.
 */
export function fileSink(
  folder: string,
): ArtifactSink & { store(objects: ObjectStore, prefix: string): Promise<StoredArtifact[]>; abandon(): Promise<void> } {
  const made = new Map<
    ArtifactKind,
    { path: string; about: ArtifactAbout; offsets: number[] | null; file: FileHandle }
  >();
  return {
    async open(kind, about) {
      const path = join(folder, kind);
      const file = await open(path, 'w', 0o600);
      const entry = { path, about, offsets: null as number[] | null, file };
      made.set(kind, entry);
      let at = 0;
      return {
        async write(bytes) {
          for (let done = 0; done < bytes.length; )
            done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
          at += bytes.length;
        },
        async overwriteStart(bytes) {
          await file.write(bytes, 0, bytes.length, 0);
        },
        async close(offsets) {
          entry.offsets = offsets ?? null;
          await file.close();
        },
      };
    },
    async store(objects, prefix) {
      // Side by side: the disk is flushed once for several, not for each in its turn.
      const ends = await Promise.allSettled(
        [...made].map(async ([kind, { path, about, offsets }]) => {
          const objectKey = `${prefix}/${kind.toLowerCase().replaceAll('_', '-')}`;
          const { bytes, sha256 } = await objects.put(objectKey, createReadStream(path, { highWaterMark: 1 << 20 }));
          await rm(path);
          return { kind, objectKey, bytes, sha256, offsets, ...about };
        }),
      );
      // Only when none is being written any more: the caller then clears what was stored.
      return ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return end.value;
      });
    },
    async abandon() {
      await Promise.all([...made.values()].map(({ file }) => file.close().catch(() => {})));
    },
  };
}

/** SHA-256 (hex) of a file, streamed. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest('hex');
}
