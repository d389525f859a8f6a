import type { KeyType } from './data-type.ts';

/**
 * Cursors: base64url of the list's name and the sort keys of a row. They are positions, not permissions: whoever
 * alters one gets another position in the rows that they may see anyway.
 */
const FORM: Readonly<Record<KeyType, RegExp>> = {
  text: /^[^|\p{Cc}]{1,200}$/u,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  integer: /^\d{1,9}$/,
  timestamp: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
};

/** SQL of the cursor of a row, from SQL of its keys. */
export const cursorSql = (sort: string, keys: readonly string[]): string =>
  `translate(encode(convert_to('${sort}' || ${keys.map((key) => `'|' || (${key})::text`).join(' || ')}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;

/** The keys in a cursor; null where it is malformed or of another list. */
export const decodeCursor = (cursor: string, sort: string, types: readonly KeyType[]): readonly string[] | null => {
  if (cursor.length > 1_000 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.toString('utf8');
  if (!bytes.equals(Buffer.from(text, 'utf8'))) return null;
  const [name, ...keys] = text.split('|');
  if (name !== sort || keys.length !== types.length) return null;
  if (!types.every((type, index) => FORM[type].test(keys[index] ?? ''))) return null;
  return types.every((type, index) => type !== 'timestamp' || exists(keys[index] ?? '')) ? keys : null;
};

/** 30 February has the form of a date and is none. */
const exists = (timestamp: string): boolean => {
  const time = new Date(`${timestamp.replace(' ', 'T')}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 10) === timestamp.slice(0, 10);
};
