import { AV_SAMPLE_FMT_S16 } from 'node-av/constants';
import { avChannelLayoutDefault, FFmpegError, Frame, SoftwareResampleContext } from 'node-av/lib';

const PIECE = 128 * 1024;

/**
 * Turns decoded sound into interleaved 16-bit samples, in pieces.
 * @param {(pcm: Buffer) => void} give
 * @param {{ rate: number, channels: number } | null} [wanted] the track's own (those of its first frame) unless told
 */
export function makeSound(give, wanted = null) {
  let shape = wanted;
  /** @type {SoftwareResampleContext | null} */
  let converter = null;
  let from = '';
  const out = new Frame();
  out.alloc();
  /** @type {Buffer[]} */
  let waiting = [];
  let waitingBytes = 0;
  let samples = 0;

  const flush = () => {
    if (waitingBytes > 0) give(Buffer.concat(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  /** @param {Frame | null} frame */
  const convert = (frame) => {
    if (converter === null || shape === null) return;
    out.unref();
    out.format = AV_SAMPLE_FMT_S16;
    out.sampleRate = shape.rate;
    out.channelLayout = avChannelLayoutDefault(shape.channels);
    FFmpegError.throwIfError(converter.convertFrame(out, frame), 'convert the sound');
    if (out.nbSamples === 0) return;
    const bytes = out.nbSamples * shape.channels * 2;
    const [plane] = /** @type {[Buffer]} */ (out.data);
    waiting.push(Buffer.from(plane.subarray(0, bytes)));
    waitingBytes += bytes;
    samples += out.nbSamples;
    if (waitingBytes >= PIECE) flush();
  };
  return {
    /** @param {Frame} frame */
    add(frame) {
      shape ??= { rate: frame.sampleRate, channels: frame.channels };
      // A wav need not say which channel is where.
      if (frame.channelLayout.mask === 0n) frame.channelLayout = avChannelLayoutDefault(frame.channels);
      const layout = frame.channelLayout;
      const now = `${frame.format} ${frame.sampleRate} ${layout.order} ${layout.nbChannels} ${layout.mask}`;
      if (now !== from) {
        convert(null);
        const same = frame.channels === shape.channels;
        converter = new SoftwareResampleContext();
        FFmpegError.throwIfError(
          converter.allocSetOpts2(
            same ? layout : avChannelLayoutDefault(shape.channels),
            AV_SAMPLE_FMT_S16,
            shape.rate,
            layout,
            /** @type {import('node-av/constants').AVSampleFormat} */ (frame.format),
            frame.sampleRate,
          ),
          'convert the sound',
        );
        FFmpegError.throwIfError(converter.init(), 'convert the sound');
        from = now;
      }
      convert(frame);
    },
    /** Gives the number of samples per channel, and the rate and channels that they have (null: no sound came). */
    end() {
      convert(null);
      flush();
      return { samples, shape };
    },
  };
}
