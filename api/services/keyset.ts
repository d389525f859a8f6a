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

/** A place in a list that is ordered by an id alone, as an opaque cursor of that list. */
export const idCursor = (list: string, id: string): string => Buffer.from(`${list}|${id}`).toString('base64url');

const ENDS = { DESC: '00000000-0000-0000-0000-000000000000', ASC: 'ffffffff-ffff-ffff-ffff-ffffffffffff' } as const;

/** The id of a cursor of a list; of what is none, the one that nothing follows in that order. */
export const idPlace = (list: string, cursor: string, order: keyof typeof ENDS): string => {
  const [of, id = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  return of === list && isUuid(id) ? id : ENDS[order];
};

/** A text as it is looked for anywhere in a column with ILIKE. */
export const containing = (text: string): string => `%${text.slice(0, 200).replaceAll(/[\\%_]/g, '\\$&')}%`;
