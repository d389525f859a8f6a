import { writeSync } from 'node:fs';
import { AVFMT_FLAG_BITEXACT, AVSEEK_CUR, AVSEEK_SET, AVSEEK_SIZE } from 'node-av/constants';
import { FFmpegError, FormatContext, IOContext } from 'node-av/lib';

/**
 * An MP4 that is written to an open descriptor. Bit-exact: no name of the encoder and no time of writing inside.
 * @param {number} fd
 */
export function openOutput(fd) {
  let position = 0;
  let size = 0;
  const io = new IOContext();
  io.allocContextWithCallbacks(
    128 * 1024,
    1,
    null,
    (bytes) => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(fd, bytes, done, bytes.length - done, position + done);
      }
      position += bytes.length;
      size = Math.max(size, position);
      return bytes.length;
    },
    (offset, whence) => {
      if ((whence & AVSEEK_SIZE) !== 0) return BigInt(size);
      const base = whence === AVSEEK_SET ? 0 : whence === AVSEEK_CUR ? position : size;
      position = base + Number(offset);
      return BigInt(position);
    },
  );
  const context = new FormatContext();
  FFmpegError.throwIfError(context.allocOutputContext2(null, 'mp4', ''), 'make an MP4');
  context.pb = io;
  context.setFlags(AVFMT_FLAG_BITEXACT);
  return { context, io };
}
