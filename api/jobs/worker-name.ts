import { hostname } from 'node:os';

const HOST = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-');

/** Name of a worker: its machine, the process that answers for it (the server that started it, or itself), a number. */
export const workerName = (number: number, pid = process.pid): string => `${HOST}:${pid}:${number}`;

/**
 * True where the process that answered for the worker was one of this machine and is no more. After a restart of a container the number may be our own:
 * then it is an earlier process, too, as long as we have started no worker.
 */
export function isWorkerOfTheDead(name: string): boolean {
  const [host, pid] = name.split(':');
  if (host !== HOST || !/^\d+$/.test(pid ?? '')) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** True for a worker that this process has started, or that an earlier one of this number had. */
export const isOfThisProcess = (name: string): boolean => name.startsWith(`${HOST}:${process.pid}:`);
