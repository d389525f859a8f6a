import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import { type LandmarkRows, landmarkCollector } from '../../../pipeline/baselines/random-forest-landmarks.ts';
import type { Fold } from '../../../pipeline/labels/folds.ts';
import {
  evenly,
  landmarksOf,
  patientsAndFolds,
  type Reading,
  type ReadingWatch,
  recordingPacks,
  type SeenRelease,
  selectForRun,
} from './run-selection.ts';

/** What a run on landmarks reads, as far as the row rule lets its holder have it at this moment. */
export interface LandmarkRunRows {
  patients: PatientFacts[];
  folds: Fold[];
  rows: LandmarkRows;
}

/**
 * Frames with landmarks of a release, in order of patient, moment and number.
 * @param most frames of one submission, taken evenly over it; null for all
 * @throws JobFailure where a stored file is shorter than it was; the signal's reason when it is aborted
 */
export async function landmarkRunRows(
  reading: Reading,
  of: SeenRelease,
  most: number | null,
  { signal, progress }: ReadingWatch,
): Promise<LandmarkRunRows> {
  const selected = await selectForRun(reading, of, ['LANDMARKS']);
  const files = [];
  for await (const found of recordingPacks(reading, selected.submissions, ['LANDMARKS'], signal)) {
    const { submission, landmarksFound } = found;
    const pack = found.pack('LANDMARKS');
    const hidden = new Set(submission.hiddenFrames);
    const numbers = landmarksFound.flatMap((yes, index) => (yes && !hidden.has(index + 1) ? [index + 1] : []));
    if (pack !== undefined) files.push({ code: submission.patient.code, pack, numbers: evenly(numbers, most) });
  }
  const collector = landmarkCollector(files.reduce((sum, { numbers }) => sum + numbers.length, 0));
  for (const [index, { code, pack, numbers }] of files.entries()) {
    signal.throwIfAborted();
    for await (const record of landmarksOf(reading, pack, numbers)) collector.add(code, record);
    progress(index + 1, files.length);
  }
  const rows = collector.rows();
  return { ...patientsAndFolds(selected, rows.patients), rows };
}
