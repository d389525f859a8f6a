import { isUuid } from './uuid.ts';
/** A place in a list that is ordered by a text and an id, as an opaque cursor. */
export const textCursor = (text: string, id: string): string =>
  Buffer.from(JSON.stringify([text, id])).toString('base64url');

/** Behind everything, so that nothing follows what is no cursor of ours. */
const END: readonly [string, string] = ['\u{10ffff}', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

/** The place of a cursor; null for none given. */
export const textPlace = (cursor: string | null): readonly [string, string] | null => {
  if (cursor === null) return null;
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [text, id] = Array.isArray(place) ? place : [];
    return typeof text === 'string' && typeof id === 'string' && isUuid(id) ? [text.replaceAll('\0', ''), id] : END;
  } catch {
    return END;
  }
};

/** A text as it is looked for anywhere in a column with ILIKE. */
export const containing = (text: string): string => `%${text.slice(0, 200).replaceAll(/[\\%_]/g, '\\$&')}%`;
