import FFT from 'fft.js';
import { kaiserBeta, kaiserReach, kaiserWindow, sinc } from './kaiser.ts';

/** A linear-phase lowpass filter applied to blocks of a stream by FFT (overlap-save), two blocks at a time. */
export interface BandLimiter {
  /** Samples wanted by `run`, of which the last `overlap` must begin the next call's. */
  readonly span: number;
  /** Samples that `run` gives: output i stands for input i + `reach`. */
  readonly hop: number;
  readonly reach: number;
  readonly overlap: number;
  run(input: Float64Array, output: Float64Array): void;
}

export interface BandLimits {
  /** Hz of the samples. */
  readonly rate: number;
  /** Hz up to which nothing changes, and from which on nothing is left. */
  readonly pass: number;
  readonly stop: number;
  /** dB. */
  readonly attenuation: number;
  readonly gain: number;
}

/**
 * The filter's spectrum is real because its taps are stored symmetrically around 0. So a block in the real part and the next one in the
 * imaginary part of one complex transform are filtered without mixing, and need not be separated.
 */
export function createBandLimiter({ rate, pass, stop, attenuation, gain }: BandLimits): BandLimiter {
  const reach = kaiserReach(attenuation, (stop - pass) / rate);
  const size = 2 ** Math.ceil(Math.log2(reach * 8));
  const fft = new FFT(size);
  const time = fft.createComplexArray();
  const frequency = fft.createComplexArray();
  const response = new Float64Array(size);
  const cutoff = (pass + stop) / rate;
  const beta = kaiserBeta(attenuation);
  for (let i = -reach; i <= reach; i++)
    time[2 * (i < 0 ? i + size : i)] = gain * cutoff * sinc(cutoff * i) * kaiserWindow(i / (reach + 1), beta);
  fft.transform(frequency, time);
  for (let k = 0; k < size; k++) response[k] = frequency[2 * k]!;

  const half = size - 2 * reach;
  return {
    span: 2 * half + 2 * reach,
    hop: 2 * half,
    reach,
    overlap: 2 * reach,
    run(input, output) {
      for (let i = 0; i < size; i++) {
        time[2 * i] = input[i]!;
        time[2 * i + 1] = input[half + i]!;
      }
      fft.transform(frequency, time);
      for (let k = 0; k < response.length; k++) {
        frequency[2 * k]! *= response[k]!;
        frequency[2 * k + 1]! *= response[k]!;
      }
      fft.inverseTransform(time, frequency);
      for (let i = 0; i < half; i++) {
        output[i] = time[2 * (reach + i)]!;
        output[half + i] = time[2 * (reach + i) + 1]!;
      }
    },
  };
}
