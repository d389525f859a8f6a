import { AV_PKT_FLAG_CORRUPT, AV_PKT_FLAG_DISCARD, AVERROR_EOF } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, PosixError } from 'node-av/lib';
import { Refusal } from './messages.mjs';

const TRY_AGAIN = FFmpegError.AVERROR(PosixError.EAGAIN);
const FRAME_CORRUPT = 1; // AV_FRAME_FLAG_CORRUPT

/**
 * One track's decoder, and the count of what went in and came out.
 * @param {import('node-av/lib').Stream} stream
 * @param {{ maxPixels: number, threads: number }} limits
 * @param {(frame: Frame) => void} give is handed each frame; the frame is used again afterwards
 */
export function makeDecoder(stream, { maxPixels, threads }, give) {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) throw new Refusal('CODEC_NOT_ALLOWED', 'This build has no decoder for the track.');
  const context = new CodecContext();
  context.allocContext3(codec);
  FFmpegError.throwIfError(context.parametersToContext(stream.codecpar), 'set up the decoder');
  context.pktTimebase = stream.timeBase;
  context.threadCount = threads;
  FFmpegError.throwIfError(context.setOption('max_pixels', String(maxPixels)), 'limit the decoder');
  FFmpegError.throwIfError(context.open2Sync(), 'open the decoder');
  const frame = new Frame();
  frame.alloc();
  const counts = { packets: 0, discarded: 0, frames: 0, damaged: 0 };

  /** @param {import('node-av/lib').Packet | null} packet */
  const send = (packet) => {
    let code = context.sendPacketSync(packet);
    receive();
    if (code === TRY_AGAIN) {
      code = context.sendPacketSync(packet);
      receive();
    }
    if (code < 0 && code !== AVERROR_EOF) counts.damaged += 1;
  };
  const receive = () => {
    for (;;) {
      const code = context.receiveFrameSync(frame);
      if (code === TRY_AGAIN || code === AVERROR_EOF) return;
      if (code < 0) {
        counts.damaged += 1;
        return;
      }
      counts.frames += 1;
      if ((frame.flags & FRAME_CORRUPT) !== 0 || frame.decodeErrorFlags !== 0) counts.damaged += 1;
      give(frame);
      frame.unref();
    }
  };
  return {
    counts,
    /** @param {import('node-av/lib').Packet} packet */
    add(packet) {
      counts.packets += 1;
      if ((packet.flags & AV_PKT_FLAG_DISCARD) !== 0) counts.discarded += 1;
      if ((packet.flags & AV_PKT_FLAG_CORRUPT) !== 0) counts.damaged += 1;
      send(packet);
    },
    end() {
      send(null);
    },
  };
}
