import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_SAMPLE_FMT_FLTP,
  AVERROR_EOF,
} from 'node-av/constants';
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  FFmpegError,
  Frame,
  Packet,
  PosixError,
  Rational,
} from 'node-av/lib';
import { interleavedToPlanes } from './pcm.mjs';

// Types for callers in TypeScript: encoder.d.mts.

/** What a codec answers when it needs more input first; the number differs between systems. */
export const TRY_AGAIN = FFmpegError.AVERROR(PosixError.EAGAIN);

/**
 * Throws an FFmpegError that names the operation when `code` is negative; otherwise gives `code` back.
 * @param {number} code
 * @param {string} operation
 */
export function check(code, operation) {
  FFmpegError.throwIfError(code, operation);
  return code;
}

/**
 * A video encoder (H.264 unless told) in one thread, with its stream in `output`.
 * @param {import('node-av/lib').FormatContext} output
 * @param {import('./encoder.d.mts').VideoEncoderShape} shape
 */
export function addVideoEncoder(output, shape) {
  const context = allocEncoder(shape.codecId ?? AV_CODEC_ID_H264);
  context.width = shape.width;
  context.height = shape.height;
  context.timeBase = shape.timeBase;
  context.framerate = shape.frameRate;
  context.pixelFormat = shape.pixelFormat ?? AV_PIX_FMT_YUV420P;
  context.threadCount = 1; // callers run several processes; x264's own threads would also change the bits
  shape.configure?.(context);
  return open(output, context, shape.options ?? X264);
}

/** x264's settings. cpu-independent: without it the same pictures gave different bytes from one run to the next. */
const X264 = { preset: 'veryfast', crf: '20', 'x264-params': 'cpu-independent=1' };

/**
 * An AAC encoder (planar float input, 1,024 samples a frame) with its stream in `output`. Rates up to 96 kHz, 1 to 8 channels.
 * @param {import('node-av/lib').FormatContext} output
 * @param {number} sampleRate
 * @param {number} channels
 */
export function addAudioEncoder(output, sampleRate, channels) {
  const context = allocEncoder(AV_CODEC_ID_AAC);
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.sampleRate = sampleRate;
  context.channelLayout = avChannelLayoutDefault(channels);
  context.timeBase = new Rational(1, sampleRate);
  context.bitRate = BigInt(64_000 * channels);
  return open(output, context, {});
}

/** @param {import('node-av/constants').AVCodecID} id */
function allocEncoder(id) {
  const codec = Codec.findEncoder(id);
  if (codec === null) throw new Error(`this build of FFmpeg has no encoder for codec ${id}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  return context;
}

/**
 * @param {import('node-av/lib').FormatContext} output
 * @param {CodecContext} context
 * @param {Record<string, string>} options
 */
function open(output, context, options) {
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER); // MP4 keeps the codec's header in the index
  // Not as a dictionary: node-av 6.1's open2Sync frees the one it is given, and its own wrapper frees it again.
  for (const [name, value] of Object.entries(options)) check(context.setOption(name, value), `set ${name}=${value}`);
  check(context.open2Sync(), 'open the encoder');
  const stream = output.newStream();
  check(stream.codecpar.fromContext(context), 'describe the stream');
  stream.timeBase = context.timeBase;
  if (context.framerate.num > 0) stream.avgFrameRate = context.framerate;
  return { context, stream };
}

/**
 * Encodes one frame (null: the end) and hands over the packets that are ready, in the stream's time base.
 * @param {import('./encoder.d.mts').EncoderStream} encoder
 * @param {Frame | null} frame
 * @param {(packet: Packet) => void} give
 */
export function encodeFrame({ context, stream }, frame, give) {
  check(context.sendFrameSync(frame), 'encode');
  const packet = new Packet();
  packet.alloc();
  for (;;) {
    const code = context.receivePacketSync(packet);
    if (code === TRY_AGAIN || code === AVERROR_EOF) break;
    check(code, 'encode');
    packet.streamIndex = stream.index;
    packet.rescaleTs(context.timeBase, stream.timeBase);
    give(packet);
    packet.unref();
  }
  packet.free();
}

/**
 * A frame for the AAC encoder out of interleaved 16-bit samples.
 * @param {import('./encoder.d.mts').SoundSamples} sound
 * @param {number} start first sample, counted per channel
 * @param {number} count
 * @param {number} pts in samples
 */
export function soundFrame({ sampleRate, channels, pcm }, start, count, pts) {
  const planes = interleavedToPlanes(pcm, channels, start, count);
  return Frame.fromAudioBuffer(Buffer.from(planes.buffer), {
    nbSamples: count,
    format: AV_SAMPLE_FMT_FLTP,
    sampleRate,
    channelLayout: avChannelLayoutDefault(channels),
    pts: BigInt(pts),
    timeBase: { num: 1, den: sampleRate },
  });
}

/**
 * Marks the stream so that a player turns the picture `degrees` clockwise to show it upright, as phones do (MP4 `tkhd` matrix;
 * nine int32 in 16.16 fixed point, the last column 2.30: FFmpeg's libavutil/display.h).
 * @param {import('node-av/lib').Stream} stream
 * @param {0 | 90 | 180 | 270} degrees
 */
export function setRotation(stream, degrees) {
  if (degrees === 0) return;
  const radians = (degrees * Math.PI) / 180;
  const cos = Math.round(Math.cos(radians)) * 65536;
  const sin = Math.round(Math.sin(radians)) * 65536;
  const matrix = Int32Array.of(cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30);
  check(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, Buffer.from(matrix.buffer)), 'set the rotation');
}
