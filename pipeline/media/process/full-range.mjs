import { AVCOL_RANGE_JPEG } from 'node-av/constants';
import { avGetPixFmtName } from 'node-av/lib';

// libswscale up to FFmpeg 7.0 went from video range (luma 16-235, chroma 16-240) to full range in integers that cut off instead of
// rounding: about half a grey level darker than FFmpeg 8's. The paper's tools did so, and landmarks and networks see the difference, so it
// is kept, as a table per plane: 8-bit value to 15 bits, scaled, back to 8 bits.
const LUMA = 'clip(floor((floor((min(val*128,30189)*19077-39057361)/16384)+64)/128),0,255)';
const CHROMA = 'clip(floor((floor((min(val*128,30775)*4663-9289992)/4096)+64)/128),0,255)';

/**
 * The filters that make any picture full-range 4:2:0, as JPEG needs it.
 * @param {import('node-av/lib').Frame} frame
 * @returns {string[]}
 */
export function fullRangeFilters(frame) {
  const name = avGetPixFmtName(/** @type {import('node-av/constants').AVPixelFormat} */ (frame.format)) ?? '';
  const videoRange = /^(yuv(?!j)|nv|p0)/.test(name) && frame.colorRange !== AVCOL_RANGE_JPEG;
  if (!videoRange) return ['format=pix_fmts=yuvj420p'];
  return ['format=pix_fmts=yuv420p', `lutyuv=y='${LUMA}':u='${CHROMA}':v='${CHROMA}'`, 'setparams=range=pc'];
}
