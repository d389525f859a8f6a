// The program of a decode process: reads the recording behind descriptor 3, writes messages to descriptor 1, ends. Plain JavaScript, so that
// Node starts it without a loader (docs/decisions/decode-process.md). Argument: its limits as JSON.
import {
  AV_LOG_ERROR,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_SKIP_SAMPLES,
  AVERROR_EOF,
} from 'node-av/constants';
import { FFmpegError, Log, Packet } from 'node-av/lib';
import { makeCompleteness } from './completeness.mjs';
import { makeDecoder } from './decoder.mjs';
import { chooseStreams, openInput } from './input.mjs';
import { Refusal, reportRefusals, send } from './messages.mjs';
import { uprightFilters } from './orientation.mjs';
import { makeSampler } from './sampler.mjs';
import { makeSound } from './sound.mjs';

const INPUT = 3;
const PROGRESS_PACKETS = 64;

/** @typedef {import('../limits.ts').MediaLimits} Limits */

reportRefusals(() => {
  Log.setLevel(AV_LOG_ERROR);
  decode(/** @type {Limits} */ (JSON.parse(process.argv[2] ?? '{}')));
});

/** @param {Limits} limits */
function decode(limits) {
  const input = openInput(INPUT, limits);
  const { video, audio, others } = chooseStreams(input.context);
  if (video === null && limits.requireVideo) {
    const refused = others.find((one) => one.type === 0 && !one.isCover);
    if (refused !== undefined) {
      throw new Refusal('CODEC_NOT_ALLOWED', `The video is coded as ${refused.codec}, which is not taken.`);
    }
    throw new Refusal('NO_VIDEO', 'The file has no video track.');
  }
  const stored = video?.stream.codecpar ?? null;
  if (stored !== null && stored.width * stored.height > limits.maxPixels) {
    throw new Refusal(
      'TOO_LARGE',
      `The picture is ${stored.width} x ${stored.height}; at most ${limits.maxPixels} pixels are taken.`,
    );
  }
  const turn = uprightFilters(stored?.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX) ?? null);
  const across = turn.degrees % 180 === 90;
  const rate = video?.stream.avgFrameRate ?? null;
  const hasPicture = stored !== null && stored.width > 0 && stored.height > 0;
  const sounds = audio !== null && audio.stream.codecpar.sampleRate > 0 && audio.stream.codecpar.channels > 0;
  send({
    kind: 'info',
    container: input.container,
    bytes: input.bytes,
    durationSeconds: input.seconds,
    video:
      hasPicture && video !== null
        ? {
            codec: video.codec,
            width: across ? stored.height : stored.width,
            height: across ? stored.width : stored.height,
            rotation: turn.degrees,
            nominalFrameRate: rate !== null && rate.num > 0 && rate.den > 0 ? rate.num / rate.den : null,
            promisedFrames: video.stream.nbFrames > 0n ? Number(video.stream.nbFrames) : null,
          }
        : null,
    audio: sounds
      ? { codec: audio.codec, sampleRate: audio.stream.codecpar.sampleRate, channels: audio.stream.codecpar.channels }
      : null,
    otherTracks: others.map((one) => one.codec),
  });

  const origin = input.context.startTime === AV_NOPTS_VALUE ? 0n : input.context.startTime;
  const pictures = video === null ? null : makePictures(video.stream, turn.filters, origin, limits);
  const sound = makeSound((pcm) => send({ kind: 'audio' }, pcm));
  const soundEnd = { seconds: 0 };
  const ear =
    audio === null || !sounds
      ? null
      : makeDecoder(audio.stream, { maxPixels: limits.maxPixels, threads: 1 }, (frame) => {
          soundEnd.seconds =
            secondsOf(frame.bestEffortTimestamp, audio.stream.timeBase, origin) + frame.nbSamples / frame.sampleRate;
          if (soundEnd.seconds > limits.maxSeconds + 1) throw tooLong(limits);
          sound.add(frame);
        });
  const packet = new Packet();
  packet.alloc();
  let code = 0;
  for (let packets = 1; ; packets += 1) {
    code = input.context.readFrameSync(packet);
    if (code < 0) break;
    if (packet.streamIndex === video?.stream.index) pictures?.decoder.add(packet);
    else if (packet.streamIndex === audio?.stream.index) {
      if (input.container.startsWith('mov')) keepLastSamples(packet);
      ear?.add(packet);
    }
    packet.unref();
    if (packets % PROGRESS_PACKETS === 0) send({ kind: 'progress' });
  }
  pictures?.decoder.end();
  const timing = pictures?.end() ?? { sampled: 0, variable: false, rate: null, endSeconds: 0 };
  ear?.end();
  const { samples } = sound.end();

  const completeness = makeCompleteness(input.seconds);
  if (code !== AVERROR_EOF) completeness.readError(FFmpegError.strerror(code));
  if (video !== null && pictures !== null) {
    completeness.track('video', video.stream, pictures.decoder.counts, timing.endSeconds, video.codec !== 'vp8');
    if (pictures.decoder.counts.packets === 0 && (video.stream.nbFrames === 0n || completeness.problem() === null)) {
      throw new Refusal('NO_FRAMES', 'The video track is empty: it holds no frame.');
    }
  }
  if (audio !== null && ear !== null && samples > 0) {
    completeness.track('sound', audio.stream, ear.counts, soundEnd.seconds, false);
  }
  const problem = completeness.problem();
  if (problem !== null) throw problem;
  if (pictures !== null && pictures.decoder.counts.frames === 0) {
    throw new Refusal('NO_FRAMES', 'No frame of the video could be decoded.');
  }
  send({
    kind: 'end',
    videoFrames: pictures?.decoder.counts.frames ?? 0,
    sampledFrames: timing.sampled,
    audioSamples: samples,
    variableFrameRate: timing.variable,
    measuredFrameRate: timing.rate,
  });
  input.close();
}

/**
 * Since FFmpeg 7 an MP4's last samples, past the end of its edit list, are cut off; the paper's tools (FFmpeg 5.1) kept them, and so the
 * published features have them. The packet's note (libavcodec/packet.h: samples to skip at the start u32, to cut at the end u32) is dropped.
 * @param {Packet} packet
 */
function keepLastSamples(packet) {
  const note = packet.getSideData(AV_PKT_DATA_SKIP_SAMPLES);
  if (note !== null && note.length >= 8 && note.readUInt32LE(0) === 0) packet.freeSideData();
}

/** @param {Limits} limits */
function tooLong(limits) {
  return new Refusal('TOO_LONG', `The recording goes on past ${limits.maxSeconds} s, the longest that is taken.`);
}

/**
 * @param {bigint} timestamp
 * @param {import('node-av/lib').Rational} timeBase
 * @param {bigint} origin microseconds
 */
function secondsOf(timestamp, timeBase, origin) {
  return (Number(timestamp) * timeBase.num) / timeBase.den - Number(origin) / 1e6;
}

/**
 * The video track: decoded, timed from the start of the file, sampled.
 * @param {import('node-av/lib').Stream} stream
 * @param {string[]} upright
 * @param {bigint} origin microseconds
 * @param {Limits} limits
 */
function makePictures(stream, upright, origin, limits) {
  /** @type {ReturnType<typeof makeSampler> | null} */
  let sampler = null;
  /** @type {string | null} */
  let shape = null;
  let number = 0;
  let endSeconds = 0;
  /** @type {number[]} */
  const times = [];
  const timeBase = stream.timeBase;
  const shift = (origin * BigInt(timeBase.den)) / (1_000_000n * BigInt(timeBase.num));
  const rate = stream.avgFrameRate.num > 0 ? stream.avgFrameRate : stream.rFrameRate;
  const nominal = rate.num > 0 && rate.den > 0 ? rate.den / rate.num : 1 / 30;
  const decoder = makeDecoder(stream, { maxPixels: limits.maxPixels, threads: limits.threads }, (frame) => {
    const now = `${frame.width} x ${frame.height}, format ${frame.format}`;
    shape ??= now;
    const stamped = frame.bestEffortTimestamp !== AV_NOPTS_VALUE;
    const seconds = stamped
      ? secondsOf(frame.bestEffortTimestamp, timeBase, origin)
      : (times.at(-1) ?? -nominal) + nominal;
    if (now !== shape) {
      throw new Refusal(
        'PICTURE_CHANGES',
        `The picture changes its size or format at ${seconds.toFixed(2)} s (${shape}, then ${now}).`,
      );
    }
    if (seconds > limits.maxSeconds + 1) throw tooLong(limits);
    frame.pts = stamped
      ? frame.bestEffortTimestamp - shift
      : BigInt(Math.round((seconds * timeBase.den) / timeBase.num));
    const lasts = (Number(frame.duration) * timeBase.num) / timeBase.den;
    if (!(lasts > 0)) frame.duration = BigInt(Math.round((nominal * timeBase.den) / timeBase.num));
    times.push(seconds);
    endSeconds = Math.max(endSeconds, seconds + (lasts > 0 ? lasts : nominal));
    sampler ??= makeSampler(
      frame,
      { timeBase, frameRate: rate, upright, perSecond: limits.framesPerSecond },
      (jpeg, width, height) => {
        number += 1;
        send({ kind: 'frame', number, timeSeconds: (number - 1) / limits.framesPerSecond, width, height }, jpeg);
      },
    );
    sampler.add(frame);
  });
  return {
    decoder,
    end() {
      const sampled = sampler?.end() ?? 0;
      return { sampled, endSeconds, ...rhythm(times) };
    },
  };
}

/**
 * Whether frames come at a steady pace, and how many a second. Shown order is time order, whatever order they were stored in.
 * @param {number[]} times seconds
 */
function rhythm(times) {
  const gaps = times.slice(1).map((time, i) => time - /** @type {number} */ (times[i]));
  if (gaps.length === 0) return { variable: false, rate: null };
  const middle = /** @type {number} */ ([...gaps].sort((a, b) => a - b)[gaps.length >> 1]);
  const odd = gaps.filter((gap) => Math.abs(gap - middle) > 0.1 * middle + 0.001).length;
  const span = /** @type {number} */ (times.at(-1)) - /** @type {number} */ (times[0]);
  return { variable: odd > 0.01 * gaps.length, rate: span > 0 ? gaps.length / span : null };
}
