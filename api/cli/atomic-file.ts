import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { CommandFailed, systemFailure } from './exit.ts';

/** A file that gets its name only once it is whole. */
export interface AtomicFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name. */
  finish(): Promise<void>;
  /** Removes what was written; does nothing after `finish`. */
  discard(): Promise<void>;
}

/** Opens `<path>.part` for writing. @throws CommandFailed for what the file system refuses, here and in every call */
export async function atomicFile(path: string): Promise<AtomicFile> {
  const part = `${path}.part`;
  let handle: FileHandle | undefined = await told(path, open(part, 'w'));
  return {
    async write(bytes) {
      if (!handle) throw new CommandFailed(`${path} is closed already.`);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await told(path, handle.write(bytes, at));
        at += bytesWritten;
      }
    },
    async finish() {
      await told(path, handle?.close() ?? Promise.resolve());
      handle = undefined;
      await told(path, rename(part, path));
    },
    async discard() {
      if (!handle) return;
      await handle.close().catch(() => {});
      handle = undefined;
      await rm(part, { force: true }).catch(() => {});
    },
  };
}

const told = <Result>(path: string, work: Promise<Result>): Promise<Result> =>
  work.catch((error: unknown) => {
    throw systemFailure(error, path) ?? error;
  });
