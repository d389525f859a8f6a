import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FaceChain, FaceFound } from '../../../pipeline/faces/face-chain.ts';
import { encodeVideo } from '../../../pipeline/media/encode.ts';
import { ARTIFACT_KINDS } from '../../../pipeline/stages/artifact-sink.ts';
import { pipelineVersion } from '../../../pipeline/stages/pipeline-version.ts';
import { processRecording } from '../../../pipeline/stages/process-recording.ts';
import { drawn, scratch, tone } from '../media/recordings.ts';
import { keptSink } from './kept-sink.ts';

const LANDMARKS = 468 * 3;
const crop = new Uint8Array(160 * 160 * 3).fill(128);
/** Sees a face in every other frame, and in every fourth no mesh in it. */
function everyOther(): FaceChain {
  let frame = 0;
  return {
    async find(): Promise<FaceFound | null> {
      frame += 1;
      if (frame % 2 === 0) return null;
      const landmarks = frame % 4 === 1 ? new Float32Array(LANDMARKS).fill(frame / 100) : null;
      return { box: [1, 2, 30, 40], score: 0.9, faces: frame === 3 ? 2 : 1, crop, landmarks, frameLandmarks: null };
    },
    close: async () => {},
  };
}

let video: string;
beforeAll(async () => {
  video = join(scratch, 'stages.mp4');
  await encodeVideo({ width: 64, height: 48, framesPerSecond: 20 }, drawn(64, 48, 30), tone(1.5), video);
});
const folder = () => mkdtempSync(join(scratch, 'work-'));

describe('a recording', () => {
  it('becomes all its files, closed, with what was found of each frame', async () => {
    const { sink, files } = keptSink();
    const seen: number[][] = [];
    const result = await processRecording(video, {
      ...{ chain: everyOther(), sink, chunkSeconds: 1, limits: {}, workFolder: folder() },
      onFrame: (done, expected) => seen.push([done, expected]),
    });
    if (result.status !== 'PROCESSED') throw new Error(result.reason);
    expect([...files.keys()].sort()).toEqual([...ARTIFACT_KINDS].sort());
    expect([...files.values()].every((file) => file.closed)).toBe(true);
    expect(result.frames.boxes).toHaveLength(15);
    expect(result.frames.boxes.slice(0, 4)).toEqual([[1, 2, 30, 40], null, [1, 2, 30, 40], null]);
    expect(result.frames.landmarksFound.slice(0, 5)).toEqual([true, false, false, false, true]);
    expect(result.frames.framesWithSeveralFaces).toBe(1);
    expect(result.chunks.map(({ firstFrame, lastFrame }) => [firstFrame, lastFrame])).toEqual([
      [1, 10],
      [11, 15],
    ]);
    expect(seen.at(-1)).toEqual([15, 15]);

    const landmarks = new Float32Array(Uint8Array.from(files.get('LANDMARKS')!.bytes).buffer);
    expect(landmarks).toHaveLength(15 * LANDMARKS);
    expect([landmarks[0], landmarks[4 * LANDMARKS]]).toEqual([0.01, 0.05].map(Math.fround));
    expect([1, 2, 3].every((frame) => Number.isNaN(landmarks[frame * LANDMARKS]))).toBe(true);

    const faces = files.get('FACES')!;
    expect(faces.offsets).toHaveLength(16);
    const sizes = faces.offsets!.slice(1).map((end, i) => end - faces.offsets![i]!);
    expect(sizes.map((size) => size > 0)).toEqual(result.frames.boxes.map((box) => box !== null));
    const frames = files.get('FRAMES')!;
    for (const start of frames.offsets!.slice(0, -1))
      expect([frames.bytes[start], frames.bytes[start + 1]]).toEqual([0xff, 0xd8]);
    expect(frames.offsets!.at(-1)).toBe(frames.bytes.length);
  });

  it('that is to be looked at only makes no released copy', async () => {
    const { sink, files } = keptSink();
    await processRecording(video, { chain: everyOther(), sink, chunkSeconds: 4, limits: {}, workFolder: null });
    expect(files.has('VIDEO')).toBe(false);
  });

  it('that cannot be read says why, and its half-written copy is gone', async () => {
    const broken = join(scratch, 'broken.mp4');
    writeFileSync(broken, 'this is no video at all');
    const work = folder();
    const { sink } = keptSink();
    const result = await processRecording(broken, {
      ...{ chain: everyOther(), sink, chunkSeconds: 4, limits: {}, workFolder: work },
    });
    expect(result).toMatchObject({ status: 'UNREADABLE', code: 'NOT_MEDIA' });
    expect(readdirSync(work)).toEqual([]);
  });

  it('stops at once when told to, with both its processes', async () => {
    const stop = new AbortController();
    const { sink } = keptSink();
    const work = folder();
    const going = processRecording(video, {
      ...{ chain: everyOther(), sink, chunkSeconds: 4, limits: {}, workFolder: work, signal: stop.signal },
      onFrame: () => stop.abort(new Error('no longer wanted')),
    });
    await expect(going).rejects.toThrow('no longer wanted');
  });

  it('whose frames fail throws the fault, and nothing goes on behind', async () => {
    const { sink } = keptSink();
    const chain: FaceChain = { find: () => Promise.reject(new Error('the net broke')), close: async () => {} };
    const going = processRecording(video, { chain, sink, chunkSeconds: 4, limits: {}, workFolder: folder() });
    await expect(going).rejects.toThrow('the net broke');
  });
});

const ownMounts = ['unshare', '--user', '--map-root-user', '--mount'];
const canMount = spawnSync(ownMounts[0]!, [...ownMounts.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const PROGRAM = `
  const { processRecording } = await import(process.env.STAGES + '/process-recording.ts');
  const { discardingSink } = await import(process.env.STAGES + '/artifact-sink.ts');
  const chain = { find: async () => null, close: async () => {} };
  const result = await processRecording(process.env.VIDEO, { chain, sink: discardingSink, chunkSeconds: 4, limits: {}, workFolder: process.env.WORK })
    .then((one) => [one.status, one.code, one.reason].join(' '), (error) => 'thrown ' + error.code);
  console.log(result);
`;

describe.skipIf(!canMount)('a work folder without room (needs leave to mount)', () => {
  it('is no fault of the video: the error of the disk is thrown', () => {
    const work = folder();
    mkdirSync(work, { recursive: true });
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const [program, ...args] = [...ownMounts, 'sh', '-c', `mount -t tmpfs -o size=8k none ${work}; exec "$@"`, 'sh'];
    const out = execFileSync(
      program!,
      [...args, process.execPath, '--import', loader, '--input-type=module', '-e', PROGRAM],
      {
        env: {
          PATH: process.env.PATH,
          VIDEO: video,
          WORK: work,
          STAGES: pathToFileURL(resolve(import.meta.dirname, '../../../pipeline/stages')).href,
        },
        encoding: 'utf8',
      },
    );
    expect(out.trim()).toBe('thrown ENOSPC');
  });
});

describe('the version of what is made', () => {
  it('is another where a setting changes the data', () => {
    expect(pipelineVersion({ chunkSeconds: 4 })).toBe('1');
    expect(pipelineVersion({ chunkSeconds: 8 })).toBe('1+chunk-8s');
  });
});
