import { useCallback, useState } from 'react';
import { keepText, keptKey, keptText } from '../api/kept-text.ts';
import { useShell } from '../app/viewer.tsx';

/**
 * What was filled in of a form of one page: neither a reload nor the way to a second factor loses it; it goes with the tab, and when it is sent. Never for
 * secrets.
 * @param name of the form, among those of its page
 * @param initial what stands there before anything was filled in
 */
export function useKeptValues<Values extends object>(
  name: string,
  initial: Values,
): readonly [values: Values, set: (values: Values) => void, sent: () => void] {
  const accountId = useShell().data?.viewer?.account.id ?? '';
  const key = keptKey(accountId, `${location.pathname} ${name}`);
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...parsed(keptText(key, 'TAB')) }));
  const set = useCallback(
    (next: Values) => {
      setValues(next);
      keepText(key, JSON.stringify(next), 'TAB');
    },
    [key],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stood there at first
  const sent = useCallback(() => {
    setValues(initial);
    keepText(key, null, 'TAB');
  }, [key]);
  return [values, set, sent];
}

function parsed(text: string | null): object {
  try {
    const found: unknown = JSON.parse(text ?? '{}');
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {};
  }
}
