export interface ByteRange {
  first: number;
  last: number;
}

/**
 * A Range header (RFC 9110, section 14): one range of bytes. Several ranges, other units and malformed headers are ignored, as the RFC allows, and
 * the whole is sent.
 * @returns the range cut to the size, 'unsatisfiable', or null for the whole
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return null;
  const [, from, to] = match as unknown as [string, string, string];
  if (from === '' && to === '') return null;
  if (from.length > 15) return 'unsatisfiable';
  if (from === '') {
    const count = Math.min(Number(to), size);
    return count === 0 ? 'unsatisfiable' : { first: size - count, last: size - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return null;
  if (first >= size) return 'unsatisfiable';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

/** If-Range (RFC 9110, section 13.1.5): the range counts only while the file is the one that was begun. Dates never match, we have none. */
export function rangeStillMeant(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
