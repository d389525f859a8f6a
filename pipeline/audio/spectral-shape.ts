import { BIN_WIDTH } from './analysis-settings.ts';

const TINY = 2.2250738585072014e-308;
const ROLL_OFF = 0.85;

export interface SpectralShape {
  /** Hz. All three are 0 for a silent frame. */
  centroid: number;
  bandwidth: number;
  rolloff: number;
}

/**
 * Centre of mass of a magnitude spectrum, its standard deviation around it, and the first frequency below which 85 % of the magnitude
 * lies (librosa's `spectral_centroid`, `spectral_bandwidth` with p = 2, `spectral_rolloff`).
 */
export function spectralShape(magnitude: Float64Array, shape: SpectralShape): void {
  let total = 0;
  let moment = 0;
  for (let k = 0; k < magnitude.length; k++) {
    total += magnitude[k]!;
    moment += k * magnitude[k]!;
  }
  const by = total < TINY ? 1 : total;
  const centre = moment / by;
  let spread = 0;
  for (let k = 0; k < magnitude.length; k++) spread += magnitude[k]! * (k - centre) * (k - centre);
  const threshold = ROLL_OFF * total;
  let bin = 0;
  for (let sum = magnitude[0]!; sum < threshold; sum += magnitude[bin]!) bin++;
  shape.centroid = centre * BIN_WIDTH;
  shape.bandwidth = Math.sqrt(spread / by) * BIN_WIDTH;
  shape.rolloff = bin * BIN_WIDTH;
}
