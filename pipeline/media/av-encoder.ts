import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_SAMPLE_FMT_FLTP,
  type AVCodecID,
  AVERROR_EOF,
  type AVPixelFormat,
} from 'node-av/constants';
import {
  avChannelLayoutDefault,
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  type Frame,
  Packet,
  PosixError,
  Rational,
  type Stream,
} from 'node-av/lib';

/** What a codec or filter answers when it needs more input first; the number differs between systems. */
export const TRY_AGAIN: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** One encoder and the stream of the container that its packets go to. */
export interface EncoderStream {
  context: CodecContext;
  stream: Stream;
}

/** Throws an FFmpegError that names the operation when `code` is negative; otherwise gives `code` back. */
export function check(code: number, operation: string): number {
  FFmpegError.throwIfError(code, operation);
  return code;
}

/** An empty MP4 at `path`, not yet opened. */
export function newMp4(path: string): FormatContext {
  const output = new FormatContext();
  check(output.allocOutputContext2(null, 'mp4', path), 'make an MP4');
  return output;
}

/** An H.264 (or another codec's) video encoder in one thread, with its stream in `output`. `timeBase` is the unit of the frames' pts. */
export function addVideoEncoder(
  output: FormatContext,
  shape: {
    width: number;
    height: number;
    timeBase: Rational;
    frameRate: Rational;
    pixelFormat?: AVPixelFormat;
    codecId?: AVCodecID;
    options?: Record<string, string>;
    sampleAspectRatio?: Rational;
  },
): EncoderStream {
  const context = allocEncoder(shape.codecId ?? AV_CODEC_ID_H264);
  context.width = shape.width;
  context.height = shape.height;
  context.timeBase = shape.timeBase;
  context.framerate = shape.frameRate;
  context.pixelFormat = shape.pixelFormat ?? AV_PIX_FMT_YUV420P;
  context.threadCount = 1; // callers run several processes; x264's own threads would also change the bits
  if (shape.sampleAspectRatio !== undefined) context.sampleAspectRatio = shape.sampleAspectRatio;
  return open(output, context, shape.options ?? {});
}

/** An AAC encoder (planar float input, 1,024 samples a frame) with its stream in `output`. Rates up to 96 kHz, 1 to 8 channels. */
export function addAudioEncoder(output: FormatContext, sampleRate: number, channels: number): EncoderStream {
  const context = allocEncoder(AV_CODEC_ID_AAC);
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.sampleRate = sampleRate;
  context.channelLayout = avChannelLayoutDefault(channels);
  context.timeBase = new Rational(1, sampleRate);
  context.bitRate = BigInt(64_000 * channels);
  return open(output, context, {});
}

function allocEncoder(id: AVCodecID): CodecContext {
  const codec = Codec.findEncoder(id);
  if (codec === null) throw new Error(`this build of FFmpeg has no encoder for codec ${id}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  return context;
}

function open(output: FormatContext, context: CodecContext, options: Record<string, string>): EncoderStream {
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

/** Encodes one frame (null: the end) and writes the packets that are ready. */
export function encodeFrame(output: FormatContext, { context, stream }: EncoderStream, frame: Frame | null): void {
  check(context.sendFrameSync(frame), 'encode');
  using packet = new Packet();
  packet.alloc();
  for (;;) {
    const code = context.receivePacketSync(packet);
    if (code === TRY_AGAIN || code === AVERROR_EOF) return;
    check(code, 'encode');
    packet.streamIndex = stream.index;
    packet.rescaleTs(context.timeBase, stream.timeBase);
    check(output.interleavedWriteFrameSync(packet), 'write the file');
  }
}

/**
 * Marks the stream so that a player turns the picture `degrees` clockwise to show it upright, as phones do (MP4 `tkhd` matrix;
 * nine int32 in 16.16 fixed point, the last column 2.30: FFmpeg's libavutil/display.h).
 */
export function setRotation(stream: Stream, degrees: 0 | 90 | 180 | 270): void {
  if (degrees === 0) return;
  const radians = (degrees * Math.PI) / 180;
  const one = 65536;
  const cos = Math.round(Math.cos(radians)) * one;
  const sin = Math.round(Math.sin(radians)) * one;
  const matrix = Int32Array.of(cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30);
  check(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, Buffer.from(matrix.buffer)), 'set the rotation');
}
