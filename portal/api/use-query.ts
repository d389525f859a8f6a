import { useCallback, useEffect, useRef, useState } from 'react';
import { type Problem, send, Unreachable } from './client.ts';
import type { Operation } from './operation.ts';

export type Query<Data> = Held<Data> & { reload(): void };

type Held<Data> =
  | { readonly state: 'loading'; readonly data: null; readonly problems: readonly Problem[] }
  | { readonly state: 'ready'; readonly data: Data; readonly problems: readonly Problem[] }
  | {
      readonly state: 'failed' | 'offline';
      readonly data: null;
      readonly problems: readonly Problem[];
    };

/**
 * Asks an operation when it is shown and when its variables change, and again on `reload`. Nothing is remembered between pages: what may be seen is
 * decided each time. `null` variables ask nothing yet.
 * @returns beside the answer how many answers, refusals and silences there were: it changes with each, also where what is shown does not
 */
export function useQuery<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables | null,
): Query<Data> & { readonly answered: number } {
  const [held, setHeld] = useState<Held<Data>>({ state: 'loading', data: null, problems: [] });
  const [answered, setAnswered] = useState(0);
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
        setAnswered((before) => before + 1);
        setHeld(data === null ? { state: 'failed', data: null, problems } : { state: 'ready', data, problems });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof Unreachable)) throw error;
        setAnswered((before) => before + 1);
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
  return { ...held, answered, reload };
}
