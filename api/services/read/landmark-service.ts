import { LANDMARK_RECORD_BYTES } from '../../../governance/modality.ts';
import type { LandmarkService } from '../../../schema/context.ts';
import { type ObjectStore, readWhole } from '../../adapters/objects/object-store.ts';

/** Landmarks out of the packed files, by ranges of bytes; neighbouring frames of one file are read at once. */
export function landmarkService(objects: ObjectStore): LandmarkService {
  return {
    async read(records) {
      const found = new Array<Uint8Array>(records.length);
      const byFile = new Map<string, { frame: number; at: number }[]>();
      for (const [at, { objectKey, frame }] of records.entries())
        byFile.set(objectKey, [...(byFile.get(objectKey) ?? []), { frame, at }]);
      for (const [key, wanted] of byFile) {
        const first = Math.min(...wanted.map(({ frame }) => frame));
        const last = Math.max(...wanted.map(({ frame }) => frame));
        const bytes = await readWhole(objects, key, {
          first: (first - 1) * LANDMARK_RECORD_BYTES,
          last: last * LANDMARK_RECORD_BYTES - 1,
        });
        for (const { frame, at } of wanted)
          found[at] = bytes.subarray(
            (frame - first) * LANDMARK_RECORD_BYTES,
            (frame - first + 1) * LANDMARK_RECORD_BYTES,
          );
      }
      return found;
    },
  };
}
