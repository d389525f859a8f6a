import { hostname } from 'node:os';

const HOST = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-');

/** What the temporary files and folders of this process begin with, so that what a killed one left can be told from what is being written. */
export const WRITER = `${HOST}.${process.pid}.`;

/** Whether a temporary file's writer was a process of this machine that is no more. */
export function isOfDeadWriter(name: string): boolean {
  const [host, pid] = name.split('.');
  if (host !== HOST || !/^\d+$/.test(pid ?? '') || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
