import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { encodeVideo } from '../../../pipeline/media/encode.ts';
import { decoded, drawn, scratch, tone } from './recordings.ts';

const at = (name: string) => join(scratch, `encode-${name}`);

describe('encoding frames and sound', () => {
  test('gives the same bytes for the same input', async () => {
    const make = (file: string) =>
      encodeVideo({ width: 128, height: 96, framesPerSecond: 15 }, drawn(128, 96, 45), tone(3, 44100, 2), file);
    await make(at('one.mp4'));
    await make(at('two.mp4'));
    expect(readFileSync(at('one.mp4')).equals(readFileSync(at('two.mp4')))).toBe(true);
  });

  test('keeps the colours to a few grey levels', async () => {
    const rgb = new Uint8Array(64 * 64 * 3);
    for (let i = 0; i < rgb.length; i += 3) rgb.set([180, 120, 90], i);
    await encodeVideo({ width: 64, height: 64, framesPerSecond: 10 }, [rgb, rgb], null, at('skin.mp4'));
    const { frames } = await decoded(at('skin.mp4'));
    const { channels } = await sharp(frames[0]!.jpeg).stats();
    for (const [i, value] of [180, 120, 90].entries()) expect(Math.abs(channels[i]!.mean - value)).toBeLessThan(3);
  });

  test('keeps the sound: its pitch, its loudness, each channel', async () => {
    const sound = tone(1, 48000, 2);
    for (let i = 1; i < sound.pcm.length; i += 2) sound.pcm[i] = 0;
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, drawn(64, 48, 10), sound, at('tone.mp4'));
    const pcm: number[] = [];
    for await (const event of decodeRecording(at('tone.mp4'))) if (event.kind === 'audio') pcm.push(...event.pcm);
    const left = pcm.filter((_, i) => i % 2 === 0).slice(4800, 43200);
    const right = pcm.filter((_, i) => i % 2 === 1).slice(4800, 43200);
    const loudness = (values: number[]) =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(Math.abs(loudness(left) / (9000 / Math.SQRT2) - 1)).toBeLessThan(0.05);
    expect(loudness(right)).toBeLessThan(100);
    const crossings = left.filter((value, i) => i > 0 && value >= 0 && left[i - 1]! < 0).length;
    expect(Math.abs(crossings - 220 * 0.8)).toBeLessThanOrEqual(1);
  });

  test('takes frames that come one after the other', async () => {
    async function* slowly() {
      yield* drawn(64, 48, 5);
    }
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, slowly(), null, at('async.mp4'));
    expect((await decoded(at('async.mp4'))).end?.videoFrames).toBe(5);
  });

  test.each([
    ['an odd width', { width: 63, height: 48, framesPerSecond: 10 }],
    ['no frame rate', { width: 64, height: 48, framesPerSecond: 0 }],
  ])('refuses %s', async (_, shape) => {
    await expect(encodeVideo(shape, [], null, at('refused.mp4'))).rejects.toThrow(RangeError);
  });

  test('leaves no file behind when a frame has the wrong size', async () => {
    const frames = [...drawn(64, 48, 2), new Uint8Array(5)];
    const made = encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, frames, null, at('broken.mp4'));
    await expect(made).rejects.toThrow('frame 3 has 5 bytes, not 64 x 48 x 3');
    expect(existsSync(at('broken.mp4'))).toBe(false);
  });
});
