import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaceChain, type FaceChain, type FaceFound } from '../../../pipeline/faces/face-chain.ts';
import { type DrawnFace, drawFace, SKIN_TONES } from './drawn-face.ts';

let chain: FaceChain;
beforeAll(async () => {
  chain = await createFaceChain();
});
afterAll(() => chain.close());

/** Mean of some points of a mesh, after scaling and moving it. */
function middle(mesh: Float32Array, points: readonly number[], [x, y, width, height] = [0, 0, 1, 1]): [number, number] {
  const mean = (axis: number) => points.reduce((sum, point) => sum + mesh[3 * point + axis]!, 0) / points.length;
  return [x! + mean(0) * width!, y! + mean(1) * height!];
}

/** How far eyes (between their corners) and mouth corners lie from where they were drawn, at most, in pixels. */
function farthest(drawn: DrawnFace, mesh: Float32Array, box?: FaceFound['box']): number {
  const pairs = [
    [middle(mesh, [33, 133], box && [...box]), drawn.leftEye],
    [middle(mesh, [362, 263], box && [...box]), drawn.rightEye],
    [middle(mesh, [61], box && [...box]), drawn.mouthLeft],
    [middle(mesh, [291], box && [...box]), drawn.mouthRight],
  ] as const;
  return Math.max(...pairs.map(([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1])));
}

describe('a drawn face', () => {
  test.each(
    SKIN_TONES,
  )('of skin tone %s is found, with eyes and mouth within 3 pixels at a width of 110', async (skin) => {
    const drawn = await drawFace({ skin, size: 110 });
    const found = await chain.find(drawn);
    expect(found).not.toBeNull();
    expect(found!.score).toBeGreaterThan(0.8);
    expect(found!.faces).toBe(1);
    expect(found!.crop).toHaveLength(160 * 160 * 3);
    expect(found!.frameLandmarks).toHaveLength(468 * 3);
    expect(farthest(drawn, found!.frameLandmarks!)).toBeLessThan(3);
    expect(found!.landmarks).toHaveLength(468 * 3);
    expect(farthest(drawn, found!.landmarks!, found!.box)).toBeLessThan(3);
  });

  test.each([
    ['small, near a corner', { centerX: 60, centerY: 90, size: 60 }, 2],
    ['large, in a square frame', { width: 512, height: 512, size: 220 }, 6],
    ['in a wide frame', { width: 640, height: 200, centerX: 480, size: 80 }, 3],
  ] as const)('%s', async (_, drawing, pixels) => {
    const drawn = await drawFace(drawing);
    const found = await chain.find(drawn);
    expect(farthest(drawn, found!.frameLandmarks!)).toBeLessThan(pixels);
    expect(farthest(drawn, found!.landmarks!, found!.box)).toBeLessThan(pixels);
  });

  test('cut by the edge of the frame gives a box inside the frame', async () => {
    const found = await chain.find(await drawFace({ centerX: 30, size: 110 }));
    const [x, y, width, height] = found!.box;
    expect([x, y + height <= 320, width > 0]).toEqual([0, true, true]);
  });

  test('the stored landmarks are those of the crop, found as if it were a frame', async () => {
    const found = await chain.find(await drawFace());
    const again = await chain.find({ width: 160, height: 160, rgb: found!.crop });
    expect(Array.from(again!.frameLandmarks!, (value) => value / 160)).toEqual(
      Array.from(found!.landmarks!, (value) => expect.closeTo(value, 6)),
    );
  });

  test('beside another is one of two', async () => {
    const [a, b] = [await drawFace(), await drawFace({ skin: SKIN_TONES[4] })];
    const rows = Array.from({ length: 320 }, (_, y) =>
      [a.rgb, b.rgb].map((rgb) => rgb.subarray(y * 720, y * 720 + 720)),
    );
    const both = { width: 480, height: 320, rgb: Uint8Array.from(rows.flat().flatMap((row) => [...row])) };
    expect((await chain.find(both))!.faces).toBe(2);
  });

  test('gives the same whether frames are asked one after another or all at once', async () => {
    const drawn = await Promise.all(
      [0, 3, 5].map((tone) => drawFace({ skin: SKIN_TONES[tone]!, centerX: 100 + 10 * tone })),
    );
    const inTurn: (FaceFound | null)[] = [];
    for (const frame of drawn) inTurn.push(await chain.find(frame));
    expect(await Promise.all(drawn.map((frame) => chain.find(frame)))).toEqual(inTurn);
  });
});

describe('no face', () => {
  const blank = (width: number, height: number, value: number) => ({
    width,
    height,
    rgb: new Uint8Array(width * height * 3).fill(value),
  });

  test.each([
    ['a white picture', blank(240, 320, 255)],
    ['a black one', blank(480, 480, 0)],
    ['one of a single pixel', blank(1, 1, 128)],
    ['one of 19 x 19', blank(19, 19, 90)],
    ['a line', blank(3000, 1, 20)],
  ])('%s gives null', async (_, image) => {
    expect(await chain.find(image)).toBeNull();
  });

  test('noise gives null', async () => {
    let state = 1;
    const rgb = Uint8Array.from({ length: 300 * 300 * 3 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    expect(await chain.find({ width: 300, height: 300, rgb })).toBeNull();
  });
});

describe('what is no picture is refused, and the chain goes on', () => {
  test.each([
    [{ width: 2, height: 2, rgb: new Uint8Array(16) }, '2 x 2 pixels need 12 bytes, not 16'],
    [{ width: 0, height: 5, rgb: new Uint8Array(0) }, 'a picture cannot be 0 x 5 pixels'],
    [{ width: 1.5, height: 2, rgb: new Uint8Array(9) }, 'a picture cannot be 1.5 x 2 pixels'],
  ])('case %#', async (image, message) => {
    await expect(chain.find(image)).rejects.toThrow(new RangeError(message));
    expect(await chain.find(await drawFace())).not.toBeNull();
  });
});

describe('another detector', () => {
  test('decides what is cut out; the mesh still runs on the crop; it is closed with the chain', async () => {
    const drawn = await drawFace();
    let closed = false;
    const other = await createFaceChain({
      detector: {
        detect: async () => ({ corners: [60.9, 80.2, 180.7, 240.1], score: 0.99, faces: 3, landmarks: null }),
        close: async () => {
          closed = true;
        },
      },
    });
    const found = await other.find(drawn);
    expect({ ...found, crop: null, landmarks: null }).toEqual({
      box: [60, 80, 120, 160],
      score: 0.99,
      faces: 3,
      crop: null,
      landmarks: null,
      frameLandmarks: null,
    });
    expect(farthest(drawn, found!.landmarks!, found!.box)).toBeLessThan(3);
    await other.close();
    expect(closed).toBe(true);
  });

  test('that sees a face where the mesh sees none gives a crop without landmarks', async () => {
    const other = await createFaceChain({
      detector: {
        detect: async () => ({ corners: [0, 0, 20, 20], score: 0.7, faces: 1, landmarks: null }),
        close: async () => {},
      },
    });
    const found = await other.find(await drawFace());
    expect([found!.landmarks, found!.crop.length]).toEqual([null, 76800]);
    await other.close();
  });
});
