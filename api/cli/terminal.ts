/**
 * C0 and C1 controls, DEL, line separators, and the marks that turn the direction of writing: with them a name from a server or a file could
 * move the cursor, recolour or reorder what a person reads (Unicode TR 36).
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const escaped = (character: string): string => {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** Text from outside as one line that a terminal shows as it stands. */
export const safe = (text: string): string => text.replace(UNSAFE, escaped);

/** The same for text of several lines. */
export const safeLines = (text: string): string => text.split('\n').map(safe).join('\n');

/** JSON in one line that is safe on a terminal too: what JSON leaves alone but a terminal obeys is written as \uXXXX. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `512 bytes`, `1.2 GB` (powers of 1,000). */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1 file`, `1,234 files`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
