import {
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_PICTURE_TYPE_NONE,
  AVCOL_RANGE_JPEG,
  AVERROR_EOF,
} from 'node-av/constants';
import {
  avGetPixFmtName,
  Codec,
  CodecContext,
  FFmpegError,
  Filter,
  FilterGraph,
  Frame,
  Packet,
  Rational,
} from 'node-av/lib';
import { fullRangeFilters } from './full-range.mjs';

const LAMBDA = 118; // FFmpeg's FF_QP2LAMBDA: quantiser steps to its lambda scale

/**
 * Takes frames in and gives JPEGs out at a fixed rate, upright: FFmpeg's own `fps` filter and mjpeg encoder at quantiser 2, full range
 * 4:2:0, so that the pictures are those of `ffmpeg -vf fps=10 -q:v 2 %d.jpg`. Picture n stands for the time (n - 1) / rate.
 * @param {Frame} first the first frame: size, pixel format and colours of the rest
 * @param {{ timeBase: import('node-av/lib').Rational, frameRate: import('node-av/lib').Rational, upright: string[], perSecond: number }} setup
 * @param {(jpeg: Buffer, width: number, height: number) => void} give
 */
export function makeSampler(first, { timeBase, frameRate, upright, perSecond }, give) {
  const graph = new FilterGraph();
  graph.alloc();
  graph.nbThreads = 1;
  const aspect = first.sampleAspectRatio;
  const source = graph.createFilter(
    filter('buffer'),
    'in',
    [
      `video_size=${first.width}x${first.height}`,
      `pix_fmt=${avGetPixFmtName(/** @type {import('node-av/constants').AVPixelFormat} */ (first.format))}`,
      `time_base=${timeBase.num}/${timeBase.den}`,
      `pixel_aspect=${aspect.num}/${Math.max(1, aspect.den)}`,
      `colorspace=${first.colorSpace}`,
      `range=${first.colorRange}`,
      ...(frameRate.num > 0 ? [`frame_rate=${frameRate.num}/${frameRate.den}`] : []),
    ].join(':'),
  );
  const sink = graph.createFilter(filter('buffersink'), 'out');
  if (source === null || sink === null) throw new Error('no filter graph');
  // Linked one by one: the parser's lists of open pads would be freed twice (by FFmpeg and by node-av 6.1).
  let last = source;
  for (const [i, text] of [`fps=fps=${perSecond}:start_time=0`, ...upright, ...fullRangeFilters(first)].entries()) {
    const [name = '', ...args] = text.split('=');
    const next = graph.createFilter(filter(name), `f${i}`, args.join('='));
    if (next === null) throw new Error(`no filter ${text}`);
    FFmpegError.throwIfError(last.link(0, next, 0), 'link the filters');
    last = next;
  }
  FFmpegError.throwIfError(last.link(0, sink, 0), 'link the filters');
  FFmpegError.throwIfError(graph.configSync(), 'set up the filters');

  const [width, height] = [sink.buffersinkGetWidth(), sink.buffersinkGetHeight()];
  const encoder = jpegEncoder(sink, perSecond);
  const frame = new Frame();
  frame.alloc();
  const packet = new Packet();
  packet.alloc();
  let count = 0;

  const drain = () => {
    while (sink.buffersinkGetFrameSync(frame) >= 0) {
      frame.quality = 2 * LAMBDA;
      frame.pts = BigInt(count);
      frame.pictType = AV_PICTURE_TYPE_NONE;
      FFmpegError.throwIfError(encoder.sendFrameSync(frame), 'encode a JPEG');
      FFmpegError.throwIfError(encoder.receivePacketSync(packet), 'encode a JPEG');
      count += 1;
      give(/** @type {Buffer} */ (packet.data), width, height);
      packet.unref();
      frame.unref();
    }
  };
  return {
    width,
    height,
    /** @param {Frame} picture its pts in the time base, from the start of the file */
    add(picture) {
      FFmpegError.throwIfError(source.buffersrcAddFrameSync(picture), 'filter a frame');
      drain();
    },
    /** The last frames come out. Gives the number of pictures. */
    end() {
      const code = source.buffersrcAddFrameSync(null);
      if (code !== AVERROR_EOF) FFmpegError.throwIfError(code, 'end the filters');
      drain();
      return count;
    },
  };
}

/** @param {string} name */
function filter(name) {
  const found = Filter.getByName(name);
  if (found === null) throw new Error(`this build of FFmpeg has no filter ${name}`);
  return found;
}

/**
 * @param {import('node-av/lib').FilterContext} sink what it gives
 * @param {number} perSecond
 */
function jpegEncoder(sink, perSecond) {
  const encoder = new CodecContext();
  encoder.allocContext3(Codec.findEncoder(AV_CODEC_ID_MJPEG));
  encoder.width = sink.buffersinkGetWidth();
  encoder.height = sink.buffersinkGetHeight();
  encoder.sampleAspectRatio = sink.buffersinkGetSampleAspectRatio();
  encoder.pixelFormat = /** @type {import('node-av/constants').AVPixelFormat} */ (sink.buffersinkGetFormat());
  encoder.colorRange = AVCOL_RANGE_JPEG;
  encoder.timeBase = new Rational(1, perSecond);
  encoder.threadCount = 1;
  encoder.setFlags(AV_CODEC_FLAG_QSCALE);
  encoder.globalQuality = 2 * LAMBDA;
  FFmpegError.throwIfError(encoder.open2Sync(), 'open the JPEG encoder');
  return encoder;
}
