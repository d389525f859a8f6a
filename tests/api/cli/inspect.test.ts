import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameLandmarks } from '../../../api/cli/landmark-pixels.ts';
import { wavFile } from '../../../pipeline/audio/wav.ts';
import { writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { aFolder, anIo, iss } from './an-io.ts';

interface Inspected {
  features: number[];
  featureNames: string[];
  shape: number[];
  frames: { number: number; timeSeconds: number; box: [number, number, number, number]; score: number }[];
  quality: { frameRate: number };
}

/** Runs `iss inspect … --json` and gives its one value. */
async function inspected(...words: string[]): Promise<Inspected> {
  const io = anIo();
  expect(await iss(io, 'inspect', ...words, '--json')).toBe(0);
  expect(io.lines).toHaveLength(1);
  return JSON.parse(io.lines[0]!);
}

const floats = (bytes: Buffer): Float32Array =>
  Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));

const lines = (text: string): string[] => text.trim().split('\n');

describe('a sound of our own', () => {
  let folder: string;
  let tone: string;
  const rate = 44_100;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iss-inspect-'));
    tone = join(folder, 'tone.wav');
    const pcm = Int16Array.from(
      { length: 2 * rate },
      (_, at) => 12_000 * Math.sin((2 * Math.PI * 440 * Math.floor(at / 2)) / rate),
    );
    await writeFile(tone, wavFile(pcm, 2, rate));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('has 25 features in order', async () => {
    const value = await inspected(tone, '--features');
    expect(value).toMatchObject({ file: tone, durationSeconds: 1, sampleRate: rate });
    expect(value.features).toHaveLength(25);
    expect(value.featureNames.slice(0, 6)).toEqual([
      'chroma',
      'spectral_centroid',
      'spectral_bandwidth',
      'spectral_rolloff',
      'zero_crossing_rate',
      'mfcc_1',
    ]);
    expect(value.features[1]).toBeGreaterThan(400);
    expect(value.features[1]).toBeLessThan(520);
  });

  test('has a spectrogram of 128 bands, loudest at 440 Hz, as numbers and as a picture', async () => {
    const out = join(folder, 'tone.f32');
    const value = await inspected(tone, '--spectrogram', out);
    const [bands, frames] = value.shape as [number, number];
    expect([bands, frames]).toEqual([128, 44]);
    const values = floats(await readFile(out));
    expect(values).toHaveLength(128 * 44);
    const middle = Array.from({ length: 128 }, (_, band) => values[band * frames + 20]!);
    // Slaney's scale is linear below 1 kHz; its band 16 of 128 up to 11,025 Hz is about 440 Hz.
    expect(middle.indexOf(Math.max(...middle))).toBeGreaterThan(12);
    expect(middle.indexOf(Math.max(...middle))).toBeLessThan(20);
    expect(Math.max(...values)).toBe(0);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-80);

    const picture = join(folder, 'tone.PNG');
    await inspected(tone, '--spectrogram', picture);
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 44, height: 128 });
  });

  test('has no faces, and says so without leaving a file', async () => {
    const io = anIo();
    const out = join(folder, 'none.f32');
    expect(await iss(io, 'inspect', tone, '--landmarks', out)).toBe(1);
    expect(io.notes).toEqual([`iss: ${tone} has no pictures.`]);
    expect((await readdir(folder)).filter((name) => name.startsWith('none'))).toEqual([]);
  });

  test('is told of in a few lines without options', async () => {
    const io = anIo();
    expect(await iss(io, 'inspect', tone)).toBe(0);
    const text = io.lines.join('\n');
    expect(text).toContain('sound        44,100 Hz, 2 channels, -11.7 dB of full scale');
    expect(text).toContain('chunks       1 of 4 s');
  });

  test('that is not there, is empty, cut off or no sound is named with what is wrong', async () => {
    const say = async (path: string): Promise<[number, string]> => {
      const io = anIo();
      return [await iss(io, 'inspect', path, '--features'), io.notes.join()];
    };
    expect(await say(join(folder, 'gone.wav'))).toEqual([
      1,
      `iss: ${join(folder, 'gone.wav')}: there is no such file or folder (ENOENT).`,
    ]);
    const empty = join(folder, 'empty.mp4');
    await writeFile(empty, '');
    expect(await say(empty)).toEqual([
      1,
      `iss: ${empty} cannot be used: The file is empty (0 bytes). Upload the recording again.`,
    ]);
    const cut = join(folder, 'cut.wav');
    await writeFile(cut, await readFile(tone));
    await truncate(cut, 1_000);
    const [code, sentence] = await say(cut);
    expect(code).toBe(1);
    expect(sentence).toContain('but 956 are there');
    const list = join(folder, 'list.mp4');
    await writeFile(list, '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n');
    const [refused, why] = await say(list);
    expect(refused).toBe(1);
    expect(why).toContain('only MP4/MOV/3GP, Matroska/WebM, WAV, MP3, Ogg and FLAC are taken');
  });
});

describe('a drawn face', () => {
  let video: string;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'iss-inspect-'));
    const study = syntheticStudy({ seed: 3, patients: 1, submissionsPerPatient: 1, seconds: 1 });
    await writeDrop(study, join(folder, 'drop'), { workers: 0 });
    const { patient, timestamp } = study.submissions[0]!;
    video = join(folder, 'drop', 'submissions', patient, timestamp, 'narrative.mp4');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('has a box in every frame, ten a second', async () => {
    const value = await inspected(video, '--faces');
    const { frames } = value;
    expect(frames.length).toBeGreaterThanOrEqual(9);
    expect(frames.map(({ number }) => number)).toEqual(frames.map((_, at) => at + 1));
    expect(frames[3]!.timeSeconds).toBeCloseTo(0.3);
    for (const { box, score } of frames) {
      const [x, y, width, height] = box;
      expect(x >= 0 && y >= 0 && x + width <= 240 && y + height <= 320 && width > 50).toBe(true);
      expect(score).toBeGreaterThan(0.5);
    }
  });

  test.each(['crop', 'frame'])('has its landmarks in pixels of the frame, from the %s', async (from) => {
    const out = join(folder, `${from}.f32`);
    const value = await inspected(video, '--landmarks', out, '--faces', '--from', from);
    const { frames } = value;
    expect(value.shape).toEqual([frames.length, 468, 3]);
    const values = floats(await readFile(out));
    expect(values).toHaveLength(frames.length * 468 * 3);
    for (const [at, { box }] of frames.entries()) {
      const [x, y, width, height] = box;
      // The tip of the nose (point 1) lies well inside the face.
      const nose = values.subarray((at * 468 + 1) * 3, (at * 468 + 2) * 3);
      expect(nose[0]).toBeGreaterThan(x + width * 0.25);
      expect(nose[0]).toBeLessThan(x + width * 0.75);
      expect(nose[1]).toBeGreaterThan(y + height * 0.25);
      expect(nose[1]).toBeLessThan(y + height * 0.85);
      expect(Math.abs(nose[2]!)).toBeLessThan(width);
    }
  });

  test('has figures of quality', async () => {
    const { quality } = await inspected(video, '--quality');
    expect(quality).toMatchObject({ width: 240, height: 320, rotation: expect.any(Number), faceShare: 1, audio: 'OK' });
    expect(quality.frameRate).toBeCloseTo(15, 1);
  });

  test('leaves no half a file behind when it is interrupted', async () => {
    const io = anIo();
    io.progress.show = () => io.abort();
    expect(await iss(io, 'inspect', video, '--landmarks', join(folder, 'half.f32'))).toBe(130);
    expect((await readdir(folder)).filter((name) => name.startsWith('half'))).toEqual([]);
  });

  test('that would be written where nobody may write is named', async () => {
    const io = anIo();
    const out = join(folder, 'no', 'such', 'folder.f32');
    expect(await iss(io, 'inspect', video, '--landmarks', out)).toBe(1);
    expect(io.notes.at(-1)).toBe(`iss: ${out}: there is no such file or folder (ENOENT).`);
  });
});

describe('landmarks in pixels', () => {
  const landmarks = new Float32Array(468 * 3).fill(0.5);
  const face = {
    box: [10, 20, 100, 200] as const,
    score: 1,
    faces: 1,
    crop: new Uint8Array(0),
    landmarks,
    frameLandmarks: null,
  };

  test('of a crop are put back by its place and size, z by its width', () => {
    expect([...floats(Buffer.from(frameLandmarks(face, 'crop'))).subarray(0, 3)]).toEqual([60, 120, 50]);
  });

  test('are NaN where there is no face, or no mesh on the picture that was asked for', () => {
    for (const bytes of [frameLandmarks(null, 'crop'), frameLandmarks(null, 'frame'), frameLandmarks(face, 'frame')])
      expect(floats(Buffer.from(bytes)).every(Number.isNaN)).toBe(true);
  });
});

describe.skipIf(!hasShared)(`the reference material${hasShared ? '' : ' (shared/ is absent: skipped)'}`, () => {
  test('every signal has librosa’s features', async () => {
    const [head, ...rows] = lines(await readFile(sharedPath('golden', 'audio', 'features.tsv'), 'utf8')).map((line) =>
      line.split('\t'),
    );
    const column = (row: string[], name: string): string => row[head!.indexOf(name)]!;
    const first = head!.indexOf('chroma');
    const wanted = rows.filter(
      (row) =>
        column(row, 'librosa') === '0.11.0' &&
        column(row, 'pad_mode') === 'constant' &&
        column(row, 'dtype') === 'float64',
    );
    expect(wanted.length).toBeGreaterThan(10);
    for (const row of wanted) {
      const signal = column(row, 'signal');
      if (column(row, 'samples') === '0') continue;
      const value = await inspected(sharedPath('golden', 'audio', 'signals', `${signal}.wav`), '--features');
      const { features } = value;
      for (let at = 0; at < 25; at += 1) {
        const golden = Number(row[first + at]);
        const tolerance = at < 5 ? Math.abs(golden) * 1e-4 + 1e-12 : 1e-3;
        // A flat spectrum: rounding decides the tuning (golden/README.md).
        if (signal === 'impulses' && at === 0) continue;
        expect(Math.abs(features[at]! - golden), `${signal}, feature ${at}`).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  test('a real video has faces, landmarks and sound; a truncated one its reason', async () => {
    const root = sharedPath('real', 'incoming', 'submissions', '0103');
    const video = join(root, (await readdir(root))[0]!, 'narrative.mp4');
    const out = join(await aFolder(), 'landmarks.f32');
    const value = await inspected(video, '--faces', '--features', '--quality', '--landmarks', out);
    expect(value.shape).toEqual([70, 468, 3]);
    expect((await stat(out)).size).toBe(70 * 468 * 3 * 4);
    expect(value.quality).toMatchObject({ width: 480, height: 480, faceShare: 1, audio: 'OK' });
    expect(value).toMatchObject({ sampleRate: 44_100 });

    const broken = sharedPath('real', 'incoming', 'submissions', '0106');
    const io = anIo();
    expect(await iss(io, 'inspect', join(broken, (await readdir(broken))[0]!, 'narrative.mp4'), '--json')).toBe(1);
    expect(JSON.parse(io.lines[0]!)).toMatchObject({ error: { code: 'TRUNCATED' } });
  });
});
