import type { Database } from '../../../adapters/database/database.ts';
import { JobFailure } from '../../../jobs/job-kind.ts';
import { foldShares } from '../../releases/fold-shares.ts';
import type { Manifest } from '../manifest-format.ts';
import { type Selection, sideOf } from '../selection.ts';
import { foldsIn } from './label-files.ts';

/** How `folds` of a manifest was worked out, for its reader. */
export const HOW_DISJOINT =
  'For each fold listed, the codes of all patients that may be seen, by side. When the export was made, all rows of the release were searched for a ' +
  'patient on both sides of the fold and for a video (by its SHA-256) on both sides; none was found. `iss verify` compares the lists again.';

/**
 * Both sides of the exported fold (of every fold, where none is named), proved to share nothing: the lists by comparing them, patients and videos by
 * searching all rows of the release, those that may not be seen among them.
 * @throws JobFailure FOLDS_NOT_DISJOINT
 */
export async function proveFolds(
  database: Database,
  releaseId: string,
  selection: Selection,
  fold: number | null,
): Promise<Manifest['folds']> {
  const folds: Manifest['folds'] = [];
  for (const number of fold === null ? foldsIn(selection.patients) : [fold]) {
    const side = (name: 'train' | 'test'): string[] =>
      selection.patients.filter(({ split }) => sideOf(split, number) === name).map(({ code }) => code);
    const [trainPatients, testPatients] = [side('train'), side('test')];
    const train = new Set(trainPatients);
    const shared = testPatients.some((code) => train.has(code)) || (await foldShares(database, releaseId, number));
    if (shared)
      throw new JobFailure(
        'FOLDS_NOT_DISJOINT',
        `Training and test of fold ${number} share a patient or a video; the release has to be corrected.`,
      );
    folds.push({ number, trainPatients, testPatients, disjoint: true });
  }
  return folds;
}
