/** What a decode process may use, and what it samples. */
export interface MediaLimits {
  /** Pictures per second; the study's is 10. */
  framesPerSecond: number;
  /** A file without video is refused (false: sound alone is decoded). */
  requireVideo: boolean;
  /** Longest recording, seconds. */
  maxSeconds: number;
  /** Largest file, bytes. */
  maxBytes: number;
  /** Largest picture, width times height. */
  maxPixels: number;
  /** Threads of the video decoder. Jobs run side by side, so 1 is best for throughput. */
  threads: number;
}

/** The study's settings: 10 pictures per second, 30 minutes, 2 GiB, 4096 x 4096. */
export const defaultLimits: MediaLimits = {
  framesPerSecond: 10,
  requireVideo: true,
  maxSeconds: 30 * 60,
  maxBytes: 2 * 1024 ** 3,
  maxPixels: 4096 * 4096,
  threads: 1,
};

/** The study's settings with some changed. */
export const settle = (changed: Partial<MediaLimits> = {}): MediaLimits => ({ ...defaultLimits, ...changed });
