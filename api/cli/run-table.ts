import type { RunFacts } from './commands/run.ts';
import { table } from './table.ts';
import { safe } from './terminal.ts';

const share = (value: number | null | undefined): string => (value == null ? '' : `${(value * 100).toFixed(1)} %`);

/** A run's accuracies beside the published ones, a line for all patients and for each class. */
export function runTable({
  experiment,
  classes,
  preset,
  fold,
  seed,
  release,
  result,
  published,
  provenance,
}: RunFacts): string {
  const before = new Map(published?.byClass.map((one) => [one.class, one.accuracy]));
  const rows = [
    ['all patients', share(result?.overall), share(published?.overall)],
    ...(result?.byClass ?? []).map((one) => [one.class, share(one.accuracy), share(before.get(one.class))]),
  ];
  const columns = [
    { title: '' },
    { title: 'this run', align: 'right' as const },
    { title: 'published', align: 'right' as const },
  ];
  const folds = fold === null ? 'all folds' : `fold ${fold}`;
  const head = `${safe(experiment)}, ${classes} classes, ${folds}, release ${safe(release.version)}, preset ${safe(preset)}, seed ${seed}`;
  const note = (provenance as { comparable?: unknown } | null)?.comparable;
  return `${head}\n\n${table(columns, rows)}\n\nMean accuracy over patients, each predicted by the model of the fold that withheld them.${typeof note === 'string' ? `\n${safe(note)}` : ''}`;
}
