import type { DecodeEvent, RecordingInfo } from './decode-events.ts';
import { type MediaLimits, settle } from './limits.ts';
import { type ProcessOptions, runMediaProcess } from './media-process.ts';
import { openRecording } from './open-recording.ts';

export interface DecodeOptions {
  /** What differs from `defaultLimits`. */
  limits?: Partial<MediaLimits>;
  /** Ends the process and throws the signal's reason. */
  signal?: AbortSignal;
  process?: Partial<ProcessOptions>;
}

/**
 * Decodes one recording in a process of its own, as slowly as the events are taken.
 *
 * `source` is a path or an open descriptor of a regular file; a descriptor stays open and its position is not moved. Whatever the file
 * holds, and whatever it does to the decoder, the last event says so: nothing is thrown for it. Stopping early ends the process.
 * Throws only what opening `source` throws (ENOENT, EACCES), and the signal's reason.
 */
export async function* decodeRecording(
  source: number | string,
  options: DecodeOptions = {},
): AsyncGenerator<DecodeEvent, void, void> {
  await using file = await openRecording(source);
  if (!file.isFile) {
    yield { kind: 'failure', code: 'NOT_MEDIA', reason: 'This is not a regular file.' };
    return;
  }
  let info: RecordingInfo | null = null;
  const messages = runMediaProcess(
    {
      program: 'decode-process.mjs',
      settings: settle(options.limits),
      descriptors: [file.descriptor],
      maxFileBytes: 0,
    },
    options.process,
    options.signal,
  );
  for await (const { header, bytes } of messages) {
    if (header.kind === 'info') {
      const { kind, ...rest } = header;
      const later = { framesDecoded: null, variableFrameRate: null, measuredFrameRate: null };
      info = { ...rest, video: rest.video && { ...rest.video, ...later } };
      yield { kind, info };
    } else if (header.kind === 'frame') yield { ...header, jpeg: bytes };
    else if (header.kind === 'audio') yield { kind: 'audio', pcm: samplesOf(bytes) };
    else if (header.kind === 'failure') yield header;
    else if (header.kind === 'end' && info !== null) {
      const { variableFrameRate, measuredFrameRate, ...counts } = header;
      const found = { framesDecoded: header.videoFrames, variableFrameRate, measuredFrameRate };
      yield { ...counts, info: { ...info, video: info.video && { ...info.video, ...found } } };
    } else {
      yield { kind: 'failure', code: 'DECODER_CRASHED', reason: 'The decoder sent a message out of place.' };
      return;
    }
  }
}

/** A copy, since 16-bit samples must start at an even address. */
function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 1);
}
