import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';

/** What arrives comes in small pieces; they are written together. */
const AT_ONCE = 1 << 20;

/** An unfinished file with the hash of what it holds. What was appended is written while more comes, at the latest when it is closed. */
export class PartFile implements AsyncDisposable {
  size: number;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> = Promise.resolve();
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

  /** @throws what the disk said of an earlier piece */
  async append(bytes: Uint8Array): Promise<void> {
    this.hash.update(bytes);
    this.size += bytes.length;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= AT_ONCE) await this.hand();
  }

  /** Hands to the disk what waits, once it has taken what it was handed before. */
  private async hand(): Promise<void> {
    const parts = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    await this.writing;
    this.writing = this.write(parts);
    // Told to whoever waits for it next.
    this.writing.catch(() => {});
  }

  private async write(parts: Uint8Array[]): Promise<void> {
    if (parts.length === 0) return;
    const { bytesWritten } = await this.handle.writev(parts);
    if (bytesWritten === parts.reduce((sum, { length }) => sum + length, 0)) return;
    // A disk that is nearly full takes a part, and then says what it is.
    const bytes = Buffer.concat(parts);
    for (let at = bytesWritten; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
  }

  async restart(): Promise<void> {
    this.waiting = [];
    this.waitingBytes = 0;
    await this.writing;
    await this.handle.truncate(0);
    this.hash = createHash('sha256');
    this.size = 0;
  }

  digest = (): string => this.hash.copy().digest('hex');

  /** @throws what the disk says of the last pieces */
  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    try {
      await this.hand();
      await this.writing;
    } finally {
      await this.handle.close();
    }
  }

  /** Keeps what came for the next call; where the disk takes it not, whoever disposes has been told already. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
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
