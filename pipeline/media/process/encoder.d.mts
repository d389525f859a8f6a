import type { AVCodecID, AVPixelFormat } from 'node-av/constants';
import type { CodecContext, FormatContext, Frame, Packet, Rational, Stream } from 'node-av/lib';

/** One encoder and the stream of the container that its packets go to. */
export interface EncoderStream {
  context: CodecContext;
  stream: Stream;
}

export interface VideoEncoderShape {
  width: number;
  height: number;
  /** The unit of the frames' pts. */
  timeBase: Rational;
  frameRate: Rational;
  /** yuv420p unless told. */
  pixelFormat?: AVPixelFormat;
  /** H.264 unless told. */
  codecId?: AVCodecID;
  /** The codec's own options; x264 `veryfast` at CRF 20 unless told. */
  options?: Record<string, string>;
  /** Sets what else there is, before the encoder is opened. */
  configure?: (context: CodecContext) => void;
}

/** Interleaved 16-bit samples. */
export interface SoundSamples {
  sampleRate: number;
  channels: number;
  pcm: Int16Array;
}

export const TRY_AGAIN: number;
export function check(code: number, operation: string): number;
export function addVideoEncoder(output: FormatContext, shape: VideoEncoderShape): EncoderStream;
export function addAudioEncoder(output: FormatContext, sampleRate: number, channels: number): EncoderStream;
export function encodeFrame(encoder: EncoderStream, frame: Frame | null, give: (packet: Packet) => void): void;
export function soundFrame(sound: SoundSamples, start: number, count: number, pts: number): Frame;
export function setRotation(stream: Stream, degrees: 0 | 90 | 180 | 270): void;
