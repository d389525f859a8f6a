import { useEffect, useRef } from 'react';
import type { Operation } from './operation.ts';

/**
 * Hears the answer of a `Live…` query now and whenever it changes, by server-sent events; the browser connects again by itself. Nothing is asked
 * while nobody looks at the page.
 * @param variables null hears nothing
 * @param hear called with each answer
 * @param ended called when the server ends the stream: whoever listened is signed out
 */
export function useLive<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables | null,
  hear: (data: Data) => void,
  ended?: () => void,
): void {
  const listener = useRef(hear);
  listener.current = hear;
  const over = useRef(ended);
  over.current = ended;
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (key === 'null') return;
    let source: EventSource | null = null;
    const query = new URLSearchParams({ documentId: operation.id, variables: key });
    const follow = (): void => {
      source?.close();
      source = null;
      if (document.hidden) return;
      const stream = new EventSource(`/live?${query}`);
      source = stream;
      stream.onmessage = ({ data }) => {
        const answer = JSON.parse(data as string) as { data?: Data };
        if (answer.data) listener.current(answer.data);
      };
      stream.addEventListener('end', () => {
        stream.close();
        over.current?.();
      });
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      source?.close();
    };
  }, [operation, key]);
}
