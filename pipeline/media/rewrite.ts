import { open, rm } from 'node:fs/promises';
import type { DecodeOptions } from './decode.ts';
import type { FailureCode } from './decode-events.ts';
import { settle } from './limits.ts';
import { runMediaProcess } from './media-process.ts';
import { openRecording } from './open-recording.ts';

/** How each track got into the copy. `method` sums it up. */
export type RewriteResult =
  | {
      ok: true;
      method: 'COPIED' | 'ENCODED';
      video: 'copied' | 'encoded' | 'none';
      audio: 'copied' | 'encoded' | 'none';
    }
  | { ok: false; code: FailureCode; reason: string };

/**
 * Writes the released copy of a recording to `out` (made or replaced): an MP4 with the picture, one sound track and nothing else. No title,
 * place, time of recording, device, chapters, further tracks, covers or messages between the pictures; the rotation stays. H.264 and AAC are
 * taken over bit for bit; anything else is encoded as H.264 and AAC. The index is at the front. Runs in a process of its own.
 *
 * A file that cannot be used is a result with a reason, and leaves no `out`. Throws what opening either file throws, and the signal's reason.
 */
export async function rewriteVideo(
  source: number | string,
  out: string,
  options: DecodeOptions = {},
): Promise<RewriteResult> {
  const limits = settle(options.limits);
  await using file = await openRecording(source);
  if (!file.isFile) return { ok: false, code: 'NOT_MEDIA', reason: 'This is not a regular file.' };
  let result: RewriteResult = { ok: false, code: 'DECODER_CRASHED', reason: 'The process ended without a word.' };
  const target = await open(out, 'w+', 0o600);
  try {
    const job = {
      program: 'rewrite-process.mjs' as const,
      settings: limits,
      descriptors: [file.descriptor, target.fd],
      maxFileBytes: 2 * limits.maxBytes,
    };
    for await (const { header } of runMediaProcess(job, options.process, options.signal)) {
      if (header.kind === 'failure') result = { ok: false, code: header.code, reason: header.reason };
      if (header.kind === 'written') {
        const { video, audio } = header;
        result = { ok: true, method: video === 'encoded' || audio === 'encoded' ? 'ENCODED' : 'COPIED', video, audio };
      }
    }
  } finally {
    await target.close();
    if (!result.ok) await rm(out, { force: true });
  }
  return result;
}
