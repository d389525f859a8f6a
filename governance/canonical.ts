import { hash } from 'node:crypto';

/** What canonical text can be made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

const text = (value: string): string => {
  if (/\p{Surrogate}/u.test(value)) throw new TypeError('canonical text cannot hold a lone surrogate');
  return JSON.stringify(value);
};

/**
 * The one text of a value, by the JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units,
 * numbers and strings as ECMAScript writes them, nothing between. Members that are undefined are left out.
 * Throws TypeError for a number that is not finite and for a string with a lone surrogate.
 */
export const canonicalText = (value: Json): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical text cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  // Plain `sort` compares UTF-16 code units, as the RFC asks.
  const members = Object.entries(value as Record<string, Json | undefined>)
    .filter((member): member is [string, Json] => member[1] !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${text(key)}:${canonicalText(member)}`).join(',')}}`;
};

/** SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits. */
export const sha256 = (value: string): string => hash('sha256', value, 'hex');
