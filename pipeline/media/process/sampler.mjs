import { AV_CODEC_FLAG_QSCALE, AV_CODEC_ID_MJPEG, AV_PICTURE_TYPE_NONE, AVCOL_RANGE_JPEG } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Packet, Rational } from 'node-av/lib';
import { makeFilterChain } from './filter-chain.mjs';
import { fullRangeFilters } from './full-range.mjs';

const QUALITY = 2 * 118; // quantiser 2 on FFmpeg's lambda scale (FF_QP2LAMBDA)

/**
 * Takes frames in and gives JPEGs out at a fixed rate, upright: FFmpeg's own `fps` filter and mjpeg encoder at quantiser 2, full range
 * 4:2:0, so that the pictures are those of `ffmpeg -vf fps=10 -q:v 2 %d.jpg`. Picture n stands for the time (n - 1) / rate.
 * @param {import('node-av/lib').Frame} first the first frame: size, pixel format and colours of the rest
 * @param {{ timeBase: Rational, frameRate: Rational, upright: string[], perSecond: number }} setup
 * @param {(jpeg: Buffer, width: number, height: number) => void} give
 */
export function makeSampler(first, { timeBase, frameRate, upright, perSecond }, give) {
  const filters = [`fps=fps=${perSecond}:start_time=0`, ...upright, ...fullRangeFilters(first)];
  const chain = makeFilterChain(first, timeBase, frameRate, filters);
  const encoder = jpegEncoder(chain.sink, perSecond);
  const packet = new Packet();
  packet.alloc();
  let count = 0;

  /** @param {import('node-av/lib').Frame} picture */
  const encode = (picture) => {
    picture.quality = QUALITY;
    picture.pts = BigInt(count);
    picture.pictType = AV_PICTURE_TYPE_NONE;
    FFmpegError.throwIfError(encoder.sendFrameSync(picture), 'encode a JPEG');
    FFmpegError.throwIfError(encoder.receivePacketSync(packet), 'encode a JPEG');
    count += 1;
    give(/** @type {Buffer} */ (packet.data), picture.width, picture.height);
    packet.unref();
  };
  return {
    /** @param {import('node-av/lib').Frame} picture its pts in the time base, from the start of the file */
    add: (picture) => chain.add(picture, encode),
    /** The last pictures come out. Gives their number. */
    end() {
      chain.end(encode);
      return count;
    },
  };
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
  encoder.globalQuality = QUALITY;
  FFmpegError.throwIfError(encoder.open2Sync(), 'open the JPEG encoder');
  return encoder;
}
