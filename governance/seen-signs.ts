/** A sign that is seen: neither a space, nor a control or a format, nor one of the letters that are drawn as nothing. */
const SEEN = /[^\s\p{Z}\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;
/** Signs that are drawn as nothing, not even as a space. */
const NOTHING = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether words show anything at all. */
export const isSeen = (words: string): boolean => SEEN.test(words);

/** How long words are to who reads them, in UTF-16 code units: what is drawn as nothing fills no field. */
export const seenLength = (words: string): number => (isSeen(words) ? words.replaceAll(NOTHING, '').trim().length : 0);

/** Words as they are kept: without spaces around them, at most `longest` UTF-16 code units of them; '' where they show nothing. */
export const seenText = (words: string, longest: number): string =>
  isSeen(words) ? words.trim().slice(0, longest) : '';
