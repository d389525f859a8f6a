import { lstat, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CommandFailed } from './exit.ts';

/** Names the export that a folder is filled from, so that the same command goes on with it. */
export const STATE_FILE = '.iss-export.json';

/** The server's signed word on what was given to whom; it signs the manifest, so it is not in it. */
export const RECEIPT_FILE = 'receipt.txt';

const STATE = z.object({ server: z.string(), export: z.string(), asked: z.record(z.string(), z.unknown()).nullable() });

/** What a folder is being filled with; `asked` is what was asked for, null where an export was named. */
export type FolderState = z.infer<typeof STATE>;

/** @throws CommandFailed where the folder says something that cannot be read */
export async function readState(folder: string): Promise<FolderState | null> {
  const file = join(folder, STATE_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return STATE.parse(JSON.parse(text));
  } catch (cause) {
    throw new CommandFailed(`${file} is damaged: remove it, or choose another folder.`, {
      code: 'STATE_DAMAGED',
      cause,
    });
  }
}

/** Makes the folder if need be and notes what fills it, whole or not at all. */
export async function writeState(folder: string, state: FolderState): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, STATE_FILE);
  await writeFile(`${file}.part`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

/** Takes back what `writeState` made, where nothing else has come since: what was pulled is the person's. */
export async function forgetFolder(folder: string): Promise<void> {
  if ((await readdir(folder)).some((name) => name !== STATE_FILE)) return;
  await rm(join(folder, STATE_FILE), { force: true });
  await rmdir(folder).catch(() => {});
}

/** True where the folder is not there or holds nothing. @throws CommandFailed where it is no folder */
export async function isEmpty(folder: string): Promise<boolean> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new CommandFailed(`${folder} is no folder.`, { code: 'ENOTDIR' });
    throw error;
  });
  return entries.length === 0;
}

/**
 * Makes the folders that a file needs below `root`, each once. A link among them would lead out of the export, and is refused.
 * @param path relative, checked already
 */
export function folderMaker(root: string): (path: string) => Promise<void> {
  const made = new Map<string, Promise<void>>();
  const make = (relative: string): Promise<void> => {
    const known = made.get(relative);
    if (known) return known;
    const work = (async () => {
      if (relative !== '.') await make(dirname(relative));
      const folder = join(root, relative);
      await mkdir(folder, { recursive: relative === '.' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      const found = await lstat(folder);
      if (relative !== '.' && !found.isDirectory())
        throw new CommandFailed(`${folder} is no folder, but the export has files in it: it is left alone.`, {
          code: 'FILE_DIFFERS',
        });
    })();
    made.set(relative, work);
    return work;
  };
  return (path) => make(dirname(path));
}
