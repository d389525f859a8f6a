import { isLocalDate } from '../../../governance/calendar.ts';
import { isDataUseCode } from '../../../governance/data-use.ts';
import { isModality, type Modality } from '../../../governance/modality.ts';
import { parseCsvTable } from '../../../pipeline/labels/csv-table.ts';
import { type Parsed, type Problem, type ProblemCode, quoted } from '../../../pipeline/labels/problem.ts';

/** What one line of the file says of a patient. */
export interface ConsentLine {
  readonly line: number;
  readonly patient: string;
  readonly version: string;
  readonly uses: readonly string[];
  readonly modalities: readonly Modality[];
  readonly adultFrom: string | null;
  readonly reconsentedOn: string | null;
}

const REQUIRED = ['patient', 'version', 'uses', 'modalities'] as const;
const OPTIONAL = ['adult_from', 'reconsented_on'] as const;
const MAX_BYTES = 4 * 1024 * 1024;
const MOST_LINES = 20_000;
const LONGEST_VERSION = 100;

const words = (cell: string): string[] => cell.split(';').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));

/**
 * Reads a file of consents: a line a patient, with `uses` (Data Use Ontology codes) and `modalities` parted by semicolons, days as 2020-12-01.
 * A line without uses or without modalities takes all consent away.
 * @returns every line, or everything that is wrong with the file, by line and column
 */
export const readConsents = (bytes: Uint8Array): Parsed<readonly ConsentLine[]> => {
  const table = parseCsvTable(bytes, { required: REQUIRED, optional: OPTIONAL, maxBytes: MAX_BYTES });
  if (!table.ok) return table;
  if (table.value.length === 0)
    return { ok: false, problems: [{ code: 'ROW_MISSING', message: 'The file has a header and no patients.' }] };
  if (table.value.length > MOST_LINES)
    return { ok: false, problems: [{ code: 'FILE_TOO_LARGE', message: `A file has at most ${MOST_LINES} patients.` }] };
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  const lines = table.value.map(({ line, cells }): ConsentLine => {
    const cell = (column: string): string => cells[column] ?? '';
    const wrong = (column: string, value: string, what: string, code: ProblemCode = 'VALUE_INVALID'): void => {
      problems.push({
        code,
        line,
        column,
        value,
        message: `Line ${line}, column ${column}: ${quoted(value)} ${what}.`,
      });
    };
    const dateOf = (column: string): string | null => {
      const value = cell(column);
      if (value !== '' && !isLocalDate(value)) wrong(column, value, 'is not a day of the form 2020-12-01');
      return value === '' ? null : value;
    };
    const patient = cell('patient');
    const earlier = seen.get(patient);
    if (earlier !== undefined) wrong('patient', patient, `stands on line ${earlier} already`, 'PATIENT_REPEATED');
    seen.set(patient, earlier ?? line);
    const version = cell('version');
    if (version === '' || version.length > LONGEST_VERSION) wrong('version', version, 'is no version of a form');
    const uses = words(cell('uses'));
    for (const code of uses)
      if (!isDataUseCode(code)) wrong('uses', code, 'is no code of the Data Use Ontology known here');
    const modalities = words(cell('modalities'));
    for (const word of modalities) if (!isModality(word)) wrong('modalities', word, 'is no kind of data');
    return {
      ...{ line, patient, version, uses: [...new Set(uses)] },
      modalities: [...new Set(modalities.filter(isModality))],
      adultFrom: dateOf('adult_from'),
      reconsentedOn: dateOf('reconsented_on'),
    };
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: lines };
};
