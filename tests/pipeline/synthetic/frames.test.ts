import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { drawOver, type Layer, layDown, paste } from '../../../pipeline/synthetic/compose.ts';
import { drawFace, headBox } from '../../../pipeline/synthetic/face.ts';
import { restingExpression } from '../../../pipeline/synthetic/face-pose.ts';
import { eyeBox, mouthBox } from '../../../pipeline/synthetic/frames.ts';
import { rasterise } from '../../../pipeline/synthetic/rasterise.ts';
import { record } from '../../../pipeline/synthetic/recording.ts';
import { syntheticStudy } from '../../../pipeline/synthetic/study.ts';

const study = syntheticStudy({ seed: 1 });
const patientOf = (code: string) => study.patients.find((patient) => patient.code === code)!;

const fingerprint = async (index: number): Promise<{ frames: number; hash: string; sound: string }> => {
  const submission = study.submissions[index]!;
  const { frames, sound } = record(study.seed, patientOf(submission.patient), submission);
  const hash = createHash('sha256');
  let count = 0;
  for await (const frame of frames) {
    hash.update(frame);
    count++;
  }
  const pcm = Buffer.from(sound.pcm.buffer, sound.pcm.byteOffset, sound.pcm.byteLength);
  return { frames: count, hash: hash.digest('hex'), sound: createHash('sha256').update(pcm).digest('hex') };
};

describe('the frames of a recording', () => {
  test('are the same each time they are drawn, and so is the sound', async () => {
    const first = await fingerprint(0);
    expect(await fingerprint(0)).toEqual(first);
    expect(first.frames).toBe(study.submissions[0]!.frames);
    expect((await fingerprint(1)).hash).not.toBe(first.hash);
  });

  test('are stored lying down by phones that mark a turn, upright by the others', () => {
    for (const submission of study.submissions) {
      const patient = patientOf(submission.patient);
      const { width, height, rotation } = record(1, patient, submission).shape;
      expect({ width, height, rotation }).toEqual(
        patient.phone.storesLyingDown
          ? { width: 320, height: 240, rotation: 90 }
          : { width: 240, height: 320, rotation: 0 },
      );
    }
  });

  test('move: the mouth, the eyes and the head are not the same throughout', async () => {
    const submission = study.submissions[0]!;
    const different = new Set<string>();
    for await (const frame of record(1, patientOf(submission.patient), submission).frames) {
      different.add(createHash('sha256').update(frame).digest('hex'));
    }
    expect(different.size).toBe(submission.frames);
  });
});

describe('the parts of a head that are drawn anew', () => {
  test('hold all that an expression changes, for everybody', async () => {
    for (const patient of study.patients) {
      const { turn, lighting, signals } = study.submissions.find((one) => one.patient === patient.code)!;
      const noseWrinkle = signals.face;
      const draw = (expression: object) =>
        rasterise(drawFace(patient.face, { ...restingExpression, noseWrinkle, ...expression }, turn, lighting));
      const resting = await draw({});
      const moved = await draw({ eyes: 0, mouth: 1, browsDown: 1, lipCorners: -1 });
      let outside = 0;
      let inside = 0;
      for (let y = 0; y < headBox.height; y++) {
        for (let x = 0; x < headBox.width; x++) {
          const at = (y * headBox.width + x) * 4;
          const change = [0, 1, 2, 3].reduce(
            (most, c) => Math.max(most, Math.abs(resting.pixels[at + c]! - moved.pixels[at + c]!)),
            0,
          );
          const within = [eyeBox, mouthBox].some(
            (box) =>
              x + headBox.x >= box.x &&
              x + headBox.x < box.x + box.width &&
              y + headBox.y >= box.y &&
              y + headBox.y < box.y + box.height,
          );
          if (within) inside = Math.max(inside, change);
          else outside = Math.max(outside, change);
        }
      }
      // An open mouth lengthens the face, and its shading with it by up to 3 of 255.
      expect([patient.code, outside <= 4]).toEqual([patient.code, true]);
      expect(inside).toBeGreaterThan(30);
    }
  });

  test('fit: a part drawn by itself is what the whole head shows there', async () => {
    const patient = study.patients[6]!;
    const { turn, lighting } = study.submissions[30]!;
    const expression = { ...restingExpression, mouth: 0.5, browsDown: 0.5 };
    const whole = await rasterise(drawFace(patient.face, expression, turn, lighting));
    for (const box of [eyeBox, mouthBox]) {
      const part = await rasterise(drawFace(patient.face, expression, turn, lighting, box));
      const pasted: Layer = { ...whole, pixels: whole.pixels.slice() };
      paste(pasted, part, box.x - headBox.x, box.y - headBox.y);
      let most = 0;
      for (let i = 0; i < pasted.pixels.length; i++) {
        most = Math.max(most, Math.abs(pasted.pixels[i]! - whole.pixels[i]!));
      }
      expect(most).toBeLessThanOrEqual(2);
    }
  });
});

describe('putting a layer over a picture', () => {
  const still = { pivotX: 0, pivotY: 0, x: 0, y: 0, roll: 0, scale: 1 };
  const layerOf = (rgba: readonly number[][]): Layer => ({
    width: 3,
    height: 3,
    pixels: Uint8Array.from(Array.from({ length: 9 }, (_, i) => rgba[i % rgba.length]!).flat()),
  });

  test('copies what is opaque, leaves what is transparent, mixes what is half of each', () => {
    const picture = (): Uint8Array => new Uint8Array(2 * 2 * 3).fill(100);
    const over = (rgba: number[]): Uint8Array => {
      const target = picture();
      drawOver(target, 2, 2, layerOf([rgba]), still);
      return target;
    };
    expect([...over([200, 10, 30, 255]).subarray(0, 3)]).toEqual([200, 10, 30]);
    expect(over([0, 0, 0, 0])).toEqual(picture());
    expect([...over([100, 0, 0, 128]).subarray(0, 3)]).toEqual([150, 50, 50]);
  });

  test('moves it by whole pixels without a change', () => {
    const target = new Uint8Array(4 * 4 * 3);
    const tones = Array.from({ length: 9 }, (_, i) => [i * 10, i, 255 - i, 255]);
    drawOver(target, 4, 4, layerOf(tones), { ...still, x: 1, y: 2 });
    expect([...target.subarray((2 * 4 + 1) * 3, (2 * 4 + 3) * 3)]).toEqual([0, 0, 255, 10, 1, 254]);
  });

  test('cuts off what lies outside', () => {
    const target = new Uint8Array(2 * 2 * 3);
    drawOver(target, 2, 2, layerOf([[9, 9, 9, 255]]), { ...still, x: 50, y: -70 });
    expect(target).toEqual(new Uint8Array(12));
  });

  test('lays a picture down so that a quarter turn clockwise sets it upright', () => {
    // 2 x 3 upright: a b / c d / e f; lying, 3 x 2: b d f / a c e.
    const upright = Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((v) => [v, v, v]));
    const lying = new Uint8Array(18);
    layDown(upright, 2, 3, lying);
    expect([0, 3, 6, 9, 12, 15].map((at) => lying[at])).toEqual([2, 4, 6, 1, 3, 5]);
  });
});
