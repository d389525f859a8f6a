import { readFileSync } from 'node:fs';
import { sharedPath } from '../../../support/shared.ts';

/** Rows of a table of golden/networks, by its columns. */
export const goldenRows = (file: string): Record<string, string>[] => {
  const [head = '', ...lines] = readFileSync(sharedPath('golden', 'networks', file), 'utf8')
    .trimEnd()
    .split('\n');
  const columns = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
};
