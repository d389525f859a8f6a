import { FRAME_LENGTH, frameCount, HOP_LENGTH } from './analysis-settings.ts';

/** Samples at most this far from 0 count as 0, and 0 as positive. */
const ZERO = 1e-10;

/**
 * Share of neighbouring samples with a change of sign, per frame: changes inside the frame / 2,048 (librosa's `zero_crossing_rate`,
 * which continues the sound by its edge values whatever the pad mode, so that nothing changes beyond the ends).
 */
export function zeroCrossingRates(y: Float32Array): Float64Array {
  const frames = frameCount(y.length);
  const rates = new Float64Array(frames);
  const reach = FRAME_LENGTH / 2 - 1;
  let wasNegative = y.length > 0 && y[0]! < -ZERO;
  for (let i = 1; i < y.length; i++) {
    const negative = y[i]! < -ZERO;
    if (negative === wasNegative) continue;
    wasNegative = negative;
    // The change between i - 1 and i lies in the frames f with |i - 512 f| <= 1,023.
    const last = Math.min(frames - 1, Math.floor((i + reach) / HOP_LENGTH));
    for (let f = Math.max(0, Math.ceil((i - reach) / HOP_LENGTH)); f <= last; f++) rates[f]!++;
  }
  for (let f = 0; f < frames; f++) rates[f]! /= FRAME_LENGTH;
  return rates;
}
