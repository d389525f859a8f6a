import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { AV_CODEC_ID_FFV1, AV_CODEC_ID_H264, AV_PIX_FMT_YUV420P } from 'node-av/constants';
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

describe('a file that is no recording is refused with a code and a sentence', () => {
  const failureOf = async (name: string, bytes: Buffer | string, limits = {}) => {
    writeFileSync(at(name), bytes);
    const { failure } = await decoded(at(name), { limits });
    return failure;
  };

  test('empty', async () => {
    expect(await failureOf('empty.mp4', '')).toEqual({
      kind: 'failure',
      code: 'EMPTY_FILE',
      reason: 'The file is empty (0 bytes). Upload the recording again.',
    });
  });

  test('text', async () => {
    const failure = await failureOf('text.mp4', 'Dear all,\n'.repeat(300));
    expect(failure?.code).toBe('NOT_MEDIA');
  });

  test('a picture', async () => {
    const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect((await failureOf('picture.mp4', png))?.code).toBe('CONTAINER_NOT_ALLOWED');
  });

  test('a pipe, without waiting for somebody to write into it', async () => {
    execFileSync('mkfifo', [at('pipe.mp4')]);
    expect((await decoded(at('pipe.mp4'))).failure?.code).toBe('NOT_MEDIA');
  });

  test('a playlist, whose entries are neither opened nor fetched', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    // Opening this pipe would never return.
    execFileSync('mkfifo', [at('bait')]);
    const playlists = {
      'hls file': `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${at('bait')}\n#EXT-X-ENDLIST\n`,
      'hls url': `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`,
      'concat file': `ffconcat version 1.0\nfile '${at('bait')}'\n`,
      'concat plain': `ffconcat version 1.0\nfile plain.mp4\n`,
      'concat url': `ffconcat version 1.0\nfile 'http://127.0.0.1:${port}/b.mp4'\n`,
      dash: `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>http://127.0.0.1:${port}/c.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      sdp: `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    };
    const codes: Record<string, string | undefined> = {};
    for (const [name, text] of Object.entries(playlists)) codes[name] = (await failureOf(`${name}.mp4`, text))?.code;
    server.close();
    expect(Object.values(codes).every((code) => code === 'CONTAINER_NOT_ALLOWED' || code === 'NOT_MEDIA')).toBe(true);
    expect(codes).toMatchObject({ 'hls file': 'CONTAINER_NOT_ALLOWED', 'concat file': 'CONTAINER_NOT_ALLOWED' });
    expect(asked).toBe(0);
  });

  test('sound alone, unless video is not asked for', async () => {
    const wav = Buffer.alloc(44 + 16000);
    wav.write('RIFF', 0, 'latin1');
    wav.writeUInt32LE(36 + 16000, 4);
    wav.write('WAVEfmt ', 8, 'latin1');
    wav.writeUInt32LE(16, 16);
    wav.writeUInt16LE(1, 20);
    wav.writeUInt16LE(1, 22);
    wav.writeUInt32LE(8000, 24);
    wav.writeUInt32LE(16000, 28);
    wav.writeUInt16LE(2, 32);
    wav.writeUInt16LE(16, 34);
    wav.write('data', 36, 'latin1');
    wav.writeUInt32LE(16000, 40);
    for (let i = 0; i < 8000; i += 1) wav.writeInt16LE(i, 44 + 2 * i);
    expect((await failureOf('sound.wav', wav))?.code).toBe('NO_VIDEO');
    const pieces: number[] = [];
    for await (const event of decodeRecording(at('sound.wav'), { limits: { requireVideo: false } })) {
      if (event.kind === 'audio') pieces.push(...event.pcm);
    }
    expect(pieces).toEqual(Array.from({ length: 8000 }, (_, i) => i));
  });

  test('a codec that no phone uses', async () => {
    const file = at('ffv1.mkv');
    const shape = { container: 'matroska', codecId: AV_CODEC_ID_FFV1, pixelFormat: AV_PIX_FMT_YUV420P };
    await oddRecording(file, { ...shape, width: 64, height: 48, times: [0, 100] });
    expect((await decoded(file)).failure?.code).toBe('CODEC_NOT_ALLOWED');
  });

  test('a video track without a frame', async () => {
    const file = at('no-frames.mp4');
    const shape = {
      container: 'mp4',
      codecId: AV_CODEC_ID_H264,
      pixelFormat: AV_PIX_FMT_YUV420P,
      width: 64,
      height: 48,
    };
    await oddRecording(file, { ...shape, times: [], movflags: 'frag_keyframe+empty_moov' });
    expect((await decoded(file)).failure?.code).toBe('NO_FRAMES');
  });

  test('too long, too many bytes, too many pixels', async () => {
    const bytes = readFileSync(plain);
    expect((await failureOf('a.mp4', bytes, { maxSeconds: 1 }))?.code).toBe('TOO_LONG');
    expect((await failureOf('b.mp4', bytes, { maxBytes: 1000 }))?.code).toBe('TOO_LARGE');
    expect((await failureOf('c.mp4', bytes, { maxPixels: 1000 }))?.code).toBe('TOO_LARGE');
  });

  test('an MP4 without its index', async () => {
    const file = at('late-index.mp4');
    const shape = {
      container: 'mp4',
      codecId: AV_CODEC_ID_H264,
      pixelFormat: AV_PIX_FMT_YUV420P,
      width: 64,
      height: 48,
    };
    await oddRecording(file, { ...shape, times: Array.from({ length: 50 }, (_, i) => i * 40) });
    const bytes = readFileSync(file);
    const failure = await failureOf('no-index.mp4', bytes.subarray(0, bytes.length >> 1));
    expect(failure?.code).toBe('TRUNCATED');
    expect(failure?.reason).toContain('moov atom not found');
  });

  test('an MP4 that stops half-way: what was there is said', async () => {
    const bytes = readFileSync(plain);
    const failure = await failureOf('half.mp4', bytes.subarray(0, Math.round(bytes.length * 0.6)));
    expect(failure?.code).toBe('TRUNCATED');
    expect(failure?.reason).toMatch(/only [\d.]+ of 2\.00 s of the video \(\d+ of 30 frames\)/);
  });
});

test('a path that is not there throws as opening it does', async () => {
  await expect(decoded(at('nowhere.mp4'))).rejects.toMatchObject({ code: 'ENOENT' });
});
