import { useCallback, useState } from 'react';
import { keepText, keptKey, keptText } from '../api/kept-text.ts';
import { useShell } from '../app/viewer.tsx';

/**
 * Text of a field that a reload, an ended session or a lost connection does not lose.
 * @returns the text, its setter, and what forgets it once it is sent
 */
export function useKeptText(name: string): readonly [text: string, set: (text: string) => void, sent: () => void] {
  const accountId = useShell().data?.viewer?.account.id ?? '';
  const key = keptKey(accountId, name);
  const [text, setText] = useState(() => keptText(key) ?? '');
  const set = useCallback(
    (next: string) => {
      setText(next);
      keepText(key, next === '' ? null : next);
    },
    [key],
  );
  const sent = useCallback(() => set(''), [set]);
  return [text, set, sent];
}
