import { z } from 'zod';
import { durationText } from '../progress-line.ts';
import { table } from './table.ts';
import { safe } from './terminal.ts';

const FOLD = z.object({
  fold: z.number(),
  trainPatients: z.number(),
  testPatients: z.number(),
  trainRows: z.number(),
  testRows: z.number(),
});

export const RUN_PREVIEW = z.object({
  study: z.string(),
  release: z.string(),
  experiment: z.string(),
  classes: z.number(),
  preset: z.string(),
  fold: z.number().nullable(),
  seed: z.number(),
  reads: z.array(z.string()),
  comparable: z.string(),
  secondsTypical: z.number().nullable(),
  waiting: z.number(),
  folds: z.array(FOLD).nullable(),
});
export type RunPreview = z.infer<typeof RUN_PREVIEW>;

export const PREVIEW = `query RunPreview($study: String, $release: String, $experiment: String!, $classes: Int, $preset: String, $fold: Int, $seed: SafeInt, $grant: ID) {
  runPreview(study: $study, release: $release, experiment: $experiment, classes: $classes, preset: $preset, fold: $fold, seed: $seed, grant: $grant) {
    study release experiment classes preset fold seed reads comparable secondsTypical waiting
    folds { fold trainPatients testPatients trainRows testRows }
  }
}`;

const range = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toLocaleString('en'));
  return low === high ? `${low}` : `${low} to ${high}`;
};

/** One line before a run begins: how many rows it learns from and predicts. */
export function previewLine({ folds, secondsTypical }: RunPreview): string {
  const time = secondsTypical === null ? '' : ` Such runs took about ${durationText(secondsTypical)}.`;
  if (folds === null) return `How many rows it learns from needs LABELS.${time}`;
  const tested = folds.reduce((sum, { testRows }) => sum + testRows, 0).toLocaleString('en');
  const trained = range(folds.map(({ trainRows }) => trainRows));
  const what = folds.length === 1 ? 'one fold' : `each of ${folds.length} folds`;
  return `Learns from ${trained} rows in ${what}, and predicts the ${tested} that are withheld.${time}`;
}

/** Training and test of each fold, and what else is known before a run. */
export function previewTable(preview: RunPreview): string {
  const { experiment, classes, release, preset, seed, reads, folds, comparable, waiting } = preview;
  const head = `${experiment}, ${classes} classes, release ${release}, preset ${preset}, seed ${seed}; reads ${reads.join(', ')}`;
  const right = 'right' as const;
  const columns = ['fold', 'train patients', 'train rows', 'test patients', 'test rows'].map((title) => {
    return { title, align: right };
  });
  const rows = (folds ?? []).map((one) =>
    [one.fold, one.trainPatients, one.trainRows, one.testPatients, one.testRows].map(String),
  );
  return [
    safe(head),
    ...(folds === null ? [] : [table(columns, rows)]),
    [safe(previewLine(preview)), `${waiting} runs wait.`, safe(comparable)].join('\n'),
  ].join('\n\n');
}
