import { rm } from 'node:fs/promises';
import {
  AV_LOG_ERROR,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_SMPTE170M,
} from 'node-av/constants';
import { avChannelLayoutDefault, Dictionary, Frame, Log, Rational, SoftwareScaleContext } from 'node-av/lib';
import { addAudioEncoder, addVideoEncoder, check, encodeFrame, newMp4, setRotation } from './av-encoder.ts';
import { AUDIO_FRAME, interleavedToPlanes } from './pcm.ts';

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

/**
 * Writes frames and sound as MP4: H.264 (yuv420p, x264 `veryfast`, CRF 20, one thread) and AAC, index at the front.
 *
 * `frames` are RGB24, `width * height * 3` bytes each, row by row. The sound is interleaved with the pictures as they come, so memory
 * stays flat. Encoding is synchronous per frame: run several worker processes for several videos.
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
  await using output = newMp4(out);
  const frameRate = asRational(shape.framesPerSecond);
  const video = addVideoEncoder(output, {
    width,
    height,
    timeBase: frameRate.inv(),
    frameRate,
    // cpu-independent: without it the same pictures gave different bytes from one run to the next.
    options: { preset: 'veryfast', crf: '20', 'x264-params': 'cpu-independent=1' },
  });
  setRotation(video.stream, shape.rotation ?? 0);
  const sound = audio === null ? null : addAudioEncoder(output, audio.sampleRate, audio.channels);
  if (shape.metadata !== undefined) output.metadata = Dictionary.fromObject(shape.metadata);
  check(await output.openOutput(), `open ${out}`);
  check(output.writeHeaderSync(Dictionary.fromObject({ movflags: '+faststart' })), 'write the header');

  using scaler = new SoftwareScaleContext();
  scaler.getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUV420P);
  const rgbRows = Buffer.alloc(width * height * 3 + 64); // swscale's vector code may read a little past the last pixel
  let soundDone = 0;
  const soundUpTo = (samples: number) => {
    if (audio === null || sound === null) return;
    const total = Math.floor(audio.pcm.length / audio.channels);
    while (soundDone < Math.min(samples, total)) {
      const count = Math.min(AUDIO_FRAME, total - soundDone);
      using frame = soundFrame(audio, soundDone, count);
      encodeFrame(output, sound, frame);
      soundDone += count;
    }
  };

  let number = 0;
  for await (const rgb of frames) {
    if (rgb.length !== width * height * 3) {
      throw new RangeError(`frame ${number + 1} has ${rgb.length} bytes, not ${width} x ${height} x 3`);
    }
    rgbRows.set(rgb);
    using frame = new Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = AV_PIX_FMT_YUV420P;
    frame.colorRange = AVCOL_RANGE_MPEG;
    frame.colorSpace = AVCOL_SPC_SMPTE170M; // the matrix that swscale uses by default
    check(frame.getBuffer(), 'allocate a frame');
    check(scaler.scaleSync([rgbRows], [width * 3], 0, height, frame.data!, frame.linesize), 'convert a frame');
    frame.pts = BigInt(number);
    encodeFrame(output, video, frame);
    number += 1;
    if (audio !== null) soundUpTo(Math.ceil((number / shape.framesPerSecond) * audio.sampleRate));
  }
  encodeFrame(output, video, null);
  soundUpTo(Number.POSITIVE_INFINITY);
  if (sound !== null) encodeFrame(output, sound, null);
  check(output.writeTrailerSync(), 'finish the file');
  await output.closeOutput();
  video.context.freeContext();
  sound?.context.freeContext();
}

function soundFrame(audio: Sound, start: number, count: number): Frame {
  const planes = interleavedToPlanes(audio.pcm, audio.channels, start, count);
  return Frame.fromAudioBuffer(Buffer.from(planes.buffer), {
    nbSamples: count,
    format: AV_SAMPLE_FMT_FLTP,
    sampleRate: audio.sampleRate,
    channelLayout: avChannelLayoutDefault(audio.channels),
    pts: BigInt(start),
    timeBase: { num: 1, den: audio.sampleRate },
  });
}

/** 29.97 is 30000/1001 (NTSC), whole numbers stay whole, others are kept to a thousandth. */
function asRational(framesPerSecond: number): Rational {
  const ntsc = Math.round(framesPerSecond);
  if (framesPerSecond !== ntsc && Math.abs(framesPerSecond - (ntsc * 1000) / 1001) < 0.005) {
    return new Rational(ntsc * 1000, 1001);
  }
  return Number.isInteger(framesPerSecond)
    ? new Rational(framesPerSecond, 1)
    : new Rational(Math.round(framesPerSecond * 1000), 1000);
}

function refuseBadShape({ width, height, framesPerSecond }: VideoShape, audio: Sound | null): void {
  const size = (n: number) => Number.isInteger(n) && n >= 16 && n <= 4096 && n % 2 === 0;
  if (!size(width) || !size(height)) throw new RangeError(`${width} x ${height}: both must be even, 16 to 4096`);
  if (!(framesPerSecond > 0 && framesPerSecond <= 240)) throw new RangeError(`${framesPerSecond} frames per second`);
  if (audio !== null && !(audio.channels >= 1 && audio.channels <= 8 && audio.sampleRate > 0)) {
    throw new RangeError(`${audio.channels} channels at ${audio.sampleRate} Hz`);
  }
}
