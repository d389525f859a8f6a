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
