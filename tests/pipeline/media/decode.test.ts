import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  AV_CODEC_ID_FFV1,
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

describe('whatever bytes are given, there is one outcome, and the next file is decoded', () => {
  test('cut off anywhere', async () => {
    const bytes = readFileSync(plain);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        writeFileSync(at('cut.mp4'), bytes.subarray(0, length));
        const { failure } = await decoded(at('cut.mp4'));
        if (length < bytes.length * 0.7) expect(failure?.code).toMatch(/^(EMPTY_FILE|NOT_MEDIA|TRUNCATED|DAMAGED)$/);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('changed anywhere', async () => {
    const bytes = readFileSync(plain);
    const change = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [index, value] of changes) changed[index] = value;
        writeFileSync(at('changed.mp4'), changed);
        const { end, failure } = await decoded(at('changed.mp4'));
        expect([end, failure].filter((one) => one !== null)).toHaveLength(1);
      }),
      { numRuns: 25, seed: 2 },
    );
    expect((await decoded(plain)).end?.videoFrames).toBe(30);
  });
});

function startedProcess() {
  const pids: number[] = [];
  return { options: { onStart: (pid: number) => void pids.push(pid) }, pid: () => pids[0]! };
}

describe('a decode process', () => {
  const long = at('long.mp4');
  beforeAll(async () => {
    await encodeVideo({ width: 320, height: 240, framesPerSecond: 30 }, drawn(320, 240, 600), null, long);
  });

  test('that is killed costs its own file only', async () => {
    const started = startedProcess();
    const kinds: string[] = [];
    for await (const event of decodeRecording(long, { process: started.options })) {
      if (event.kind === 'frame' && event.number === 1) process.kill(started.pid(), 'SIGKILL');
      kinds.push(event.kind === 'failure' ? `${event.code}: ${event.reason}` : event.kind);
    }
    expect(kinds.at(-1)).toBe('DECODER_CRASHED: The decoder ended without a result (SIGKILL).');
    expect(kinds).not.toContain('end');
    expect((await decoded(plain)).end?.videoFrames).toBe(30);
  });

  test('that hangs is ended when the clock says so', async () => {
    const { failure } = await decoded(plain, {
      process: {
        stallMilliseconds: 20_000,
        onStart: (pid) => process.kill(pid, 'SIGSTOP'),
        startTimer: (milliseconds, run) => {
          expect(milliseconds).toBe(20_000);
          setImmediate(run);
          return () => {};
        },
      },
    });
    expect(failure).toMatchObject({ code: 'DECODER_STALLED' });
    expect(failure?.reason).toContain('no progress for 20 s');
  });

  test('is not timed while the reader takes its time', async () => {
    let running = 0;
    let seen = 0;
    const startTimer = () => {
      running += 1;
      return () => {
        running -= 1;
      };
    };
    for await (const _ of decodeRecording(plain, { process: { startTimer } })) {
      seen += 1;
      expect(running).toBe(0);
    }
    expect(seen).toBeGreaterThan(20);
  });

  test.skipIf(process.platform !== 'linux')(
    'has an empty environment, one open file, and limits on memory and files',
    async () => {
      const started = startedProcess();
      for await (const event of decodeRecording(long, { process: started.options })) {
        if (event.kind !== 'frame') continue;
        const pid = started.pid();
        expect(readFileSync(`/proc/${pid}/environ`, 'latin1').replace(/PWD=[^\0]*\0/, '')).toBe('');
        const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
        expect(limits).toMatch(/Max core file size\s+0\s+0/);
        expect(limits).toMatch(/Max file size\s+0\s+0/);
        expect(limits).toMatch(/Max data size\s+1610612736\s+1610612736/);
        break;
      }
    },
  );

  test('that gets too little memory to start is a failure, not a fault', async () => {
    expect((await decoded(plain, { process: { memoryMegabytes: 80 } })).failure?.code).toBe('DECODER_CRASHED');
  });

  test('ends with the signal', async () => {
    const control = new AbortController();
    const taken = (async () => {
      for await (const event of decodeRecording(long, { signal: control.signal })) {
        if (event.kind === 'frame') control.abort(new Error('withdrawn'));
      }
    })();
    await expect(taken).rejects.toThrow('withdrawn');
  });
});
