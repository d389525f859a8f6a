import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cropBox } from '../../../pipeline/faces/crop-box.ts';
import { createFaceChain, type FaceChain } from '../../../pipeline/faces/face-chain.ts';
import { readFaceMeshPackage } from '../../../pipeline/faces/face-mesh-package.ts';
import { type Network, openNetwork } from '../../../pipeline/faces/network.ts';
import { cropAndResize } from '../../../pipeline/faces/pillow-resize.ts';
import type { RgbImage } from '../../../pipeline/faces/rgb-image.ts';
import { findMesh } from '../../../pipeline/faces/static-mesh.ts';
import { intersectionOverUnion } from '../../../pipeline/faces/weighted-suppression.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { type GoldenFrame, goldenFrames, goldenLandmarks, goldenTable, readPicture } from './golden-frames.ts';

/** Mean distance over the points, and mean difference of z, in % of the face's width. */
interface Agreement {
  readonly xy: number;
  readonly z: number;
}

function agreement(found: Float32Array, golden: Float32Array): Agreement {
  const apart = (mesh: Float32Array, other: Float32Array, a: number, b: number) =>
    Math.hypot(mesh[3 * a]! - other[3 * b]!, mesh[3 * a + 1]! - other[3 * b + 1]!);
  const percent = 100 / apart(golden, golden, 234, 454); // the widest points of the face's outline
  let [xy, z] = [0, 0];
  for (let point = 0; point < 468; point++) {
    xy += (apart(found, golden, point, point) / 468) * percent;
    z += (Math.abs(found[3 * point + 2]! - golden[3 * point + 2]!) / 468) * percent;
  }
  return { xy, z };
}

/**
 * Bound in %. On the very pixels that the reference saw only rounding differs; on those of another version of the decoder
 * the golden README suggests 1 %, and 2 % where the face is 45 pixels wide.
 */
const tolerance = ({ row, samePixels }: GoldenFrame) => (samePixels ? 0.02 : row.video!.startsWith('0101') ? 2 : 1);

function report(what: string, agreements: readonly Agreement[]): void {
  const line = (values: number[]) =>
    `mean ${(values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4)} max ${Math.max(...values).toFixed(4)}`;
  const [xy, z] = [agreements.map((value) => value.xy), agreements.map((value) => value.z)];
  console.log(`${what}, ${agreements.length} frames, % of face width: x, y ${line(xy)}; z ${line(z)}`);
}

describe.skipIf(!hasShared)('agreement with the paper’s tools (skipped where ../shared is absent)', () => {
  let chain: FaceChain;
  let detector: Network;
  let mesh: Network;
  const frames: GoldenFrame[] = [];
  beforeAll(async () => {
    const models = readFaceMeshPackage();
    [chain, detector, mesh] = await Promise.all([
      createFaceChain(),
      openNetwork('detector', models.detector),
      openNetwork('mesh', models.mesh),
    ]);
    for await (const frame of goldenFrames()) frames.push(frame);
  });
  afterAll(() => Promise.all([chain.close(), detector.close(), mesh.close()]));

  test('all 113 frames are there', () => {
    expect(frames.map(({ row }) => `${row.video} ${row.frame}`)).toEqual(
      goldenTable('frames.tsv').map((row) => `${row.video} ${row.frame}`),
    );
  });

  test('the mesh on whole frames is MediaPipe’s, and the crop is where MTCNN’s is', async () => {
    const golden = goldenLandmarks('landmarks.f32');
    const agreements: Agreement[] = [];
    const overlaps: number[] = [];
    for (const frame of frames) {
      const { row, image } = frame;
      const found = await chain.find(image);
      expect(found?.landmarks, `${row.video} ${row.frame}`).toHaveLength(468 * 3);
      const one = agreement(found!.frameLandmarks!, golden[Number(row.mesh_row)]!);
      expect(Math.max(one.xy, one.z), `${row.video} ${row.frame}`).toBeLessThan(tolerance(frame));
      agreements.push(one);
      const [x, y, width, height] = found!.box;
      const mtcnn = ['crop_x0', 'crop_y0', 'crop_x1', 'crop_y1'].map((name) => Number(row[name]));
      overlaps.push(intersectionOverUnion([x, y, x + width, y + height], mtcnn));
    }
    report('mesh on frames', agreements);
    console.log(`${frames.filter(({ samePixels }) => samePixels).length} frames have the reference's very pixels`);
    const mean = overlaps.reduce((sum, value) => sum + value, 0) / overlaps.length;
    console.log(`crop against MTCNN's, IoU: mean ${mean.toFixed(4)} min ${Math.min(...overlaps).toFixed(4)}`);
    expect(mean).toBeGreaterThan(0.9);
  });

  test('the mesh on MTCNN’s crops is MediaPipe’s', async () => {
    const golden = goldenLandmarks('landmarks_crop.f32');
    const agreements: Agreement[] = [];
    for (const frame of frames) {
      const { row, image } = frame;
      const corners = ['crop_x0', 'crop_y0', 'crop_x1', 'crop_y1'].map((name) => Number(row[name]));
      const box = cropBox(corners as [number, number, number, number], image.width, image.height);
      const crop = cropAndResize(image, box!, 160);
      const found = await findMesh(detector, mesh, { width: 160, height: 160, rgb: crop });
      const one = agreement(
        found!.landmarks!.map((value) => value / 160),
        golden[Number(row.crop_mesh_row)]!,
      );
      expect(Math.max(one.xy, one.z), `${row.video} ${row.frame}`).toBeLessThan(tolerance(frame));
      agreements.push(one);
    }
    report('mesh on crops', agreements);
  });

  test('awkward pictures end as they do in MediaPipe', async () => {
    const golden = goldenLandmarks('landmarks_derived.f32');
    const rows = new Map(goldenTable('derived.tsv').map((row) => [row.picture!, row]));
    const first = (patient: string) => frames.find(({ row }) => row.video!.startsWith(patient))!;
    const sources = ['0102', '0103', '0104'].map(first);
    const [c, a, b] = sources.map(({ image }) => image) as [RgbImage, RgbImage, RgbImage];
    const samePixels = sources.every((source) => source.samePixels);
    const agreements: Agreement[] = [];
    for (const [name, image] of derived(c, a, b)) {
      const row = rows.get(name)!;
      expect([name, image.width, image.height]).toEqual([name, Number(row.width), Number(row.height)]);
      const found = await findMesh(detector, mesh, image);
      expect([name, found?.landmarks == null]).toEqual([name, row.mesh_found === '0']);
      if (found?.landmarks == null) continue;
      const one = agreement(found.landmarks, golden[Number(row.mesh_row)]!);
      const width = Number(row.mesh_x1) - Number(row.mesh_x0);
      expect(Math.max(one.xy, one.z), name).toBeLessThan(samePixels ? 0.02 : width < 100 ? 2 : 1);
      agreements.push(one);
    }
    report('awkward pictures', agreements);
  });

  test('crops are Pillow’s byte for byte', async () => {
    const input = await readPicture(sharedPath('golden', 'faces', 'crop_rule', 'input.png'));
    for (const row of goldenTable('crop_rule', 'crops.tsv')) {
      const expected = await readPicture(sharedPath('golden', 'faces', 'crop_rule', row.file!));
      const corners = [Number(row.x0), Number(row.y0), Number(row.x1), Number(row.y1)] as const;
      const crop = cropAndResize(input, cropBox(corners, input.width, input.height)!, 160);
      expect(Buffer.compare(crop, expected.rgb), row.file).toBe(0);
    }
  });
});

/** The pictures of derived.tsv (but the noise, which needs numpy's generator): how each is cut from the first frames of three videos. */
function derived(c: RgbImage, a: RgbImage, b: RgbImage): [string, RgbImage][] {
  const { width, height } = b;
  const last = width - 1;
  return [
    ['black', pick(480, 480, () => [0, 0, 0])],
    ['pair', pick(a.width + width, height, (x, y) => (x < a.width ? at(a, x, y) : at(b, x - a.width, y)))],
    ['turned_right', pick(height, width, (x, y) => at(b, y, height - 1 - x))],
    ['upside_down', pick(width, height, (x, y) => at(b, last - x, height - 1 - y))],
    ['mirrored', pick(width, height, (x, y) => at(b, last - x, y))],
    ['left_half', pick(256, c.height, (x, y) => at(c, x, y))],
    ['top_half', pick(c.width, 256, (x, y) => at(c, x, y))],
    ['every_4th', pick(width / 4, height / 4, (x, y) => at(b, 4 * x, 4 * y))],
    ['every_12th', pick(width / 12, height / 12, (x, y) => at(b, 12 * x, 12 * y))],
    ['dark', pick(width, height, (x, y) => at(b, x, y).map((value) => value >> 4))],
    ['tiny', pick(10, 10, (x, y) => at(b, x, y))],
  ];
}

const at = ({ width, rgb }: RgbImage, x: number, y: number): number[] => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

function pick(width: number, height: number, pixel: (x: number, y: number) => number[]): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(pixel(i % width, Math.floor(i / width)), 3 * i);
  return { width, height, rgb };
}
