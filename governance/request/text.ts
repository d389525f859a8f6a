import { isSeen } from '../seen-signs.ts';
import type { Outcome } from './commands.ts';
import { refused } from './outcome.ts';

/** Longest reason, comment or statement, in UTF-16 code units. */
export const LONGEST_TEXT = 10_000;
/** Longest progress report, in UTF-16 code units. */
export const LONGEST_REPORT = 40_000;

/** What is wrong with words that have to be said; null when nothing is. */
export const unsaid = (words: string, longest: number = LONGEST_TEXT): Outcome | null => {
  if (!isSeen(words)) return refused('REASON_MISSING');
  return words.length > longest ? refused('TEXT_TOO_LONG') : null;
};
