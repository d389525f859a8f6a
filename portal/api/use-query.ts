import { useCallback, useEffect, useRef, useState } from 'react';
import { type Problem, send, Unreachable } from './client.ts';
import type { Operation } from './operation.ts';

export type Query<Data> =
  | { readonly state: 'loading'; readonly data: null; readonly problems: readonly Problem[]; reload(): void }
  | { readonly state: 'ready'; readonly data: Data; readonly problems: readonly Problem[]; reload(): void }
  | {
      readonly state: 'failed' | 'offline';
      readonly data: null;
      readonly problems: readonly Problem[];
      reload(): void;
    };

type Held<Data> =
  | { state: 'loading'; data: null; problems: readonly Problem[] }
  | { state: 'ready'; data: Data; problems: readonly Problem[] }
  | { state: 'failed' | 'offline'; data: null; problems: readonly Problem[] };

/**
 * Asks an operation when it is shown and when its variables change, and again on `reload`. Nothing is remembered between pages: what may be seen is
 * decided each time. `null` variables ask nothing yet.
 */
export function useQuery<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables | null,
): Query<Data> {
  const [held, setHeld] = useState<Held<Data>>({ state: 'loading', data: null, problems: [] });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(variables);
  const shown = useRef(key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again
  useEffect(() => {
    if (key === 'null') return;
    const abort = new AbortController();
    if (shown.current !== key) setHeld({ state: 'loading', data: null, problems: [] });
    shown.current = key;
    send(operation, JSON.parse(key) as Variables, abort.signal).then(
      ({ data, problems }) => {
        // It may have come just before it was given up: the answer to another question is not shown.
        if (abort.signal.aborted) return;
        setHeld(data === null ? { state: 'failed', data: null, problems } : { state: 'ready', data, problems });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof Unreachable)) throw error;
        setHeld((before) => (before.state === 'ready' ? before : { state: 'offline', data: null, problems: [] }));
      },
    );
    return () => abort.abort();
  }, [operation, key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  // Back on the network: what could not be asked is asked again.
  useEffect(() => {
    addEventListener('online', reload);
    return () => removeEventListener('online', reload);
  }, [reload]);
  return { ...held, reload };
}
