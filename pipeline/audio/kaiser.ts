/** Kaiser's formulas for windowed-sinc filters: see Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.6. */

/** Window parameter for a stopband `attenuation` dB down (above 50). */
export const kaiserBeta = (attenuation: number): number => 0.1102 * (attenuation - 8.7);

/** Taps on each side of the middle one for a transition `width` as a share of the sampling rate. */
export const kaiserReach = (attenuation: number, width: number): number =>
  Math.ceil((attenuation - 7.95) / (14.36 * width) / 2);

/** The window at `x` of -1 .. 1 from its middle to its ends. */
export const kaiserWindow = (x: number, beta: number): number =>
  Math.abs(x) > 1 ? 0 : besselI0(beta * Math.sqrt(1 - x * x)) / besselI0(beta);

export const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
