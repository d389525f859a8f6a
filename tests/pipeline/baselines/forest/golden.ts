import { readFileSync } from 'node:fs';
import { sharedPath } from '../../../support/shared.ts';

/** A table of golden/forests: one record a row, cells as text. */
export const goldenTable = (name: string): Record<string, string>[] => {
  const [head = '', ...lines] = readFileSync(sharedPath('golden/forests', name), 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']));
  });
};

/** The 12 columns of experiment 3, in order. */
export const SCORE_COLUMNS =
  'painnow paintime activity mood walking work relationships sleep enjoyment sex skin timeframe'.split(' ');

/** The named columns of a table as numbers, row after row. */
export const numbers = (table: readonly Record<string, string>[], columns: readonly string[]): number[] =>
  table.flatMap((row) => columns.map((column) => Number(row[column])));

/** The set of 2,000 rows of 1,404 landmark values, row after row. */
export const goldenLandmarks = (): Float32Array => {
  const bytes = readFileSync(sharedPath('golden/forests/landmarks_2000x1404.f32'));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
