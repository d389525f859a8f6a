import { describe, expect, test } from 'vitest';
import type { Network } from '../../../pipeline/faces/network.ts';
import { detectFaces } from '../../../pipeline/faces/short-range-detector.ts';
import { findMesh } from '../../../pipeline/faces/static-mesh.ts';

/** A network whose answer is known, so that what is done before and after it can be computed by hand. */
function knownNetwork(size: number, outputs: readonly Float32Array[]): Network {
  return { size, input: new Float32Array(3 * size * size), run: async () => [...outputs], close: async () => {} };
}

/** The detector's outputs for boxes given at some of its 896 anchors: 16 values in its 128 pixels, and a logit. */
function detectorThatSees(faces: readonly { anchor: number; values: readonly number[]; logit: number }[]): Network {
  const values = new Float32Array(896 * 16);
  const logits = new Float32Array(896).fill(-50);
  for (const { anchor, values: sixteen, logit } of faces) {
    values.set(sixteen, anchor * 16);
    logits[anchor] = logit;
  }
  return knownNetwork(128, [values, logits]);
}

/** A face 32 pixels wide and high in the detector's picture, eyes 8 left and right of its middle; then the other points. */
const LEVEL = [0, 0, 32, 32, -8, -4, 8, -4, 0, 2, 0, 8, -16, 0, 16, 0];
/** The same, turned clockwise by a quarter. */
const QUARTER = [0, 0, 32, 32, 4, -8, 4, 8, -2, 0, -8, 0, 0, -16, 0, 16];
/** First anchor of the 8 x 8 grid's cell in row 4, column 4: its centre is (72, 72) of 128. */
const MIDDLE = 512 + (4 * 8 + 4) * 6;

const grey = (width: number, height: number) => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(200) });

describe('the detector', () => {
  test('gives boxes in pixels of the picture, the black bars beside it taken off', async () => {
    const [face, ...more] = await detectFaces(
      detectorThatSees([{ anchor: MIDDLE, values: LEVEL, logit: 0 }]),
      grey(256, 512),
    );
    // 128 pixels are 512, with bars of 128 left and right: (72 - 16) * 4 - 128 = 96.
    expect([...face!.places.slice(0, 8)]).toEqual([96, 224, 224, 352, 128, 272, 192, 272]);
    expect([face!.score, more]).toEqual([0.5, []]);
  });

  test('sees black bars beside an upright picture', async () => {
    const network = detectorThatSees([]);
    expect(await detectFaces(network, grey(256, 512))).toEqual([]);
    const row = [...network.input.subarray(64 * 128, 65 * 128)];
    expect([row[0], row[31], row[32], row[95], row[96]]).toEqual([-1, -1, row[64], row[64], -1]);
    expect(row[64]).toBeCloseTo(400 / 255 - 1, 6);
  });

  test('leaves out what is less certain than a half, and boxes turned inside out', async () => {
    const inverted = LEVEL.map((value, i) => (i === 2 ? -value : value));
    const network = detectorThatSees([
      { anchor: MIDDLE, values: LEVEL, logit: -0.001 },
      { anchor: 3, values: inverted, logit: 4 },
    ]);
    expect(await detectFaces(network, grey(128, 128))).toEqual([]);
  });
});

describe('the mesh', () => {
  /** Three points of the network's picture: its upper left corner, its middle, and one a quarter to the right and nearer. */
  const points = Float32Array.of(0, 0, 0, 96, 96, 0, 144, 96, -19.2);
  const present = Float32Array.of(0.1);

  test('looks at a square 1.5 times the box, and its points come back in pixels of the picture', async () => {
    const detector = detectorThatSees([{ anchor: MIDDLE, values: LEVEL, logit: 9 }]);
    const found = await findMesh(detector, knownNetwork(192, [points, present]), grey(128, 128));
    expect([...found!.landmarks!].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      48, 48, 0, 72, 72, 0, 84, 72, -4.8,
    ]);
  });

  test('turns the square with the eyes', async () => {
    const detector = detectorThatSees([{ anchor: MIDDLE, values: QUARTER, logit: 9 }]);
    const found = await findMesh(detector, knownNetwork(192, [points, present]), grey(128, 128));
    expect([...found!.landmarks!].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      96, 48, 0, 72, 72, 0, 72, 84, -4.8,
    ]);
  });

  test('sees the edge of the picture continued, not black, where the square reaches beyond', async () => {
    const detector = detectorThatSees([{ anchor: 0, values: LEVEL, logit: 9 }]);
    const mesh = knownNetwork(192, [points, present]);
    await findMesh(detector, mesh, grey(128, 128));
    expect(new Set(mesh.input)).toEqual(new Set([Math.fround(200 / 255)]));
  });

  test('takes the most certain face and says how many there were', async () => {
    const detector = detectorThatSees([
      { anchor: 0, values: LEVEL, logit: 1 },
      { anchor: MIDDLE, values: LEVEL, logit: 2 },
    ]);
    const found = await findMesh(detector, knownNetwork(192, [points, present]), grey(128, 128));
    expect([found!.faces, found!.landmarks![3]]).toEqual([2, 72]);
  });

  test('is none where its flag, a logit, is not above zero', async () => {
    const detector = detectorThatSees([{ anchor: MIDDLE, values: LEVEL, logit: 9 }]);
    const found = await findMesh(detector, knownNetwork(192, [points, Float32Array.of(0)]), grey(128, 128));
    expect(found!.landmarks).toBeNull();
  });
});
