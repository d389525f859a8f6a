import { AV_NOPTS_VALUE, AV_PICTURE_TYPE_NONE, AV_PKT_DATA_DISPLAYMATRIX } from 'node-av/constants';
import { FFmpegError } from 'node-av/lib';
import { makeDecoder } from './decoder.mjs';
import { addAudioEncoder, addVideoEncoder, encodeFrame, soundFrame } from './encoder.mjs';
import { makeFilterChain } from './filter-chain.mjs';
import { Refusal } from './messages.mjs';
import { AUDIO_FRAME } from './pcm.mjs';
import { makeSound } from './sound.mjs';

/** Sample rates of AAC (ISO/IEC 14496-3 table 1.18). */
const AAC_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000];

/** @typedef {import('../limits.ts').MediaLimits} Limits */

/**
 * Decodes the pictures and encodes them as H.264 with 4:2:0 colour, at their own times. The picture stays as stored, with its mark of
 * rotation; an odd last column or row is cut off.
 * @param {import('node-av/lib').Stream} from
 * @param {import('node-av/lib').FormatContext} output
 * @param {Limits} limits
 * @param {(packet: import('node-av/lib').Packet) => void} write
 */
export function encodeVideoTrack(from, output, limits, write) {
  const stored = from.codecpar;
  const [width, height] = [stored.width & ~1, stored.height & ~1];
  if (stored.width * stored.height > limits.maxPixels) {
    throw new Refusal(
      'TOO_LARGE',
      `The picture is ${stored.width} x ${stored.height}; at most ${limits.maxPixels} pixels are taken.`,
    );
  }
  if (width < 16 || height < 16)
    throw new Refusal('NO_FRAMES', `The picture is ${stored.width} x ${stored.height}: too small.`);
  const rate = from.avgFrameRate.num > 0 ? from.avgFrameRate : from.rFrameRate;
  const encoder = addVideoEncoder(output, {
    width,
    height,
    timeBase: from.timeBase,
    frameRate: rate,
    configure: (context) => {
      context.colorRange = stored.colorRange;
      context.colorSpace = stored.colorSpace;
      context.colorPrimaries = stored.colorPrimaries;
      context.colorTrc = stored.colorTrc;
      context.sampleAspectRatio = stored.sampleAspectRatio;
    },
  });
  const matrix = stored.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (matrix !== null)
    FFmpegError.throwIfError(encoder.stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix));
  /** @type {ReturnType<typeof makeFilterChain> | null} */
  let chain = null;
  let last = AV_NOPTS_VALUE;
  /** @param {import('node-av/lib').Frame} picture */
  const encode = (picture) => {
    if (last !== AV_NOPTS_VALUE && picture.pts <= last) return;
    last = picture.pts;
    picture.pictType = AV_PICTURE_TYPE_NONE;
    encodeFrame(encoder, picture, write);
  };
  const decoder = makeDecoder(from, { maxPixels: limits.maxPixels, threads: limits.threads }, (frame) => {
    frame.pts = frame.bestEffortTimestamp;
    chain ??= makeFilterChain(frame, from.timeBase, rate, [`crop=${width}:${height}:0:0`, 'format=pix_fmts=yuv420p']);
    chain.add(frame, encode);
  });
  return {
    add: decoder.add,
    end() {
      decoder.end();
      chain?.end(encode);
      encodeFrame(encoder, null, write);
    },
  };
}

/**
 * Decodes the sound and encodes it as AAC, one or two channels.
 * @param {import('node-av/lib').Stream} from
 * @param {import('node-av/lib').FormatContext} output
 * @param {Limits} limits
 * @param {(packet: import('node-av/lib').Packet) => void} write
 */
export function encodeSound(from, output, limits, write) {
  const { sampleRate, channels: stored } = from.codecpar;
  const channels = Math.min(2, Math.max(1, stored));
  const rate = AAC_RATES.includes(sampleRate) ? sampleRate : 48000;
  const encoder = addAudioEncoder(output, rate, channels);
  /** Where the sound begins on the recording's time line, in samples. */
  let start = 0;
  let done = 0;
  let left = new Int16Array(0);
  /** @param {number} atLeast */
  const encode = (atLeast) => {
    let from = 0;
    for (let count = 0; left.length / channels - from >= atLeast && left.length / channels > from; from += count) {
      count = Math.min(AUDIO_FRAME, left.length / channels - from);
      const frame = soundFrame({ sampleRate: rate, channels, pcm: left }, from, count, start + done);
      encodeFrame(encoder, frame, write);
      frame.free();
      done += count;
    }
    left = left.slice(from * channels);
  };
  const sound = makeSound(
    (piece) => {
      const more = new Int16Array(left.length + piece.length / 2);
      more.set(left);
      more.set(new Int16Array(Uint8Array.from(piece).buffer), left.length);
      left = more;
      encode(AUDIO_FRAME);
    },
    { rate, channels },
  );
  let heard = false;
  const decoder = makeDecoder(from, { maxPixels: limits.maxPixels, threads: 1 }, (frame) => {
    if (!heard && frame.bestEffortTimestamp !== AV_NOPTS_VALUE) {
      start = Math.round((Number(frame.bestEffortTimestamp) * from.timeBase.num * rate) / from.timeBase.den);
    }
    heard = true;
    sound.add(frame);
  });
  return {
    add: decoder.add,
    end() {
      decoder.end();
      sound.end();
      encode(1);
      encodeFrame(encoder, null, write);
    },
  };
}
