import { describe, expect, it } from 'vitest';
import { readWav } from '../../../pipeline/audio/wav.ts';
import { soundStage } from '../../../pipeline/stages/sound-stage.ts';
import { keptSink } from './kept-sink.ts';

const RATE = 22_050;
const tone = (samples: number) =>
  Int16Array.from({ length: samples }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / RATE)));

async function run(seconds: number, samples: number, frames: number, chunkSeconds = 4, pieces = 1) {
  const { sink, files } = keptSink();
  const stage = soundStage(sink, chunkSeconds);
  await stage.start(RATE, 1);
  const pcm = tone(samples);
  const size = Math.ceil(samples / pieces);
  for (let at = 0; at < samples; at += size) await stage.samples(pcm.subarray(at, at + size));
  return { ...(await stage.end(seconds, frames)), files };
}

describe('sound that does not end with the picture', () => {
  it('that is longer goes into the last chunk', async () => {
    const { chunks, files } = await run(4, RATE * 5, 40);
    expect(chunks).toMatchObject([{ number: 0, startSeconds: 0, endSeconds: 4, firstFrame: 1, lastFrame: 40 }]);
    const frames = 1 + Math.floor((RATE * 5) / 512);
    expect(files.get('CHUNK_SPECTROGRAMS')).toMatchObject({ offsets: [0, frames * 128 * 4] });
  });

  it('that is shorter leaves chunks without features, and their places empty', async () => {
    const { chunks, files } = await run(9, RATE * 3, 90);
    expect(chunks.map((chunk) => chunk.vector?.length ?? null)).toEqual([25, null, null]);
    const { offsets } = files.get('CHUNK_SPECTROGRAM_PICTURES')!;
    expect(offsets).toHaveLength(4);
    expect(offsets![1]).toBeGreaterThan(0);
    expect(offsets!.slice(1)).toEqual(Array(3).fill(offsets![1]));
  });
});

describe('frames and chunks', () => {
  it('every frame is in one chunk, the last in the last, also past the stated end', async () => {
    for (const [seconds, frames] of [
      [8, 80],
      [8, 81],
      [7.96, 80],
      [4.004, 40],
      [0.3, 4],
      [12.01, 119],
    ] as const) {
      const { chunks } = await run(seconds, RATE, frames);
      const numbers = chunks.flatMap(({ firstFrame, lastFrame }) =>
        Array.from({ length: Math.max(0, lastFrame - firstFrame + 1) }, (_, i) => firstFrame + i),
      );
      expect(numbers).toEqual(Array.from({ length: frames }, (_, i) => i + 1));
    }
  });
});

describe('the kept sound', () => {
  it('is a wav of exactly the samples, in whatever pieces they came', async () => {
    const { files } = await run(1, 12_345, 10, 4, 7);
    const wav = readWav(files.get('AUDIO')!.bytes);
    expect(wav.ok && [...wav.wav.pcm]).toEqual([...tone(12_345)]);
  });

  it('is the same to the features in whatever pieces it came', async () => {
    const [one, many] = [await run(5, RATE * 5, 50), await run(5, RATE * 5, 50, 4, 11)];
    expect(many.sound.vector).toEqual(one.sound.vector);
    expect(many.chunks).toEqual(one.chunks);
  });

  it('of a track that holds no sample is no file', async () => {
    const { sink, files } = keptSink();
    const stage = soundStage(sink, 4);
    await stage.start(44_100, 2);
    await stage.samples(new Int16Array(0));
    const { sound, chunks } = await stage.end(5, 50);
    expect(sound).toEqual({ status: 'NONE', sampleRate: 44_100, channels: 2, vector: null, loudness: null });
    expect(chunks.map((chunk) => chunk.vector)).toEqual([null, null]);
    expect([...files.keys()]).toEqual([]);
  });
});
