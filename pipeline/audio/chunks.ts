/** A stretch of a recording; `number` counts from 0, as in the paper's `chunk_0008_0_20201201T140021.wav`. */
export interface ChunkBounds {
  readonly number: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Rounding of a duration that was a count of samples or frames divided by a rate must not make a chunk of its own. */
const SLACK = 1e-9;

/**
 * Cuts a duration into chunks without overlap and keeps the shorter last one: ceil(d / chunk) of them, none for 0
 * (section 4.3; so counted, the published videos give 4,988).
 * @throws RangeError if the duration is negative or a length not positive, or either is not finite
 */
export function chunkBounds(durationSeconds: number, chunkSeconds = 4): ChunkBounds[] {
  if (!Number.isFinite(durationSeconds) || durationSeconds < 0)
    throw new RangeError(`A duration must be 0 or more seconds, not ${durationSeconds}.`);
  if (!Number.isFinite(chunkSeconds) || chunkSeconds <= 0)
    throw new RangeError(`A chunk must be longer than 0 seconds, not ${chunkSeconds}.`);
  const count = Math.ceil(durationSeconds / chunkSeconds - SLACK);
  return Array.from({ length: Math.max(0, count) }, (_, number) => ({
    number,
    startSeconds: number * chunkSeconds,
    endSeconds: Math.min((number + 1) * chunkSeconds, durationSeconds),
  }));
}

/**
 * The samples of each chunk, as views, not copies. Sound and container seldom end together (AAC is padded to its frames), so the last
 * chunk takes all that is left, and chunks beyond the end of the sound are empty.
 * @param samples interleaved samples of `channels` channels
 */
export function chunkSamples<T extends Int16Array | Float32Array>(
  samples: T,
  chunks: readonly ChunkBounds[],
  sampleRate: number,
  channels = 1,
): T[] {
  const place = (seconds: number): number => Math.min(samples.length, Math.round(seconds * sampleRate) * channels);
  return chunks.map((chunk, i) => {
    const end = i === chunks.length - 1 ? samples.length : place(chunk.endSeconds);
    return samples.subarray(place(chunk.startSeconds), end) as T;
  });
}
