import { execFileSync, spawnSync } from 'node:child_process';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from './service.ts';

export interface SmallDisk {
  folder: string;
  /** Leaves no byte free. */
  fill(): Promise<void>;
  free(): Promise<void>;
  stop(): Promise<void>;
}

const CHUNK = Buffer.alloc(1 << 20);

/** A file system of its own in memory; null where this user may mount none, which is said on the terminal. @param megabytes its size */
export async function smallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = await temporaryFolder('small-disk');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    await removeFolder(folder);
    process.stderr.write('SKIPPED: a full disk, since no file system can be mounted here.\n');
    return null;
  }
  const ballast = join(folder, 'ballast');
  return {
    folder,
    async fill() {
      const file = await open(ballast, 'a');
      try {
        for (const size of [CHUNK.length, 4096]) await fillBy(file, CHUNK.subarray(0, size));
      } finally {
        await file.close();
      }
    },
    free: () => rm(ballast, { force: true }),
    async stop() {
      execFileSync('umount', ['-l', folder]);
      await removeFolder(folder);
    },
  };
}

/** Writes until there is no space for more. */
async function fillBy(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (;;) {
    try {
      await file.write(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
