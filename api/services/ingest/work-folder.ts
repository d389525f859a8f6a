import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isOfDeadWriter, WRITER } from '../../adapters/objects/writer.ts';

/** A folder for the files of one recording while it is made. */
export async function openWorkFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  return mkdtemp(join(root, WRITER));
}

/** Removes the folders of processes that were killed: they hold pieces of somebody's video. @returns how many */
export async function sweepWorkFolders(root: string): Promise<number> {
  const left = (await readdir(root).catch(() => [])).filter(isOfDeadWriter);
  for (const name of left) await rm(join(root, name), { recursive: true, force: true });
  return left.length;
}
