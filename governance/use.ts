/**
 * What a grant lets its members do with a modality: READ (query and view), RUN (baselines on the server: results
 * leave, data does not), EXPORT (a copy leaves).
 */
export const USES = ['READ', 'RUN', 'EXPORT'] as const;

export type Use = (typeof USES)[number];

const names: ReadonlySet<string> = new Set(USES);

/** Narrows a word from outside to a use. */
export const isUse = (word: string): word is Use => names.has(word);
