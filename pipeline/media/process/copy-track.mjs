import { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import { BitStreamFilter, BitStreamFilterContext, FFmpegError, Packet } from 'node-av/lib';
import { TRY_AGAIN } from './encoder.mjs';

// What an H.264 picture needs (ITU-T H.264 table 7-1): slices 1-5, parameter sets 7 and 8, delimiter 9. Left out: 6, messages (SEI), where
// encoders and phones put text; 12, filler; 14 and up, other layers and what nobody has defined.
const NEEDED_UNITS = '1-5|7-9';

/**
 * @param {import('node-av/lib').Stream} stream
 * @param {string} codec
 */
export function isCopyableVideo(stream, codec) {
  const { format, extradataSize } = stream.codecpar;
  return codec === 'h264' && extradataSize > 0 && (format === AV_PIX_FMT_YUV420P || format === AV_PIX_FMT_YUVJ420P);
}

/** @param {string} codec */
export const isCopyableSound = (codec) => codec === 'aac';

/**
 * Takes the coded pictures over as they are, without units that are no part of the picture.
 * @param {import('node-av/lib').Stream} from
 * @param {import('node-av/lib').FormatContext} output
 * @param {(packet: Packet) => void} write
 */
export function copyVideo(from, output, write) {
  const filter = new BitStreamFilterContext();
  const kind = BitStreamFilter.getByName('filter_units');
  if (kind === null) throw new Error('this build of FFmpeg has no filter_units');
  FFmpegError.throwIfError(filter.alloc(kind), 'make the unit filter');
  const into = /** @type {import('node-av/lib').CodecParameters} */ (filter.inputCodecParameters);
  FFmpegError.throwIfError(from.codecpar.copy(into), 'describe the video');
  filter.inputTimeBase = from.timeBase;
  FFmpegError.throwIfError(filter.setOption('pass_types', NEEDED_UNITS), 'choose the units');
  FFmpegError.throwIfError(filter.init(), 'set up the unit filter');
  const stream = output.newStream();
  const found = /** @type {import('node-av/lib').CodecParameters} */ (filter.outputCodecParameters);
  FFmpegError.throwIfError(found.copy(stream.codecpar), 'describe the video');
  stream.codecpar.codecTag = 0;
  stream.timeBase = from.timeBase;
  stream.avgFrameRate = from.avgFrameRate;
  const clean = new Packet();
  clean.alloc();
  const drain = () => {
    for (;;) {
      const code = filter.receivePacketSync(clean);
      if (code === TRY_AGAIN || code < 0) return;
      clean.freeSideData();
      clean.streamIndex = stream.index;
      clean.rescaleTs(from.timeBase, stream.timeBase);
      write(clean);
      clean.unref();
    }
  };
  return {
    /** @param {Packet} packet */
    add(packet) {
      FFmpegError.throwIfError(filter.sendPacketSync(packet), 'filter the units');
      drain();
    },
    end() {
      filter.sendPacketSync(null);
      drain();
    },
  };
}

/**
 * Takes the coded sound over as it is.
 * @param {import('node-av/lib').Stream} from
 * @param {import('node-av/lib').FormatContext} output
 * @param {(packet: Packet) => void} write
 */
export function copySound(from, output, write) {
  const stream = output.newStream();
  FFmpegError.throwIfError(from.codecpar.copy(stream.codecpar), 'describe the sound');
  stream.codecpar.codecTag = 0;
  stream.timeBase = from.timeBase;
  return {
    /** @param {Packet} packet */
    add(packet) {
      packet.freeSideData();
      packet.rescaleTs(from.timeBase, stream.timeBase);
      packet.streamIndex = stream.index;
      write(packet);
    },
    end() {},
  };
}
