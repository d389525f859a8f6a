import type { z } from 'zod';
import type { failureCode, infoMessage } from './messages.ts';

/** Why a recording could not be decoded or written anew. */
export type FailureCode = z.infer<typeof failureCode>;

/** What is known of a recording. `framesDecoded` and what follows it are null until the end of decoding. */
export interface RecordingInfo extends Omit<z.infer<typeof infoMessage>, 'kind' | 'video'> {
  video:
    | (NonNullable<z.infer<typeof infoMessage>['video']> & {
        framesDecoded: number | null;
        /** More than 1 % of the gaps between frames differ from the middle one by more than 10 % and a millisecond. */
        variableFrameRate: boolean | null;
        /** Mean frames per second as decoded. */
        measuredFrameRate: number | null;
      })
    | null;
}

/** One picture of the recording, upright. */
export interface SampledFrame {
  kind: 'frame';
  /** From 1. */
  number: number;
  /** From the start of the recording: (number - 1) / framesPerSecond. */
  timeSeconds: number;
  jpeg: Uint8Array;
  width: number;
  height: number;
}

/** A piece of the sound: interleaved 16-bit samples at the track's own rate and channels (`info.audio`). */
export interface SoundPiece {
  kind: 'audio';
  pcm: Int16Array;
}

/** Everything that the index promises was decoded. */
export interface DecodeEnd {
  kind: 'end';
  info: RecordingInfo;
  /** Frames decoded. */
  videoFrames: number;
  sampledFrames: number;
  /** Per channel. */
  audioSamples: number;
}

/** The recording cannot be used: a literal code, and a sentence that a person can act on. */
export interface DecodeFailure {
  kind: 'failure';
  code: FailureCode;
  reason: string;
}

/**
 * In order: `info`, then `frame` and `audio` as they are decoded, then one `end` or one `failure` (which may also come first). After a
 * `failure`, what came before it is not to be kept: it may be a part only.
 */
export type DecodeEvent = { kind: 'info'; info: RecordingInfo } | SampledFrame | SoundPiece | DecodeEnd | DecodeFailure;
