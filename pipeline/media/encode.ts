import { rm } from 'node:fs/promises';
import {
  AV_LOG_ERROR,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_SMPTE170M,
} from 'node-av/constants';
import { Dictionary, FormatContext, Frame, Log, Rational, SoftwareScaleContext } from 'node-av/lib';
import {
  addAudioEncoder,
  addVideoEncoder,
  check,
  type EncoderStream,
  encodeFrame,
  setRotation,
  soundFrame,
} from './process/encoder.mjs';

/** What to encode. `width` and `height` are those of the frames, before the rotation mark is applied. */
export interface VideoShape {
  /** Pixels, even: H.264 with 4:2:0 colour has no odd sizes. */
  width: number;
  height: number;
  framesPerSecond: number;
  /** How far, clockwise, a player turns the picture to show it upright, as a phone marks it. */
  rotation?: 0 | 90 | 180 | 270;
  /** Container metadata such as `title`, `creation_time` (ISO 8601) or `location` (`+38.99-077.10/`). */
  metadata?: Record<string, string>;
}

/** Interleaved 16-bit samples. */
export interface Sound {
  sampleRate: number;
  channels: number;
  pcm: Int16Array;
}

const AUDIO_FRAME = 1024;

/**
 * Writes frames and sound as MP4: H.264 (yuv420p, x264 `veryfast`, CRF 20, one thread) and AAC, index at the front.
 *
 * `frames` are RGB24, `width * height * 3` bytes each, row by row. The sound is interleaved with the pictures as they come, so memory
 * stays flat. Encoding is synchronous per frame: run several worker processes for several videos. The same input gives the same bytes.
 * Throws RangeError for a size, rate or frame it cannot take, FFmpegError for the encoder's and the disk's faults; then `out` is removed.
 */
export async function encodeVideo(
  shape: VideoShape,
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  audio: Sound | null,
  out: string,
): Promise<void> {
  refuseBadShape(shape, audio);
  try {
    await write(shape, frames, audio, out);
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  }
}

async function write(
  shape: VideoShape,
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  audio: Sound | null,
  out: string,
): Promise<void> {
  const { width, height } = shape;
  Log.setLevel(AV_LOG_ERROR);
  await using output = new FormatContext();
  check(output.allocOutputContext2(null, 'mp4', out), 'make an MP4');
  const frameRate = asRational(shape.framesPerSecond);
  const video = addVideoEncoder(output, { width, height, timeBase: frameRate.inv(), frameRate });
  setRotation(video.stream, shape.rotation ?? 0);
  const sound = audio === null ? null : addAudioEncoder(output, audio.sampleRate, audio.channels);
  if (shape.metadata !== undefined) output.metadata = Dictionary.fromObject(shape.metadata);
  check(await output.openOutput(), `open ${out}`);
  check(output.writeHeaderSync(Dictionary.fromObject({ movflags: '+faststart' })), 'write the header');
  const put = (encoder: EncoderStream, frame: Frame | null) =>
    encodeFrame(encoder, frame, (packet) => {
      check(output.interleavedWriteFrameSync(packet), 'write the file');
    });

  let soundDone = 0;
  const soundUpTo = (samples: number) => {
    if (audio === null || sound === null) return;
    const total = Math.floor(audio.pcm.length / audio.channels);
    while (soundDone < Math.min(samples, total)) {
      const count = Math.min(AUDIO_FRAME, total - soundDone);
      using frame = soundFrame(audio, soundDone, count, soundDone);
      put(sound, frame);
      soundDone += count;
    }
  };
  const convert = rgbConverter(width, height);
  let number = 0;
  for await (const rgb of frames) {
    if (rgb.length !== width * height * 3) {
      throw new RangeError(`frame ${number + 1} has ${rgb.length} bytes, not ${width} x ${height} x 3`);
    }
    using frame = convert(rgb);
    frame.pts = BigInt(number);
    put(video, frame);
    number += 1;
    if (audio !== null) soundUpTo(Math.ceil((number / shape.framesPerSecond) * audio.sampleRate));
  }
  put(video, null);
  soundUpTo(Number.POSITIVE_INFINITY);
  if (sound !== null) put(sound, null);
  check(output.writeTrailerSync(), 'finish the file');
  await output.closeOutput();
  video.context.freeContext();
  sound?.context.freeContext();
}

/** RGB24 to yuv420p frames of the same size. */
function rgbConverter(width: number, height: number): (rgb: Uint8Array) => Frame {
  const scaler = new SoftwareScaleContext();
  scaler.getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P);
  const rows = Buffer.alloc(width * height * 3 + 64); // swscale's vector code may read a little past the last pixel
  return (rgb) => {
    rows.set(rgb);
    const frame = new Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = AV_PIX_FMT_YUV420P;
    frame.colorRange = AVCOL_RANGE_MPEG;
    frame.colorSpace = AVCOL_SPC_SMPTE170M; // the matrix that swscale uses by default
    check(frame.getBuffer(), 'allocate a frame');
    check(scaler.scaleSync([rows], [width * 3], 0, height, frame.data!, frame.linesize), 'convert a frame');
    return frame;
  };
}

/** 29.97 is 30000/1001 (NTSC), whole numbers stay whole, others are kept to a thousandth. */
function asRational(framesPerSecond: number): Rational {
  const whole = Math.round(framesPerSecond);
  if (framesPerSecond === whole) return new Rational(whole, 1);
  if (Math.abs(framesPerSecond - (whole * 1000) / 1001) < 0.005) return new Rational(whole * 1000, 1001);
  return new Rational(Math.round(framesPerSecond * 1000), 1000);
}

function refuseBadShape({ width, height, framesPerSecond }: VideoShape, audio: Sound | null): void {
  const size = (n: number) => Number.isInteger(n) && n >= 16 && n <= 4096 && n % 2 === 0;
  if (!size(width) || !size(height)) throw new RangeError(`${width} x ${height}: both must be even, 16 to 4096`);
  if (!(framesPerSecond > 0 && framesPerSecond <= 240)) throw new RangeError(`${framesPerSecond} frames per second`);
  if (audio !== null && !(audio.channels >= 1 && audio.channels <= 8 && audio.sampleRate > 0)) {
    throw new RangeError(`${audio.channels} channels at ${audio.sampleRate} Hz`);
  }
}
