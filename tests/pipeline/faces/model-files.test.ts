import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFaceChain } from '../../../pipeline/faces/face-chain.ts';
import { readFaceMeshPackage } from '../../../pipeline/faces/face-mesh-package.ts';
import { ModelFileError } from '../../../pipeline/faces/model-file-error.ts';
import { openNetwork } from '../../../pipeline/faces/network.ts';
import { readTflite } from '../../../pipeline/faces/tflite.ts';

const DATA = 'face_mesh_solution_packed_assets.data';
const LOADER = 'face_mesh_solution_packed_assets_loader.js';
const installed = dirname(createRequire(import.meta.url).resolve(`@mediapipe/face_mesh/${DATA}`));

describe('the package of networks', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'face-models-'));
    copyFileSync(join(installed, LOADER), join(folder, LOADER));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const problemWith = (data: Uint8Array) => {
    writeFileSync(join(folder, DATA), data);
    return createFaceChain({ modelFolder: folder });
  };

  test('opens where Node finds it', async () => {
    const chain = await createFaceChain();
    await chain.close();
  });

  test('one altered byte of a weight is noticed', async () => {
    const data = readFileSync(join(installed, DATA));
    data[3_000_000] = data[3_000_000]! ^ 1;
    await expect(problemWith(data)).rejects.toThrow(
      /^face_landmark\.tflite in face_mesh_solution_packed_assets\.data is damaged or of another version: its SHA-256 is [0-9a-f]{64}$/,
    );
  });

  test('a file that was cut short says at which byte', async () => {
    const data = readFileSync(join(installed, DATA)).subarray(0, 3_900_000);
    await expect(problemWith(data)).rejects.toThrow(
      `${DATA} is cut short: face_detection_short_range.tflite ends at byte 3986256 of 3900000`,
    );
  });

  test('a missing file is named', async () => {
    await expect(createFaceChain({ modelFolder: folder })).rejects.toThrow(`cannot read ${join(folder, DATA)}`);
  });

  test('a list of files that is none is refused', () => {
    writeFileSync(join(folder, LOADER), 'loadPackage({"files": [{"filename": 3}]})');
    expect(() => readFaceMeshPackage(folder)).toThrow(`${LOADER} has no list of files`);
  });
});

describe('a file of one network', () => {
  const { detector } = readFaceMeshPackage();

  test('reads as 90 layers with two outputs', () => {
    const network = readTflite(detector);
    expect(network.layers).toHaveLength(90);
    expect(network.outputs.map((index) => network.tensors[index]!.shape)).toEqual([
      [1, 896, 16],
      [1, 896, 1],
    ]);
  });

  test('cut off anywhere, it is refused as a model file and never half read', async () => {
    for (let length = 0; length < detector.length; length += 4093) {
      const opening = openNetwork('cut', detector.slice(0, length));
      await expect(opening).rejects.toThrow(ModelFileError);
    }
  });

  test('with a changed byte in its structure it is refused as a model file or is still a whole network', () => {
    // The tail of the file holds the tables; weights come first.
    for (let at = detector.length - 30_000; at < detector.length; at += 97) {
      const damaged = Uint8Array.from(detector);
      damaged[at] = damaged[at]! ^ 0x55;
      try {
        expect(readTflite(damaged).tensors.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError);
      }
    }
  });

  test('something else is refused by its first bytes', async () => {
    await expect(
      openNetwork(
        'photo.jpg',
        Uint8Array.from({ length: 64 }, () => 0xff),
      ),
    ).rejects.toThrow('photo.jpg: does not carry the mark TFL3');
  });
});
