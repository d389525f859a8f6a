import type { Modality } from '../../../governance/modality.ts';
import type { ModalityRefusal } from './export-access.ts';
import type { Part } from './selection.ts';

/** Why an export is not made; `message` is a sentence that its reader can act on. */
export type ExportRefusal =
  | {
      readonly ok: false;
      readonly code: 'STUDY_UNKNOWN';
      readonly message: string;
      readonly studies: readonly string[];
    }
  | {
      readonly ok: false;
      readonly code: 'RELEASE_UNKNOWN';
      readonly message: string;
      /** Versions that there are, newest first. */
      readonly releases: readonly string[];
    }
  | {
      readonly ok: false;
      readonly code: 'FOLD_UNKNOWN' | 'FOLD_NEEDED';
      readonly message: string;
      readonly folds: readonly number[];
    }
  | { readonly ok: false; readonly code: 'MODALITIES_EMPTY' | 'NOTHING_TO_EXPORT'; readonly message: string }
  | { readonly ok: false; readonly code: 'EXPORT_LIMIT'; readonly message: string }
  | {
      readonly ok: false;
      readonly code: 'FORBIDDEN';
      readonly message: string;
      readonly refused: readonly ModalityRefusal[];
    };

const listed = (items: readonly (string | number)[]): string => (items.length === 0 ? 'none' : items.join(', '));

export const studyUnknown = (studies: readonly string[]): ExportRefusal => ({
  ok: false,
  code: 'STUDY_UNKNOWN',
  message: `There is no such study; there are: ${listed(studies)}.`,
  studies,
});

export const releaseUnknown = (releases: readonly string[]): ExportRefusal => ({
  ok: false,
  code: 'RELEASE_UNKNOWN',
  message: `There is no such release; there are: ${listed(releases)}.`,
  releases,
});

export const foldUnknown = (fold: number, folds: readonly number[]): ExportRefusal => ({
  ok: false,
  code: 'FOLD_UNKNOWN',
  message: `The release has no fold ${fold}; it has: ${listed(folds)}.`,
  folds,
});

export const foldNeeded = (part: Part, folds: readonly number[]): ExportRefusal => ({
  ok: false,
  code: 'FOLD_NEEDED',
  message: `Without a fold there is no ${part.toLowerCase()} part: name one of ${listed(folds)}, or ask for all.`,
  folds,
});

export const modalitiesEmpty = (): ExportRefusal => ({
  ok: false,
  code: 'MODALITIES_EMPTY',
  message: 'Name at least one kind of data to export.',
});

export const nothingToExport = (): ExportRefusal => ({
  ok: false,
  code: 'NOTHING_TO_EXPORT',
  message: 'Nothing of this part may be exported under your grant now.',
});

export const tooManyWaiting = (most: number): ExportRefusal => ({
  ok: false,
  code: 'EXPORT_LIMIT',
  message: `You have ${most} exports that wait or are being made, as many as one person may: ask again when one of them has ended, or end one.`,
});

export const forbidden = (refused: readonly ModalityRefusal[]): ExportRefusal => ({
  ok: false,
  code: 'FORBIDDEN',
  message: `Your access does not allow the export of ${listed(refused.map(({ modality }): Modality => modality))}.`,
  refused,
});
