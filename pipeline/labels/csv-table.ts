import { CsvError, parse } from 'csv-parse/sync';
import { type Parsed, type Problem, quoted } from './problem.ts';

/** A row of a table: its line in the file (counted from 1) and its cells by column, trimmed. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvRules {
  /** Columns that must be there, in any order. */
  readonly required: readonly string[];
  /** Columns that may be there. Any other is refused: it may hold what must not be stored. */
  readonly optional?: readonly string[];
  readonly maxBytes: number;
}

const fail = (problem: Problem): { ok: false; problems: Problem[] } => ({ ok: false, problems: [problem] });

const startsWith = (bytes: Uint8Array, ...start: number[]): boolean => start.every((byte, i) => bytes[i] === byte);

/** Text of a UTF-8 file, with or without a byte order mark; other encodings are refused by name. */
const decode = (bytes: Uint8Array): Parsed<string> => {
  if (startsWith(bytes, 0xff, 0xfe, 0, 0) || startsWith(bytes, 0, 0, 0xfe, 0xff)) {
    return fail({ code: 'ENCODING_UTF_32', message: 'The file is UTF-32; save it as UTF-8.' });
  }
  // Without a mark, text in UTF-16 shows itself by a zero in every other byte.
  const marked = startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff);
  if (marked || (bytes.length > 1 && (bytes[0] === 0) !== (bytes[1] === 0))) {
    return fail({ code: 'ENCODING_UTF_16', message: 'The file is UTF-16; save it as UTF-8.' });
  }
  if (bytes.includes(0))
    return fail({ code: 'NOT_TEXT', message: 'The file holds zero bytes: it is not a text file.' });
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return fail({ code: 'ENCODING_NOT_UTF_8', message: 'The file is not UTF-8; save it as UTF-8.' });
  }
};

const checkHeader = (header: readonly string[], line: number, rules: CsvRules): Problem[] => {
  const known = [...rules.required, ...(rules.optional ?? [])];
  const missing = rules.required.filter((column) => !header.includes(column));
  return [
    ...missing.map(
      (column): Problem => ({
        code: 'COLUMN_MISSING',
        line,
        column,
        message: `Line ${line}: the column ${column} is missing; the header is ${quoted(header.join(','))}.`,
      }),
    ),
    ...header.flatMap((column, i): Problem[] => {
      if (!known.includes(column)) {
        const message = `Line ${line}: the column ${quoted(column)} is not known; known are ${known.join(', ')}.`;
        return [{ code: 'COLUMN_UNKNOWN', line, column, message }];
      }
      if (header.indexOf(column) === i) return [];
      return [{ code: 'COLUMN_REPEATED', line, column, message: `Line ${line}: the column ${column} is there twice.` }];
    }),
  ];
};

/**
 * Reads a comma-separated table (RFC 4180; LF, CRLF or CR; UTF-8, a byte order mark accepted), with every row's line.
 * Empty lines are skipped. Rows that are too long or too short are problems, as is any column that `rules` does not name.
 */
export const parseCsvTable = (bytes: Uint8Array, rules: CsvRules): Parsed<readonly CsvRow[]> => {
  if (bytes.length > rules.maxBytes) {
    const message = `The file has ${bytes.length} bytes; at most ${rules.maxBytes} are read.`;
    return fail({ code: 'FILE_TOO_LARGE', message });
  }
  const text = decode(bytes);
  if (!text.ok) return text;
  if (text.value.trim() === '') return fail({ code: 'FILE_EMPTY', message: 'The file is empty.' });

  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text.value, {
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    const message = `Line ${line}: not readable as CSV (${error.code.toLowerCase().replaceAll('_', ' ')}).`;
    return fail({ code: 'CSV_MALFORMED', line, message });
  }

  const [head, ...body] = records;
  if (head === undefined) return fail({ code: 'FILE_EMPTY', message: 'The file is empty.' });
  const header = head.record;
  const problems = checkHeader(header, head.info.lines, rules);
  if (problems.length > 0) return { ok: false, problems };

  const rows: CsvRow[] = [];
  for (const { record, info } of body) {
    const line = info.lines;
    if (record.length === header.length) {
      rows.push({ line, cells: Object.fromEntries(header.map((column, i) => [column, record[i] ?? ''])) });
    } else {
      const message = `Line ${line}: ${record.length} values where the header has ${header.length} columns.`;
      problems.push({ code: 'ROW_LENGTH', line, message });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: rows };
};
