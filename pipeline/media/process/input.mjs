import { fstatSync, readSync } from 'node:fs';
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_DISPOSITION_DEFAULT,
  AVERROR_EOF,
  AVERROR_INVALIDDATA,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_CUR,
  AVSEEK_SET,
  AVSEEK_SIZE,
} from 'node-av/constants';
import { avGetCodecName, Dictionary, FFmpegError, FormatContext, InputFormat, IOContext } from 'node-av/lib';
import { AUDIO_CODECS, CODEC_WHITELIST, CONTAINERS, FORMAT_WHITELIST, VIDEO_CODECS } from './allowed.mjs';
import { Refusal } from './messages.mjs';

const PIECE = 128 * 1024;
/** @type {Record<string, string>} */
const KINDS = { 'mov,mp4,m4a,3gp,3g2,mj2': 'MP4', 'matroska,webm': 'Matroska or WebM' };

/**
 * Opens the file behind an open descriptor. FFmpeg gets bytes through positional reads only: no name, no protocol, no way to another file.
 * @param {number} fd
 * @param {{ maxBytes: number, maxSeconds: number }} limits bytes of the file; seconds of its longest track
 */
export function openInput(fd, { maxBytes, maxSeconds }) {
  const stat = fstatSync(fd);
  if (!stat.isFile()) throw new Refusal('NOT_MEDIA', 'This is not a regular file.');
  if (stat.size === 0) throw new Refusal('EMPTY_FILE', 'The file is empty (0 bytes). Upload the recording again.');
  if (stat.size > maxBytes) {
    throw new Refusal('TOO_LARGE', `The file has ${stat.size} bytes; at most ${maxBytes} are taken.`);
  }
  const io = reader(fd, stat.size);
  const format = InputFormat.probeBufferSync(io, 1 << 20);
  const name = format?.name ?? null;
  const start = Buffer.alloc(7);
  readSync(fd, start, 0, 7, 0);
  if (name === null && start.toString('latin1') !== '#EXTM3U') {
    throw new Refusal('NOT_MEDIA', 'No video or sound format was recognised in this file.');
  }
  if (name === null || !CONTAINERS.includes(name)) {
    throw new Refusal(
      'CONTAINER_NOT_ALLOWED',
      `The file is of the kind "${name ?? 'hls'}"; only MP4/MOV/3GP, Matroska/WebM, WAV, MP3, Ogg and FLAC are taken.`,
    );
  }
  const context = new FormatContext();
  context.allocContext();
  context.pb = io;
  const code = context.openInputSync(
    '',
    format,
    Dictionary.fromObject({
      protocol_whitelist: 'none',
      format_whitelist: FORMAT_WHITELIST,
      codec_whitelist: CODEC_WHITELIST,
      max_streams: 32,
    }),
  );
  if (code === AVERROR_INVALIDDATA || code === AVERROR_EOF) {
    throw new Refusal('TRUNCATED', `The ${KINDS[name] ?? name} file is cut off or damaged: its index cannot be read.`);
  }
  FFmpegError.throwIfError(code, 'open the file');
  FFmpegError.throwIfError(context.findStreamInfoSync(null), 'look at the streams');
  const seconds = context.duration > 0n ? Number(context.duration) / 1e6 : null;
  if (seconds !== null && seconds > maxSeconds) {
    throw new Refusal('TOO_LONG', `The recording lasts ${seconds.toFixed(1)} s; at most ${maxSeconds} s are taken.`);
  }
  const close = () => {
    context.closeInputSync();
    io.freeContext(); // left to the collector, it keeps the process alive for eight seconds
  };
  return { context, container: name, seconds, bytes: stat.size, close };
}

/**
 * @param {number} fd
 * @param {number} size
 */
function reader(fd, size) {
  const piece = Buffer.alloc(PIECE);
  let position = 0;
  const io = new IOContext();
  io.allocContextWithCallbacks(
    PIECE,
    0,
    (wanted) => {
      const got = readSync(fd, piece, 0, Math.min(wanted, PIECE), position);
      position += got;
      return got === 0 ? AVERROR_EOF : piece.subarray(0, got);
    },
    null,
    (offset, whence) => {
      if ((whence & AVSEEK_SIZE) !== 0) return BigInt(size);
      const base = whence === AVSEEK_SET ? 0 : whence === AVSEEK_CUR ? position : size;
      position = Math.max(0, base + Number(offset));
      return BigInt(position);
    },
  );
  return io;
}

/**
 * The first video and the first sound track of a kind that we decode (default tracks first), and a word on each other track.
 * @param {FormatContext} context
 */
export function chooseStreams(context) {
  const streams = context.streams.map((stream) => ({
    stream,
    type: stream.codecpar.codecType,
    codec: avGetCodecName(stream.codecpar.codecId) ?? 'unknown',
    isDefault: (stream.disposition & AV_DISPOSITION_DEFAULT) !== 0,
    isCover: (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) !== 0,
  }));
  /** @param {number} type @param {string[]} codecs */
  const first = (type, codecs) =>
    streams
      .filter((one) => one.type === type && !one.isCover && codecs.includes(one.codec))
      .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))[0] ?? null;
  const video = first(AVMEDIA_TYPE_VIDEO, VIDEO_CODECS);
  const audio = first(AVMEDIA_TYPE_AUDIO, AUDIO_CODECS);
  const others = streams.filter((one) => one !== video && one !== audio);
  return { video, audio, others };
}
