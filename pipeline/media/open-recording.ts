import { constants, fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** An open recording; disposing of it closes what was opened here. */
export interface OpenRecording extends AsyncDisposable {
  descriptor: number;
  isFile: boolean;
}

/** Opens a path for reading, or takes a descriptor as it is. Throws what opening throws (ENOENT, EACCES). */
export async function openRecording(source: number | string): Promise<OpenRecording> {
  // Not blocking: opening a FIFO would wait for a writer forever.
  const file = typeof source === 'string' ? await open(source, constants.O_RDONLY | constants.O_NONBLOCK) : null;
  const descriptor = file?.fd ?? (source as number);
  return {
    descriptor,
    isFile: fstatSync(descriptor).isFile(),
    [Symbol.asyncDispose]: async () => file?.close(),
  };
}
