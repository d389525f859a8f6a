import sharp from 'sharp';
import { FRAMES_PER_SECOND } from '../../governance/modality.ts';
import { analyseAudio } from '../audio/analyse-audio.ts';
import { ANALYSIS_RATE } from '../audio/analysis-settings.ts';
import { chunkBounds } from '../audio/chunks.ts';
import { createLoudnessMeter, type Loudness } from '../audio/loudness.ts';
import { createResampler } from '../audio/resample.ts';
import type { MelSpectrogram } from '../audio/spectrogram.ts';
import { spectrogramPicture } from '../audio/spectrogram-picture.ts';
import { wavHeader } from '../audio/wav.ts';
import { type ArtifactFile, type ArtifactSink, Pack } from './artifact-sink.ts';

/** What the sound of a recording gave. */
export interface SoundFound {
  status: 'OK' | 'SILENT' | 'NONE';
  sampleRate: number | null;
  channels: number | null;
  /** The 25 features of the whole recording, or null without sound. */
  vector: Float64Array | null;
  loudness: Loudness | null;
}

export interface ChunkFound {
  number: number;
  startSeconds: number;
  endSeconds: number;
  /** Frames of the chunk, numbered from 1; last is below first where the chunk has none. */
  firstFrame: number;
  lastFrame: number;
  vector: Float64Array | null;
}

const WAV_HEADER_BYTES = 44;

/** Sound as it comes: kept as PCM wav at its own rate, and at 22,050 Hz mono in memory for the features (88 kB a second). */
export function soundStage(sink: ArtifactSink, chunkSeconds: number) {
  let wav: ArtifactFile | undefined;
  let about: { sampleRate: number; channels: number } | undefined;
  let resampler: ReturnType<typeof createResampler> | undefined;
  const meter = createLoudnessMeter();
  const pieces: Float32Array[] = [];
  let samples = 0;

  return {
    async start(sampleRate: number, channels: number): Promise<void> {
      about = { sampleRate, channels };
      resampler = createResampler(channels, sampleRate);
    },
    /** @param pcm interleaved samples */
    async samples(pcm: Int16Array): Promise<void> {
      if (pcm.length === 0) return;
      // Opened with the first sample: a track that holds none leaves no file.
      if (!wav) {
        const parameters = { codec: 'pcm_s16le' };
        wav = await sink.open('AUDIO', { contentType: 'audio/wav', step: 'audio', stepVersion: '1', parameters });
        await wav.write(new Uint8Array(WAV_HEADER_BYTES));
      }
      await wav.write(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
      samples += pcm.length / (about?.channels ?? 1);
      meter.add(pcm);
      const piece = resampler?.push(pcm);
      if (piece && piece.length > 0) pieces.push(piece);
    },
    /** @param durationSeconds of the recording, which its chunks divide */
    async end(durationSeconds: number, frameCount: number): Promise<{ sound: SoundFound; chunks: ChunkFound[] }> {
      const bounds = chunkBounds(durationSeconds, chunkSeconds).map((bound, index, all) => ({
        ...bound,
        firstFrame: Math.min(frameCount, Math.round(bound.startSeconds * FRAMES_PER_SECOND)) + 1,
        // The last frame may lie a little past the end that the container states.
        lastFrame:
          index === all.length - 1
            ? frameCount
            : Math.min(frameCount, Math.round((bound.startSeconds + chunkSeconds) * FRAMES_PER_SECOND)),
      }));
      if (wav && about) {
        await wav.overwriteStart(wavHeader(samples, about.channels, about.sampleRate));
        await wav.close();
      }
      if (!about || !resampler || samples === 0) {
        const sound: SoundFound = {
          status: 'NONE',
          sampleRate: about?.sampleRate ?? null,
          channels: about?.channels ?? null,
          vector: null,
          loudness: null,
        };
        return { sound, chunks: bounds.map((bound) => ({ ...bound, vector: null })) };
      }
      const tail = resampler.flush();
      if (tail.length > 0) pieces.push(tail);
      const mono = joined(pieces);
      pieces.length = 0;
      const whole = analyseAudio(mono);
      await storeSpectrogram(sink, whole.spectrogram);
      const chunks = await chunkStage(sink, mono, bounds);
      const loudness = meter.result();
      return { sound: { status: loudness.silent ? 'SILENT' : 'OK', ...about, vector: whole.vector, loudness }, chunks };
    },
  };
}

async function chunkStage(
  sink: ArtifactSink,
  mono: Float32Array,
  bounds: Omit<ChunkFound, 'vector'>[],
): Promise<ChunkFound[]> {
  const values = new Pack(
    await sink.open('CHUNK_SPECTROGRAMS', { ...SPECTROGRAM, contentType: 'application/x-iss-float32-pack' }),
  );
  const pictures = new Pack(
    await sink.open('CHUNK_SPECTROGRAM_PICTURES', { ...SPECTROGRAM, contentType: 'application/x-iss-png-pack' }),
  );
  const chunks: ChunkFound[] = [];
  for (const bound of bounds) {
    const first = Math.round(bound.startSeconds * ANALYSIS_RATE);
    // A sound track may be a little longer than the video: the last chunk has what is left.
    const last = bound === bounds.at(-1) ? mono.length : Math.round(bound.endSeconds * ANALYSIS_RATE);
    const part = mono.subarray(first, last);
    if (part.length === 0) {
      await values.add(new Uint8Array(0));
      await pictures.add(new Uint8Array(0));
      chunks.push({ ...bound, vector: null });
      continue;
    }
    const { vector, spectrogram } = analyseAudio(part);
    await values.add(bytesOf(spectrogram.data));
    await pictures.add(await png(spectrogram));
    chunks.push({ ...bound, vector });
  }
  await values.close();
  await pictures.close();
  return chunks;
}

const SPECTROGRAM = {
  step: 'spectrogram',
  stepVersion: '1',
  parameters: { fft: 2048, hop: 512, bands: 128, sampleRate: ANALYSIS_RATE, floorDb: -80 },
};

async function storeSpectrogram(sink: ArtifactSink, spectrogram: MelSpectrogram): Promise<void> {
  const values = await sink.open('SPECTROGRAM', { ...SPECTROGRAM, contentType: 'application/octet-stream' });
  await values.write(bytesOf(spectrogram.data));
  await values.close();
  const picture = await sink.open('SPECTROGRAM_PICTURE', { ...SPECTROGRAM, contentType: 'image/png' });
  await picture.write(await png(spectrogram));
  await picture.close();
}

function png(spectrogram: MelSpectrogram): Promise<Buffer> {
  const { width, height, rgb } = spectrogramPicture(spectrogram);
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function joined(pieces: Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
