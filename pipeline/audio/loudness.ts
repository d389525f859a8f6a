/** Quality figures of a recording's sound (the paper's ethics appendix asks for them), over all samples of all channels. */
export interface Loudness {
  /** Root mean square in dB against full scale (a square wave of full scale is 0, a sine -3.01); null for digital silence or no sample. */
  readonly rmsDbfs: number | null;
  /** Largest distance from zero, 0 to 1. */
  readonly peak: number;
  /** Share of samples at either end of the 16-bit range, 0 to 1. */
  readonly clippedShare: number;
  /** No sample lies more than one 16-bit step from zero: nothing was recorded, or only dither. True for no sample. */
  readonly silent: boolean;
}

/** The figures of sound that arrives piece by piece. */
export interface LoudnessMeter {
  add(pcm: Int16Array): void;
  result(): Loudness;
}

export function createLoudnessMeter(): LoudnessMeter {
  let count = 0;
  let squares = 0;
  let peak = 0;
  let clipped = 0;
  return {
    add(pcm) {
      count += pcm.length;
      for (let i = 0; i < pcm.length; i++) {
        const size = Math.abs(pcm[i]!);
        // Exact: below 2^53 for over 90 days of sound.
        squares += size * size;
        if (size > peak) peak = size;
        if (pcm[i] === 32767 || pcm[i] === -32768) clipped++;
      }
    },
    result() {
      return {
        rmsDbfs: squares === 0 ? null : 10 * Math.log10(squares / count / 32768 ** 2),
        peak: peak / 32768,
        clippedShare: count === 0 ? 0 : clipped / count,
        silent: peak <= 1,
      };
    },
  };
}

/** @param pcm samples of one channel, or interleaved ones of several */
export function loudness(pcm: Int16Array): Loudness {
  const meter = createLoudnessMeter();
  meter.add(pcm);
  return meter.result();
}
