import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { forgetTexts } from '../api/kept-text.ts';
import { type Query, useQuery } from '../api/use-query.ts';
import { Shell, type ShellQuery } from '../operations/shell.ts';

const ShellContext = createContext<Query<ShellQuery> | null>(null);

/** Who is signed in and which study this is: asked once, and again when another tab signs out. */
export function ShellProvider({ children }: { children: ReactNode }) {
  const shell = useQuery(Shell, {});
  const { reload } = shell;
  useEffect(() => {
    const channel = new BroadcastChannel('iss-session');
    channel.onmessage = reload;
    return () => channel.close();
  }, [reload]);
  // A page that the browser kept while one was away is asked for anew: somebody may have signed out since.
  useEffect(() => {
    const shown = ({ persisted }: PageTransitionEvent) => persisted && location.reload();
    addEventListener('pageshow', shown);
    return () => removeEventListener('pageshow', shown);
  }, []);
  const accountId = shell.data?.viewer?.account.id;
  useEffect(() => {
    if (accountId) forgetTexts(accountId);
  }, [accountId]);
  return <ShellContext value={shell}>{children}</ShellContext>;
}

export function useShell(): Query<ShellQuery> {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error('outside the shell');
  return shell;
}

export type Viewer = NonNullable<ShellQuery['viewer']>;
