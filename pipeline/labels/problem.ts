/** One thing that is wrong with a file of a study drop, and where. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence that a person can act on; values in it are quoted and safe to print. */
  readonly message: string;
  /** Line of the file, counted from 1 (the header is line 1). */
  readonly line?: number;
  readonly column?: string;
  /** The offending value as it stands in the file. Unsafe to print as it is; `message` has it quoted. */
  readonly value?: string;
}

export type ProblemCode =
  | 'FILE_EMPTY'
  | 'FILE_TOO_LARGE'
  | 'ENCODING_UTF_16'
  | 'ENCODING_UTF_32'
  | 'ENCODING_NOT_UTF_8'
  | 'NOT_TEXT'
  | 'CSV_MALFORMED'
  | 'COLUMN_MISSING'
  | 'COLUMN_UNKNOWN'
  | 'COLUMN_REPEATED'
  | 'ROW_MISSING'
  | 'ROW_EXTRA'
  | 'ROW_LENGTH'
  | 'VALUE_INVALID'
  | 'PATIENT_REPEATED'
  | 'PATIENT_UNKNOWN';

/** What a parser gives: the value, or everything that is wrong with the file. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const SHOWN = 40;

/** A value in quotes, cut at 40 characters, with everything but letters, digits, marks and blanks escaped. */
export const quoted = (value: string): string => {
  const shown = [...value].slice(0, SHOWN);
  const safe = shown.map((character) =>
    /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(character)
      ? character.replace(/["\\]/, '\\$&')
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `"${safe.join('')}${[...value].length > SHOWN ? '…' : ''}"`;
};
