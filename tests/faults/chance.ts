/** Numbers that look like chance and are the same for the same seed (mulberry32). */
export interface Chance {
  /** 0 to 1, without 1. */
  next(): number;
  /** first to last, both included. */
  whole(first: number, last: number): number;
}

/** @param words what the numbers depend on, e.g. a seed and the number of a round */
export function chanceOf(...words: readonly (string | number)[]): Chance {
  let state = 0x811c9dc5;
  // FNV-1a over the words.
  for (const character of words.join('/')) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, whole: (first, last) => first + Math.floor(next() * (last - first + 1)) };
}
