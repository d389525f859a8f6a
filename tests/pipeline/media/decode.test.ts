import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_MJPEG,
  AV_CODEC_ID_MPEG4,
  AV_CODEC_ID_VP8,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
} from 'node-av/constants';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { encodeVideo } from '../../../pipeline/media/encode.ts';
import { decoded, drawn, oddRecording, scratch, tone } from './recordings.ts';

const at = (name: string) => join(scratch, name);
const plain = at('plain.mp4');

beforeAll(async () => {
  await encodeVideo({ width: 64, height: 48, framesPerSecond: 15 }, drawn(64, 48, 30), tone(2), plain);
});

describe('a phone video of our own', () => {
  test.each([
    [15, 30, 20],
    [25, 50, 20],
    [29.97, 60, 20],
    [30, 75, 25],
  ])('at %d frames per second: %d frames decoded, %d sampled at 10 per second', async (rate, count, sampled) => {
    const file = at(`rate${rate}.mp4`);
    await encodeVideo({ width: 64, height: 48, framesPerSecond: rate }, drawn(64, 48, count), tone(count / rate), file);
    const { end, info, frames } = await decoded(file);
    expect({ videoFrames: end?.videoFrames, sampledFrames: end?.sampledFrames }).toEqual({
      videoFrames: count,
      sampledFrames: sampled,
    });
    expect(frames.map((frame) => frame.number)).toEqual(Array.from({ length: sampled }, (_, i) => i + 1));
    expect(frames.at(-1)?.timeSeconds).toBeCloseTo((sampled - 1) / 10);
    expect(info?.video?.variableFrameRate).toBe(false);
    expect(info?.video?.measuredFrameRate).toBeCloseTo(rate, 2);
  });

  test('says what it is before any picture', async () => {
    for await (const event of decodeRecording(plain)) {
      expect(event).toEqual({
        kind: 'info',
        info: {
          container: 'mov,mp4,m4a,3gp,3g2,mj2',
          bytes: readFileSync(plain).length,
          durationSeconds: 2,
          video: {
            codec: 'h264',
            width: 64,
            height: 48,
            rotation: 0,
            nominalFrameRate: 15,
            promisedFrames: 30,
            framesDecoded: null,
            variableFrameRate: null,
            measuredFrameRate: null,
          },
          audio: { codec: 'aac', sampleRate: 44100, channels: 1 },
          otherTracks: [],
        },
      });
      break;
    }
  });

  test('whose frames come at odd times is called variable, and sampled evenly all the same', async () => {
    const file = at('variable.mp4');
    const times = [0, 20, 130, 150, 320, 340, 360, 610, 640, 900, 980];
    const shape = { container: 'mp4', codecId: AV_CODEC_ID_H264, pixelFormat: AV_PIX_FMT_YUV420P };
    await oddRecording(file, { ...shape, width: 64, height: 48, times });
    const { end, info } = await decoded(file);
    expect(info?.video?.variableFrameRate).toBe(true);
    expect(end?.videoFrames).toBe(times.length);
    expect(end?.sampledFrames).toBeGreaterThanOrEqual(10);
    expect(end?.sampledFrames).toBeLessThanOrEqual(11);
  });

  test.each([
    [0, 64, 48, [0, 0]],
    [90, 48, 64, [1, 0]],
    [180, 64, 48, [1, 1]],
    [270, 48, 64, [0, 1]],
  ] as const)('marked as turned by %d degrees comes out upright, %d x %d', async (rotation, width, height, corner) => {
    const file = at(`turned${rotation}.mp4`);
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10, rotation }, drawn(64, 48, 3), null, file);
    const { info, frames } = await decoded(file);
    expect(info?.video).toMatchObject({ width, height, rotation });
    const picture = await sharp(frames[0]!.jpeg).raw().toBuffer({ resolveWithObject: true });
    expect([picture.info.width, picture.info.height]).toEqual([width, height]);
    const brightness = (right: number, low: number) => {
      const x = Math.round((0.25 + 0.5 * right) * width);
      const y = Math.round((0.25 + 0.5 * low) * height);
      return picture.data[(y * width + x) * 3]!;
    };
    const corners = [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const;
    const white = corners.filter(([right, low]) => brightness(right, low) > 200);
    expect(white).toEqual([corner]);
  });

  test('without sound has no audio; with an empty or silent track it is no failure either', async () => {
    const none = at('none.mp4');
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, drawn(64, 48, 10), null, none);
    const empty = at('empty-sound.mp4');
    const nothing = { sampleRate: 44100, channels: 2, pcm: new Int16Array(0) };
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, drawn(64, 48, 10), nothing, empty);
    const silent = at('silent.mp4');
    const silence = { sampleRate: 48000, channels: 2, pcm: new Int16Array(96000) };
    await encodeVideo({ width: 64, height: 48, framesPerSecond: 10 }, drawn(64, 48, 10), silence, silent);
    const results = [await decoded(none), await decoded(empty), await decoded(silent)];
    expect(results.map((one) => one.end?.sampledFrames)).toEqual([10, 10, 10]);
    expect(results.map((one) => one.end?.audioSamples)).toEqual([0, 0, 48128]); // 47 packets of 1,024
    expect(results[0]?.info?.audio).toBeNull();
    expect(results[2]?.info?.audio).toEqual({ codec: 'aac', sampleRate: 48000, channels: 2 });
  });

  test.each([
    [
      'odd sizes, MPEG-4',
      { container: 'mp4', codecId: AV_CODEC_ID_MPEG4, pixelFormat: AV_PIX_FMT_YUV420P, width: 63, height: 47 },
    ],
    [
      'full-range colours, Motion JPEG',
      { container: 'mov', codecId: AV_CODEC_ID_MJPEG, pixelFormat: AV_PIX_FMT_YUVJ420P, width: 64, height: 48 },
    ],
    ['WebM', { container: 'webm', codecId: AV_CODEC_ID_VP8, pixelFormat: AV_PIX_FMT_YUV420P, width: 65, height: 49 }],
    [
      'Matroska with H.264',
      { container: 'matroska', codecId: AV_CODEC_ID_H264, pixelFormat: AV_PIX_FMT_YUV420P, width: 64, height: 48 },
    ],
  ])('with %s is decoded whole', async (name, shape) => {
    const file = at(`odd ${name.replace('/', '')}`);
    const times = Array.from({ length: 30 }, (_, i) => i * 40);
    await oddRecording(file, {
      ...shape,
      times,
      options: shape.codecId === AV_CODEC_ID_VP8 ? { deadline: 'realtime' } : {},
    });
    const { end, failure, frames } = await decoded(file);
    expect(failure).toBeNull();
    expect(end?.videoFrames).toBe(30);
    expect(end?.sampledFrames).toBe(12);
    expect([frames[0]?.width, frames[0]?.height]).toEqual([shape.width, shape.height]);
  });

  test('given as a descriptor is read from its start, and the descriptor stays open where it was', async () => {
    const descriptor = openSync(plain, 'r');
    readSync(descriptor, Buffer.alloc(100), 0, 100, null);
    expect((await decoded(descriptor)).end?.videoFrames).toBe(30);
    const next = Buffer.alloc(4);
    readSync(descriptor, next, 0, 4, null);
    expect(next).toEqual(readFileSync(plain).subarray(100, 104));
    closeSync(descriptor);
  });
});
