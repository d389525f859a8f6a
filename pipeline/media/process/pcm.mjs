/** Samples per channel that the AAC encoder takes at once (ISO/IEC 14496-3). */
export const AUDIO_FRAME = 1024;

/**
 * `count` samples per channel from `start` on, interleaved 16-bit to planar float: `channels * count` values, one channel after the
 * other, in -1 to 1 (divided by 32,768 as FFmpeg does).
 * @param {Int16Array} pcm
 * @param {number} channels
 * @param {number} start
 * @param {number} count
 */
export function interleavedToPlanes(pcm, channels, start, count) {
  const planes = new Float32Array(channels * count);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let i = 0; i < count; i += 1) {
      planes[channel * count + i] = /** @type {number} */ (pcm[(start + i) * channels + channel]) / 32768;
    }
  }
  return planes;
}
