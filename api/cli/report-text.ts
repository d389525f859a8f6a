import { z } from 'zod';
import { type Column, table } from './table.ts';
import { safe } from './terminal.ts';

const VALUE = z.union([z.number(), z.string(), z.null()]);
const CELL = z.object({
  value: VALUE,
  published: VALUE,
  agrees: z.boolean().nullable(),
  errata: z.array(z.string()),
});
export const REPORT = z.object({
  study: z.string(),
  synthetic: z.boolean(),
  release: z.string(),
  compared: z.boolean(),
  tables: z.array(
    z.object({
      number: z.number(),
      title: z.string(),
      note: z.string().nullable(),
      columns: z.array(z.object({ key: z.string(), title: z.string(), unit: z.string().nullable() })),
      rows: z.array(z.object({ cells: z.array(CELL) })),
      withheld: z.array(z.object({ code: z.string(), sentence: z.string() })),
    }),
  ),
  errata: z.array(z.object({ id: z.string(), title: z.string(), used: z.string() })),
});

export type Report = z.infer<typeof REPORT>;
type Cell = z.infer<typeof CELL>;

const textOf = (value: Cell['value']): string => {
  if (value === null) return '';
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : value;
};

/** `509`, and `537 ≠ [6]` where it does not agree and which erratum says why. */
const besideText = ({ published, agrees, errata }: Cell): string => {
  const numbers = errata.map((id) => `[${Number(id.replace(/\D/g, ''))}]`);
  return [textOf(published), ...(agrees === false ? ['≠'] : []), ...(published === null ? [] : numbers)].join(' ');
};

/** A report as tables, each value with the published one on its right. */
export function reportText(report: Report): string {
  const parts = report.tables.map((one) => {
    const head = `Table ${one.number}. ${one.title}`;
    if (one.withheld.length > 0) {
      const why = [...new Set(one.withheld.map(({ sentence }) => sentence))].join(' ');
      return safe(`${head}\nNot to be seen: ${why}`.replaceAll('\n', ' '));
    }
    if (one.rows.length === 0) return safe(`${head}: nothing yet.`);
    const columns: Column[] = [];
    const cells: ((row: readonly Cell[]) => string)[] = [];
    for (const [i, column] of one.columns.entries()) {
      const own = one.rows.map(({ cells: row }) => row[i] as Cell);
      const number = own.some(({ value, published }) => typeof (value ?? published) === 'number');
      const align = number ? ('right' as const) : ('left' as const);
      columns.push({ title: column.unit === null ? column.title : `${column.title} (${column.unit})`, align });
      cells.push((row) => textOf((row[i] as Cell).value));
      if (!own.some(({ published }) => published !== null)) continue;
      columns.push({ title: 'paper', align: 'left' });
      cells.push((row) => besideText(row[i] as Cell));
    }
    const rows = one.rows.map(({ cells: row }) => cells.map((text) => text(row)));
    return [safe(head), ...(one.note ? [safe(one.note)] : []), '', table(columns, rows)].join('\n');
  });
  const errata = report.errata.map(({ id, title, used }) =>
    safe(`[${Number(id.replace(/\D/g, ''))}] ${title}: ${used}`),
  );
  const head = `Study ${report.study}, release ${report.release}${report.synthetic ? ', synthetic' : ''}`;
  return [safe(head), ...parts, ...(errata.length > 0 ? [['Errata of the paper', ...errata].join('\n')] : [])].join(
    '\n\n',
  );
}

/** How many cells agree with the paper, and how many do not without an erratum that says why. */
export function agreement(report: Report): { agree: number; differ: number; explained: number } {
  const cells = report.tables.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  const differing = cells.filter(({ agrees }) => agrees === false);
  return {
    agree: cells.filter(({ agrees }) => agrees === true).length,
    differ: differing.filter(({ errata }) => errata.length === 0).length,
    explained: differing.filter(({ errata }) => errata.length > 0).length,
  };
}
