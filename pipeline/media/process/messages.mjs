import { writevSync } from 'node:fs';
import { FFmpegError } from 'node-av/lib';

// One message: length of what follows (u32), length of the header (u32), header (JSON, UTF-8), bytes. Little-endian.
// Writing blocks while the pipe is full, so a slow reader slows the decoder: nothing piles up on either side.

const OUT = 1;
const waiter = new Int32Array(new SharedArrayBuffer(4));

/**
 * Sends one message to the parent; gives up the process when the parent is gone.
 * @param {import('../messages.ts').Message} header
 * @param {Uint8Array} [bytes]
 */
export function send(header, bytes = new Uint8Array(0)) {
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(4 + text.length + bytes.length, 0);
  lengths.writeUInt32LE(text.length, 4);
  writeAll([lengths, text, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]);
}

/** @param {Buffer[]} pieces */
function writeAll(pieces) {
  let rest = pieces.filter((piece) => piece.length > 0);
  while (rest.length > 0) {
    let written = 0;
    try {
      written = writevSync(OUT, rest);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') process.exit(3);
      Atomics.wait(waiter, 0, 0, 1);
    }
    while (rest.length > 0 && written >= /** @type {Buffer} */ (rest[0]).length) {
      written -= /** @type {Buffer} */ (rest[0]).length;
      rest = rest.slice(1);
    }
    if (written > 0) rest = [/** @type {Buffer} */ (rest[0]).subarray(written), ...rest.slice(1)];
  }
}

/** A reason to stop that the parent is told with a literal code. */
export class Refusal extends Error {
  /**
   * @param {import('../decode-events.ts').FailureCode} code
   * @param {string} reason
   */
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

/**
 * Runs a program's work; what it refuses becomes a message, anything else ends the process as a crash.
 * @param {() => void} work
 */
export function reportRefusals(work) {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) send({ kind: 'failure', code: error.code, reason: error.message });
    else if (error instanceof FFmpegError && error.isENOMEM) {
      send({ kind: 'failure', code: 'TOO_LARGE', reason: 'Reading it needs more memory than is allowed.' });
    } else if (error instanceof FFmpegError) {
      send({
        kind: 'failure',
        code: 'DAMAGED',
        reason: `The recording cannot be used. FFmpeg says: ${error.message}.`,
      });
    } else throw error;
  }
}
