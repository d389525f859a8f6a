import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';

/** An unfinished file with the hash of what it holds. */
export class PartFile implements AsyncDisposable {
  size: number;
  private readonly handle: FileHandle;
  private hash: Hash;
  private open = true;

  private constructor(handle: FileHandle, size: number, hash: Hash) {
    this.handle = handle;
    this.size = size;
    this.hash = hash;
  }

  /** Takes over what is there if it can be the beginning of the file; what is too long or no plain file goes. */
  static async open(path: string, most: number): Promise<PartFile> {
    const found = await lstat(path).catch(() => null);
    // A link is removed, not followed; a folder is somebody's, and the system says so.
    if (found && (!found.isFile() || found.size > most)) await unlink(path);
    const hash = found?.isFile() && found.size <= most ? await hashOf(path) : createHash('sha256');
    const handle = await open(path, 'a+', 0o644);
    const { size } = await handle.stat();
    return new PartFile(handle, size, hash);
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
    this.hash.update(bytes);
    this.size += bytes.length;
  }

  async restart(): Promise<void> {
    await this.handle.truncate(0);
    this.hash = createHash('sha256');
    this.size = 0;
  }

  digest = (): string => this.hash.copy().digest('hex');

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** SHA-256 of a whole file, still open for more. */
export async function hashOf(path: string): Promise<Hash> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  stream.on('data', (piece) => hash.update(piece));
  await once(stream, 'end');
  return hash;
}
