import type { ObjectStore } from '../../adapters/objects/object-store.ts';

const folderOf = (study: string, recordingId: string): string => `artifacts/${study}/${recordingId}/`;

/** Where one attempt at a recording puts its files: apart from every other's. */
export const artifactPrefix = (study: string, recordingId: string, attempt: string): string =>
  `${folderOf(study, recordingId)}${attempt}`;

/** Removes what attempts left that came to nothing. Only for a recording that has no row, or for attempts that no row names. */
export async function removeArtifacts(
  objects: ObjectStore,
  study: string,
  recordingId: string,
  ofAttempt: (attempt: string) => boolean,
): Promise<void> {
  const folder = folderOf(study, recordingId);
  for await (const key of objects.list(folder))
    if (ofAttempt(key.slice(folder.length).split('/')[0]!)) await objects.remove(key);
}
