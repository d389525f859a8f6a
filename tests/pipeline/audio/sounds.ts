/** Made sounds: everything from a formula, so nothing has to be stored. */

/** A sine, rounded to 16 bits. */
export function tone(hz: number, seconds: number, rate = 22_050, amplitude = 0.5): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(32767 * amplitude * Math.sin((2 * Math.PI * hz * i) / rate)),
  );
}

/** Uniform noise from a small generator with a seed. */
export function noise(samples: number, amplitude = 0.5, seed = 1): Int16Array {
  let state = seed;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.round((state / 2 ** 31) * 32767 * amplitude);
  });
}

export const asFloat = (pcm: Int16Array): Float32Array => Float32Array.from(pcm, (v) => v / 32768);
