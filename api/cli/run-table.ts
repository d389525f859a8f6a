import type { RunFacts } from './commands/run.ts';
import { table } from './table.ts';
import { safe } from './terminal.ts';

const share = (value: number | null | undefined): string => (value == null ? '' : `${(value * 100).toFixed(1)} %`);
const MEANING = 'Mean accuracy over patients, each predicted by the model of the fold that withheld them.';

/** A run's accuracies beside the published ones, a line for all patients and for each class. */
export function runTable(run: RunFacts): string {
  const { result, published } = run;
  const before = new Map(published?.byClass.map((one) => [one.class, one.accuracy]));
  const rows = [
    ['all patients', String(result?.patients ?? ''), share(result?.overall), share(published?.overall)],
    ...(result?.byClass ?? []).map((one) => [
      one.class,
      String(one.patients),
      share(one.accuracy),
      share(before.get(one.class)),
    ]),
  ];
  const align = 'right' as const;
  const columns = [
    { title: '' },
    { title: 'patients', align },
    { title: 'this run', align },
    ...(published ? [{ title: 'published (ISS)', align }] : []),
  ];
  const folds = run.fold === null ? 'all folds' : `fold ${run.fold}`;
  const head = `${run.experiment}, ${run.classes} classes, ${folds}, release ${run.release.version}, preset ${run.preset}, seed ${run.seed}`;
  return [safe(head), '', table(columns, rows), '', MEANING, ...(run.comparable ? [safe(run.comparable)] : [])].join(
    '\n',
  );
}
