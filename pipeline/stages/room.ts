import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Asks whether a folder has room for another copy of a file, by making one and removing it: quotas and limits show in no figure of free space.
 * @throws the system's error (ENOSPC, EDQUOT, EFBIG) where it has not
 */
export async function refuseFullFolder(folder: string | null, file: string): Promise<void> {
  if (folder === null) return;
  const probe = join(folder, 'probe');
  try {
    await copyFile(file, probe);
  } finally {
    await rm(probe, { force: true });
  }
}
