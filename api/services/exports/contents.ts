import { canonicalText, sha256 } from '../../../governance/canonical.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Selection } from './selection.ts';

/**
 * What an export holds, as far as its right to exist depends on it. Kept with the export and compared with what may be seen later: the export ends
 * when anything of it may be seen no more. What may be seen in addition (a quarantine lifted, a consent given anew) ends nothing.
 */
export interface Contents {
  /** Patients that it names, with the kinds of data that their consent allowed. */
  readonly patients: readonly { readonly id: string; readonly modalities: readonly Modality[] }[];
  readonly submissions: readonly {
    readonly id: string;
    readonly whole: boolean;
    readonly hiddenFrames: readonly number[];
    readonly hiddenChunks: readonly number[];
  }[];
}

export const contentsOf = ({ patients, submissions }: Selection): Contents => ({
  patients: patients.map(({ id, modalities }) => ({ id, modalities: [...modalities].sort() })),
  submissions: submissions.map(({ id, whole, hiddenFrames, hiddenChunks }) => ({
    id,
    whole,
    hiddenFrames,
    hiddenChunks,
  })),
});

const within = <T>(some: readonly T[], all: readonly T[]): boolean => {
  if (some.length === 0) return true;
  const set = new Set(all);
  return some.every((one) => set.has(one));
};

/** True while everything that the export holds may be seen in `now`. */
export const stillHolds = (contents: Contents, now: Selection): boolean => isWithin(contents, contentsOf(now));

/** True while everything of one may be seen in the other. */
export function isWithin(contents: Contents, now: Contents): boolean {
  const patients = new Map(now.patients.map((patient) => [patient.id, patient]));
  const submissions = new Map(now.submissions.map((submission) => [submission.id, submission]));
  return (
    contents.patients.every(({ id, modalities }) => {
      const seen = patients.get(id);
      return seen !== undefined && within(modalities, seen.modalities);
    }) &&
    contents.submissions.every(({ id, whole, hiddenFrames, hiddenChunks }) => {
      const seen = submissions.get(id);
      if (seen === undefined || (whole && !seen.whole)) return false;
      return within(seen.hiddenFrames, hiddenFrames) && within(seen.hiddenChunks, hiddenChunks);
    })
  );
}

/** SHA-256 of what may be seen, by public names alone: two exports of the same scope with the same digest were made from the same rows. */
export const selectionDigest = ({ patients, submissions }: Selection): string =>
  sha256(
    canonicalText({
      patients: patients.map(({ code, split, modalities }) => [code, split, [...modalities].sort().join(' ')]),
      submissions: submissions.map(({ patient, at, whole, hiddenFrames, hiddenChunks }) => [
        patient.code,
        at.text,
        whole,
        hiddenFrames,
        hiddenChunks,
      ]),
    }),
  );
