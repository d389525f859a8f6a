import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { sealedPlace } from '../../adapters/objects/sealed-store.ts';
import { patientOwner } from './drop-item.ts';

/** Of whom files are made, and which recording of theirs it is. */
export interface RecordingPlace {
  readonly study: string;
  readonly patient: string;
  readonly recordingId: string;
}

export const artifactFolder = ({ study, patient, recordingId }: RecordingPlace): string =>
  `${sealedPlace(patientOwner(study, patient))}artifacts/${recordingId}/`;

/** Where one attempt at a recording puts its files: apart from every other's. */
export const artifactPrefix = (of: RecordingPlace, attempt: string): string => `${artifactFolder(of)}${attempt}`;

/** Removes what attempts left that came to nothing. Only for a recording that has no row, or for attempts that no row names. */
export async function removeArtifacts(
  objects: ObjectStore,
  of: RecordingPlace,
  ofAttempt: (attempt: string) => boolean,
): Promise<void> {
  const folder = artifactFolder(of);
  for await (const key of objects.list(folder))
    if (ofAttempt(key.slice(folder.length).split('/')[0]!)) await objects.remove(key);
}
