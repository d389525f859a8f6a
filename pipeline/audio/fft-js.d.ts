/** fft.js ships no types. Complex numbers lie interleaved (re, im); plain arrays are its fast path. */
declare module 'fft.js' {
  export default class FFT {
    /** @param size a power of two above 1. @throws Error for any other size. */
    constructor(size: number);
    createComplexArray(): number[];
    transform(output: number[], input: number[]): void;
    inverseTransform(output: number[], input: number[]): void;
  }
}
