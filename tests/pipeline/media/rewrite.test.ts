import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_VP8, AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { encodeVideo } from '../../../pipeline/media/encode.ts';
import { rewriteVideo } from '../../../pipeline/media/rewrite.ts';
import { decoded, drawn, oddRecording, scratch, tone } from './recordings.ts';

const at = (name: string) => join(scratch, `rewrite-${name}`);

/** Names of the boxes at the top of an MP4, in order. */
function boxes(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let i = 0; i + 8 <= bytes.length; ) {
    names.push(bytes.toString('latin1', i + 4, i + 8));
    const size = bytes.readUInt32BE(i);
    i += size === 1 ? Number(bytes.readBigUInt64BE(i + 8)) : size;
    if (size === 0) break;
  }
  return names;
}

/** Times of making and changing in each header of a kind; all 0 when nothing is told. */
function headerTimes(bytes: Buffer): number[] {
  const times: number[] = [];
  for (const name of ['mvhd', 'tkhd', 'mdhd']) {
    for (let i = bytes.indexOf(name, 0, 'latin1'); i >= 0; i = bytes.indexOf(name, i + 4, 'latin1')) {
      times.push(bytes.readUInt32BE(i + 8), bytes.readUInt32BE(i + 12));
    }
  }
  return times;
}

describe('the released copy of a phone video', () => {
  const source = at('source.mp4');
  const copy = at('copy.mp4');
  const planted = ['A title of mine', 'x264 - core', 'A comment of mine', 'loci'];

  beforeAll(async () => {
    await encodeVideo(
      {
        width: 64,
        height: 48,
        framesPerSecond: 15,
        rotation: 90,
        metadata: {
          title: 'A title of mine',
          comment: 'A comment of mine',
          location: '+38.9996-077.1026/',
          creation_time: '2020-12-01T00:32:32Z',
        },
      },
      drawn(64, 48, 30),
      tone(2),
      source,
    );
  });

  test('has none of what was planted in the original', async () => {
    const before = readFileSync(source);
    for (const text of planted) expect(before.includes(text), text).toBe(true);
    expect(Math.max(...headerTimes(before))).toBeGreaterThan(3.6e9);

    expect(await rewriteVideo(source, copy)).toEqual({ ok: true, method: 'COPIED', video: 'copied', audio: 'copied' });
    const after = readFileSync(copy);
    for (const text of planted) expect(after.includes(text), text).toBe(false);
    // FFmpeg writes a list of metadata always; here it is empty: a header of 8 bytes and nothing in it.
    const list = after.indexOf('ilst', 0, 'latin1');
    expect([list, after.indexOf('ilst', list + 4, 'latin1')]).toEqual([expect.any(Number), -1]);
    expect(after.readUInt32BE(list - 4)).toBe(8);
    expect(after.includes('uuid', 0, 'latin1')).toBe(false);
    expect(headerTimes(after)).toEqual(new Array(10).fill(0));
  });

  test.each([
    ['QuickTime user data', {}, '\u00a9xyz'],
    ['Apple metadata keys', { movflags: 'use_metadata_tags' }, 'com.apple.quicktime.location.ISO6709'],
  ])('does not say where it was recorded: %s', async (name, flags, key) => {
    const place = '+38.9996-077.1026/';
    const file = at(`${name}.mov`);
    const shape = {
      container: 'mov',
      codecId: AV_CODEC_ID_H264,
      pixelFormat: AV_PIX_FMT_YUV420P,
      width: 64,
      height: 48,
    };
    const metadata = { location: place, 'com.apple.quicktime.location.ISO6709': place, make: 'A phone maker' };
    await oddRecording(file, { ...shape, ...flags, times: [0, 40, 80, 120], metadata });
    const before = readFileSync(file);
    expect([before.includes(place), before.includes(key, 0, 'latin1')]).toEqual([true, true]);
    expect(await rewriteVideo(file, at(`${name}.mp4`))).toMatchObject({ ok: true, method: 'COPIED' });
    const after = readFileSync(at(`${name}.mp4`));
    for (const text of [place, key, 'A phone maker', '077.1026'])
      expect(after.includes(text, 0, 'latin1'), text).toBe(false);
  });

  test('begins with its index, so that it plays while it loads', async () => {
    const order = boxes(readFileSync(copy)).filter((name) => name !== 'free');
    expect(order).toEqual(['ftyp', 'moov', 'mdat']);
  });

  test('shows and sounds the same to the last bit, turned the same way', async () => {
    const [before, after] = [await decoded(source), await decoded(copy)];
    expect(after.info?.video).toMatchObject({ codec: 'h264', rotation: 90, width: 48, height: 64, promisedFrames: 30 });
    expect(after.frames).toEqual(before.frames);
    expect(after.values).toBe(before.values);
  });

  test('made again has the same bytes', async () => {
    await rewriteVideo(source, at('again.mp4'));
    expect(readFileSync(at('again.mp4')).equals(readFileSync(copy))).toBe(true);
  });

  test('has no other track: a planted text track is gone', async () => {
    const file = at('text-track.mp4');
    const times = Array.from({ length: 20 }, (_, i) => 50 * i);
    const shape = {
      container: 'mp4',
      codecId: AV_CODEC_ID_H264,
      pixelFormat: AV_PIX_FMT_YUV420P,
      width: 64,
      height: 48,
    };
    await oddRecording(file, { ...shape, times, text: 'spoken at 12 Main Street' });
    expect(readFileSync(file).includes('12 Main Street')).toBe(true);
    expect((await decoded(file)).info?.otherTracks).toEqual(['mov_text']);
    expect(await rewriteVideo(file, at('text-track-copy.mp4'))).toMatchObject({
      ok: true,
      video: 'copied',
      audio: 'none',
    });
    const after = readFileSync(at('text-track-copy.mp4'));
    expect(after.includes('12 Main Street')).toBe(false);
    expect((await decoded(at('text-track-copy.mp4'))).info?.otherTracks).toEqual([]);
  });
});

describe('what a browser would not play is encoded as H.264 and AAC', () => {
  test.each([
    ['WebM', { container: 'webm', codecId: AV_CODEC_ID_VP8, width: 64, height: 48 }, { deadline: 'realtime' }],
    ['MPEG-4 with odd sizes', { container: 'mp4', codecId: AV_CODEC_ID_MPEG4, width: 63, height: 47 }, {}],
  ])('%s', async (name, shape, options) => {
    const file = at(`${name}.bin`);
    const times = Array.from({ length: 30 }, (_, i) => i * 40);
    await oddRecording(file, { ...shape, pixelFormat: AV_PIX_FMT_YUV420P, times, options });
    const copy = at(`${name}.mp4`);
    expect(await rewriteVideo(file, copy)).toEqual({ ok: true, method: 'ENCODED', video: 'encoded', audio: 'none' });
    const bytes = readFileSync(copy);
    expect(boxes(bytes).filter((box) => box !== 'free')).toEqual(['ftyp', 'moov', 'mdat']);
    const { end, info } = await decoded(copy);
    expect(info?.video).toMatchObject({ codec: 'h264', width: shape.width & ~1, height: shape.height & ~1 });
    expect(end?.videoFrames).toBe(30);
  });
});

test.each([8000, 22050])('sound at %d Hz that is no AAC becomes AAC of the same length and pitch', async (rate) => {
  const { pcm } = tone(1.5, rate);
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1');
  header.writeUInt32LE(36 + pcm.byteLength, 4);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(pcm.byteLength, 40);
  writeFileSync(at(`${rate}.wav`), Buffer.concat([header, Buffer.from(pcm.buffer)]));
  const limits = { requireVideo: false };
  const result = await rewriteVideo(at(`${rate}.wav`), at(`${rate}.mp4`), { limits });
  expect(result).toEqual({ ok: true, method: 'ENCODED', video: 'none', audio: 'encoded' });
  const values: number[] = [];
  for await (const event of decodeRecording(at(`${rate}.mp4`), { limits })) {
    if (event.kind === 'audio') values.push(...event.pcm);
    if (event.kind === 'info') expect(event.info.audio).toEqual({ codec: 'aac', sampleRate: rate, channels: 1 });
  }
  expect(Math.abs(values.length - pcm.length)).toBeLessThan(1024);
  const second = values.slice(rate / 5, rate + rate / 5);
  const crossings = second.filter((value, i) => i > 0 && value >= 0 && second[i - 1]! < 0).length;
  expect(Math.abs(crossings - 220)).toBeLessThanOrEqual(1);
});

describe('a recording that cannot be used', () => {
  test('is a result with a reason and leaves no file', async () => {
    writeFileSync(at('text.mp4'), 'no video at all\n'.repeat(100));
    const result = await rewriteVideo(at('text.mp4'), at('never.mp4'));
    expect(result).toEqual({
      ok: false,
      code: 'NOT_MEDIA',
      reason: 'No video or sound format was recognised in this file.',
    });
    expect(existsSync(at('never.mp4'))).toBe(false);
  });
});
