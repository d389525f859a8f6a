import { execFileSync } from 'node:child_process';

const childrenOf = (pid: number): number[] => {
  try {
    return execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number);
  } catch {
    return []; // ps says 1 where there are none
  }
};

const tell = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // A backend that ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Stops a server in its tracks, its children too: connections stand, nothing answers. @returns lets it go on */
export function freeze(pid: number): () => void {
  // The parent first, which makes no more children then.
  tell(pid, 'SIGSTOP');
  const stopped = [pid, ...childrenOf(pid)];
  for (const one of stopped) tell(one, 'SIGSTOP');
  return () => {
    for (const one of stopped.splice(0).reverse()) tell(one, 'SIGCONT');
  };
}
