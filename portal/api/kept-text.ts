/** Everything that was written and not sent stands under this in the browser's own storage, apart for each account. */
const PREFIX = 'iss-unsent:';

export const keptKey = (accountId: string, name: string): string => `${PREFIX}${accountId}:${name}`;

/** What was written and not sent, or null. Text of another account is never given: its key is another. */
export function keptText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be switched off; then what is written lives as long as its page.
    return null;
  }
}

/** Keeps it until it is sent or its owner signs out; null forgets it. */
export function keepText(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // As above; a full storage keeps nothing more.
  }
}

/** Forgets what was written: of everybody, at sign-out; of all others, when somebody is signed in. */
export function forgetTexts(except: string | null = null): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(PREFIX) && (except === null || !key.startsWith(`${PREFIX}${except}:`)))
        localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
