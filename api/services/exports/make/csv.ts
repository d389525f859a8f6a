/** A number is written as ECMAScript writes it: the shortest text that reads back as the same double. */
export type CsvCell = string | number | null;

/** A text that a spreadsheet would take for a formula (OWASP, CSV injection); some take the wide signs of East Asian keyboards for the same. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

const cellText = (cell: CsvCell): string => {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A table as RFC 4180 has it: a header, CRLF at the end of every line, quotes where needed. Text that would be a formula is led by an apostrophe. */
export const csvText = (header: readonly string[], rows: readonly (readonly CsvCell[])[]): string =>
  [header, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
