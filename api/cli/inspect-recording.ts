import { open } from 'node:fs/promises';
import { readWav, type Wav } from '../../pipeline/audio/wav.ts';
import type { FaceChain, FaceFound } from '../../pipeline/faces/face-chain.ts';
import type { ArtifactKind, ArtifactSink } from '../../pipeline/stages/artifact-sink.ts';
import { processRecording, type RecordingResult } from '../../pipeline/stages/process-recording.ts';
import { type SoundFound, soundStage } from '../../pipeline/stages/sound-stage.ts';
import { CommandFailed } from './exit.ts';

/** Seconds of a chunk (paper, section 4.3). */
const CHUNK_SECONDS = 4;
/** A wav up to this size is read as a whole by the project's own reader; a larger one is streamed through the decoder. */
const MOST_WAV_BYTES = 256 * 2 ** 20;

export type Processed = Extract<RecordingResult, { status: 'PROCESSED' }>;

export interface Inspection {
  durationSeconds: number;
  sound: SoundFound;
  chunks: Processed['chunks'];
  /** Null for a plain wav, which has no pictures and no container worth telling of. */
  recording: Processed | null;
  /** Bytes that the pipeline would store, of each kind. */
  stored: Partial<Record<ArtifactKind, number>>;
}

export interface InspectOptions {
  /** Looks for faces; null leaves the pictures alone, which is much faster. */
  chain: FaceChain | null;
  /** Called for each frame, from 1, one after the other. */
  onFace?: (number: number, face: FaceFound | null) => Promise<void>;
  /** Files of these kinds are handed over whole. */
  keep?: readonly ArtifactKind[];
  onKept?: (kind: ArtifactKind, bytes: Uint8Array) => void;
  onFrame?: (done: number, expected: number) => void;
  signal: AbortSignal;
}

/**
 * Runs the pipeline over one file and stores nothing.
 * @throws CommandFailed with the pipeline's own code where the file cannot be used; what opening it throws
 */
export async function inspectRecording(path: string, options: InspectOptions): Promise<Inspection> {
  const stored: Inspection['stored'] = {};
  const sink = watchingSink(stored, options);
  const wav = await plainWav(path);
  if (wav) return { ...(await soundOf(path, wav, sink)), recording: null, stored };
  const result = await processRecording(path, {
    chain: watchedChain(options),
    sink,
    chunkSeconds: CHUNK_SECONDS,
    limits: { requireVideo: false, ...(options.chain === null && { framesPerSecond: 1 }) },
    workFolder: null,
    signal: options.signal,
    ...(options.onFrame && { onFrame: options.onFrame }),
  });
  if (result.status === 'UNREADABLE') throw unusable(path, result.code, result.reason);
  return {
    durationSeconds: result.durationSeconds,
    sound: result.sound,
    chunks: result.chunks,
    recording: result,
    stored,
  };
}

const unusable = (path: string, code: string, reason: string): CommandFailed =>
  new CommandFailed(`${path} cannot be used: ${reason}`, { code });

/** The wav, or null where it is something that only the decoder reads. */
async function plainWav(path: string): Promise<Wav | null> {
  const handle = await open(path);
  try {
    const about = await handle.stat();
    if (!about.isFile() || about.size > MOST_WAV_BYTES) return null;
    const start = Buffer.alloc(12);
    await handle.read(start, 0, 12, 0);
    if (start.toString('latin1', 0, 4) !== 'RIFF' || start.toString('latin1', 8, 12) !== 'WAVE') return null;
    const reading = readWav(await handle.readFile());
    if (reading.ok) return reading.wav;
    if (reading.code === 'UNSUPPORTED_ENCODING' || reading.code === 'UNSUPPORTED_BITS') return null;
    throw unusable(path, reading.code, reading.message);
  } finally {
    await handle.close();
  }
}

async function soundOf(path: string, wav: Wav, sink: ArtifactSink): Promise<Omit<Inspection, 'recording' | 'stored'>> {
  const { channels, sampleRate, pcm } = wav;
  if (pcm.length === 0) throw unusable(path, 'EMPTY_FILE', 'It holds no sample of sound.');
  const stage = soundStage(sink, CHUNK_SECONDS);
  await stage.start(sampleRate, channels);
  const piece = sampleRate * channels;
  for (let at = 0; at < pcm.length; at += piece) await stage.samples(pcm.subarray(at, at + piece));
  const durationSeconds = pcm.length / channels / sampleRate;
  return { durationSeconds, ...(await stage.end(durationSeconds, 0)) };
}

function watchingSink(stored: Inspection['stored'], { keep = [], onKept }: InspectOptions): ArtifactSink {
  return {
    async open(kind) {
      const parts: Uint8Array[] = [];
      const kept = keep.includes(kind);
      return {
        async write(bytes) {
          stored[kind] = (stored[kind] ?? 0) + bytes.length;
          // A copy: what is handed to a sink may be written over afterwards.
          if (kept) parts.push(Uint8Array.from(bytes));
        },
        async overwriteStart() {},
        async close() {
          if (kept) onKept?.(kind, Buffer.concat(parts));
        },
      };
    },
  };
}

/** The chain as the pipeline knows it, telling what it found in each frame. */
function watchedChain({ chain, onFace }: InspectOptions): FaceChain {
  let number = 0;
  return {
    async find(image) {
      const face = (await chain?.find(image)) ?? null;
      number += 1;
      await onFace?.(number, face);
      return face;
    },
    async close() {},
  };
}
