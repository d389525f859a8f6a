import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { FRAMES_PER_SECOND } from '../../governance/modality.ts';
import type { FaceChain } from '../faces/face-chain.ts';
import { decodeRecording } from '../media/decode.ts';
import type { RecordingInfo } from '../media/decode-events.ts';
import type { MediaLimits } from '../media/limits.ts';
import { type RewriteResult, rewriteVideo } from '../media/rewrite.ts';
import type { ArtifactSink } from './artifact-sink.ts';
import { type FramesFound, pictureStage } from './picture-stage.ts';
import { refuseFullFolder } from './room.ts';
import { type ChunkFound, type SoundFound, soundStage } from './sound-stage.ts';

export interface ProcessOptions {
  chain: FaceChain;
  sink: ArtifactSink;
  /** Seconds of a chunk (paper: 4). */
  chunkSeconds: number;
  limits: Partial<MediaLimits>;
  /** A folder for the rewritten video until it is stored; null makes no released copy (for looking at a file only). */
  workFolder: string | null;
  signal?: AbortSignal;
  /** Called for each frame: how many are done of how many expected. */
  onFrame?: (done: number, expected: number) => void;
}

export type RecordingResult =
  | { status: 'UNREADABLE'; code: string; reason: string }
  | {
      status: 'PROCESSED';
      info: RecordingInfo;
      durationSeconds: number;
      frames: FramesFound;
      sound: SoundFound;
      chunks: ChunkFound[];
    };

/**
 * One narrative video to all its data (paper, section 3.3), streaming: one frame and the sound's 22,050 Hz copy are in memory at a time. The released copy
 * is written beside it. A file that cannot be used is a result with a reason; only a fault of ours throws.
 * @param path the video; decoding happens in another process, which is handed the open file
 * @throws an error with the code ENOSPC where the work folder is full; the signal's reason
 */
export async function processRecording(path: string, options: ProcessOptions): Promise<RecordingResult> {
  const { workFolder, signal } = options;
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const released = workFolder && join(workFolder, 'released.mp4');
  const rewriting = released
    ? rewriteVideo(path, released, { limits: options.limits, signal: both })
    : Promise.resolve(null);
  // Waited for below, also where decoding fails first.
  rewriting.catch(() => {});
  try {
    const result = await decoded(path, options);
    if (result.status === 'UNREADABLE') return result;
    const rewritten = await rewriting;
    if (!rewritten || !released) return result;
    if (!rewritten.ok) {
      // What could be decoded can be copied, unless there is no room for the copy: then it is no fault of the video.
      await refuseFullFolder(workFolder, path);
      return { status: 'UNREADABLE', code: rewritten.code, reason: rewritten.reason };
    }
    await storeReleasedVideo(released, rewritten, options.sink);
    return result;
  } finally {
    stop.abort();
    await rewriting.catch(() => {});
  }
}

async function decoded(path: string, options: ProcessOptions): Promise<RecordingResult> {
  const { sink, signal } = options;
  const pictures = await pictureStage(options.chain, sink);
  const sounds = soundStage(sink, options.chunkSeconds);
  let info: RecordingInfo | undefined;
  let frames = 0;
  for await (const event of decodeRecording(path, { limits: options.limits, ...(signal && { signal }) })) {
    signal?.throwIfAborted();
    if (event.kind === 'info') {
      info = event.info;
      if (info.audio) await sounds.start(info.audio.sampleRate, info.audio.channels);
    } else if (event.kind === 'frame') {
      await pictures.frame(event.jpeg);
      options.onFrame?.(++frames, Math.max(frames, Math.round((info?.durationSeconds ?? 0) * FRAMES_PER_SECOND)));
    } else if (event.kind === 'audio') await sounds.samples(event.pcm);
    else if (event.kind === 'failure') return { status: 'UNREADABLE', code: event.code, reason: event.reason };
    else if (event.kind === 'end') info = event.info;
  }
  if (!info) throw new Error('the decoder ended without saying anything');
  const found = await pictures.end();
  const durationSeconds = info.durationSeconds ?? frames / FRAMES_PER_SECOND;
  const { sound, chunks } = await sounds.end(durationSeconds, frames);
  return { status: 'PROCESSED', info, durationSeconds, frames: found, sound, chunks };
}

/** The copy that is released: written anew, without what the phone noted beside picture and sound. */
async function storeReleasedVideo(
  path: string,
  rewritten: Extract<RewriteResult, { ok: true }>,
  sink: ArtifactSink,
): Promise<void> {
  const file = await sink.open('VIDEO', {
    contentType: 'video/mp4',
    step: 'video',
    stepVersion: '1',
    parameters: { method: rewritten.method },
  });
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) await file.write(part as Buffer);
  await file.close();
}
