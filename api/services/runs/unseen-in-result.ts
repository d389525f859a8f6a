import type { RowFilter } from '../../../governance/rows.ts';
import type { BaselineResult } from '../../../pipeline/baselines/experiment.ts';
import type { Database } from '../../adapters/database/database.ts';
import { selectRows } from '../exports/selection.ts';
import { withdrawnOf } from '../lineage.ts';

/**
 * Codes in a result of whom the reader may see nothing now: withdrawn, consent ended, all of it in quarantine.
 * @param filter what the reader sees of LABELS; null where nothing, and then nobody is named anyway
 */
export async function unseenIn(
  database: Database,
  { evaluation, folds }: BaselineResult,
  releaseId: string,
  filter: RowFilter | null,
  timeZone: string,
): Promise<ReadonlySet<string>> {
  if (filter === null) return withdrawnOf(database, releaseId);
  const scope = { releaseId, fold: null, part: 'ALL', modalities: ['LABELS'] } as const;
  const { submissions } = await selectRows(database, scope, filter, timeZone);
  const seen = new Set(submissions.map(({ patient }) => patient.code));
  const named = [...evaluation.byPatient.map(({ patient }) => patient), ...folds.flatMap((fold) => fold.testPatients)];
  return new Set(named.filter((code) => !seen.has(code)));
}
