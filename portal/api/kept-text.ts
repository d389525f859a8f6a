/** Everything that was written and not sent stands under this in the browser's own storage, apart for each account. */
const PREFIX = 'iss-unsent:';

/** BROWSER: until it is sent or its owner signs out. TAB: that, and no longer than the tab. */
export type KeptIn = 'BROWSER' | 'TAB';
const storageOf = (where: KeptIn): Storage => (where === 'TAB' ? sessionStorage : localStorage);

export const keptKey = (accountId: string, name: string): string => `${PREFIX}${accountId}:${name}`;

/** What was written and not sent, or null. Text of another account is never given: its key is another. */
export function keptText(key: string, where: KeptIn = 'BROWSER'): string | null {
  try {
    return storageOf(where).getItem(key);
  } catch {
    // Storage may be switched off; then what is written lives as long as its page.
    return null;
  }
}

/** Keeps it until it is sent or its owner signs out; null forgets it. */
export function keepText(key: string, text: string | null, where: KeptIn = 'BROWSER'): void {
  try {
    if (text === null) storageOf(where).removeItem(key);
    else storageOf(where).setItem(key, text);
  } catch {
    // As above; a full storage keeps nothing more.
  }
}

/** Forgets what was written: of everybody, at sign-out; of all others, when somebody is signed in. */
export function forgetTexts(except: string | null = null): void {
  for (const where of ['BROWSER', 'TAB'] as const)
    try {
      const storage = storageOf(where);
      for (const key of Object.keys(storage))
        if (key.startsWith(PREFIX) && (except === null || !key.startsWith(`${PREFIX}${except}:`)))
          storage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
}
