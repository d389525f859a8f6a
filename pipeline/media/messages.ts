import { z } from 'zod';

/** Why a recording could not be decoded. */
export const failureCode = z.enum([
  'NOT_MEDIA',
  'EMPTY_FILE',
  'CONTAINER_NOT_ALLOWED',
  'CODEC_NOT_ALLOWED',
  'TRUNCATED',
  'DAMAGED',
  'NO_VIDEO',
  'NO_FRAMES',
  'PICTURE_CHANGES',
  'TOO_LONG',
  'TOO_LARGE',
  'DECODER_CRASHED',
  'DECODER_STALLED',
]);

const count = z.int().min(0);
const size = z.int().min(1).max(65535);

const videoInfo = z.object({
  codec: z.string(),
  /** Pixels of the upright picture. */
  width: size,
  height: size,
  /** Degrees, clockwise, by which the stored picture was turned. */
  rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  /** Frames per second that the container states; null when it states none. */
  nominalFrameRate: z.number().nullable(),
  /** Frames that the container's index promises; null when it has no such count (WebM). */
  promisedFrames: count.nullable(),
});

const audioInfo = z.object({ codec: z.string(), sampleRate: z.int().min(1), channels: z.int().min(1).max(64) });

/** What the container says, before anything is decoded. */
export const infoMessage = z.object({
  kind: z.literal('info'),
  /** FFmpeg's name of the container, e.g. `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: z.string(),
  bytes: count,
  durationSeconds: z.number().nullable(),
  video: videoInfo.nullable(),
  audio: audioInfo.nullable(),
  /** Tracks that are left alone, in words: a second sound track, location data, subtitles. */
  otherTracks: z.array(z.string()),
});

/** A sampled picture; its bytes follow. */
const frameMessage = z.object({
  kind: z.literal('frame'),
  /** From 1. */
  number: z.int().min(1),
  /** From the start of the recording: (number - 1) / rate. */
  timeSeconds: z.number(),
  width: size,
  height: size,
});

const audioMessage = z.object({ kind: z.literal('audio') });

/** Counts, once everything is decoded and found complete. */
const endMessage = z.object({
  kind: z.literal('end'),
  /** Frames decoded. */
  videoFrames: count,
  sampledFrames: count,
  /** Per channel. */
  audioSamples: count,
  variableFrameRate: z.boolean(),
  /** Null with fewer than two frames. */
  measuredFrameRate: z.number().nullable(),
});

const failureMessage = z.object({ kind: z.literal('failure'), code: failureCode, reason: z.string() });

/** What a media process may say; everything it sends is checked against this, since its input may have taken it over. */
export const message = z.discriminatedUnion('kind', [
  infoMessage,
  frameMessage,
  audioMessage,
  endMessage,
  failureMessage,
  z.object({ kind: z.literal('progress') }),
  z.object({
    kind: z.literal('written'),
    video: z.enum(['copied', 'encoded', 'none']),
    audio: z.enum(['copied', 'encoded', 'none']),
  }),
]);

export type Message = z.infer<typeof message>;
