import { safe } from './terminal.ts';

export interface Column {
  title: string;
  /** Numbers stand on the right. */
  align?: 'left' | 'right';
  /** Longer cells are cut at this many characters, with an ellipsis. */
  most?: number;
}

/** A table as lines: columns two blanks apart, cells made safe for a terminal. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((column, at) => cut(safe(row[at] ?? ''), column.most)));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((row) => [...row[at]!].length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const blanks = ' '.repeat(widths[at]! - [...cell].length);
        return columns[at]!.align === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    line(widths.map((width) => '-'.repeat(width))),
    ...cells.map(line),
  ].join('\n');
}

const cut = (text: string, most = Number.POSITIVE_INFINITY): string => {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
};
