import { statfs } from 'node:fs/promises';

/** Four segments of PostgreSQL's write-ahead log (16 MiB each): with less the next command may be the one that finds none. */
const LEAST_BYTES = 64 * 2 ** 20;

/** Bytes that this user may still write on the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws where the disk of a folder is as good as full */
export async function hasRoom(folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free < LEAST_BYTES) throw new Error(`${free} bytes are free on the disk of ${folder}`);
}
