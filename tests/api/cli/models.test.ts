import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { metadataOf, readSafetensors } from '../../../pipeline/baselines/network/safetensors.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { aFolder, anIo, iss } from './an-io.ts';

let data: string;
beforeEach(async () => {
  data = join(await aFolder(), 'data');
});
const io = () => anIo({ ISS_DATA_DIR: data });
const list = async () => {
  const terminal = io();
  expect(await iss(terminal, 'models', 'list', '--json')).toBe(0);
  return JSON.parse(terminal.lines.join('')).models as {
    key: string;
    added: { sha256: string; licence: string } | null;
  }[];
};

test('without any, each kind says where it is to be had and what runs without it', async () => {
  const terminal = io();
  expect(await iss(terminal, 'models', 'list')).toBe(0);
  const text = terminal.lines.join('\n');
  expect(text).toMatch(/resnet50-imagenet: .*\n {2}not here\. To be had: torchvision’s resnet50/);
  expect(text).toMatch(/presets desk and smoke of every experiment/);
  expect(text).toMatch(
    /Networks are trained by onnxruntime-node, on the processor\.\n {2}@tensorflow\/tfjs-node-gpu: not installed/,
  );
  expect((await list()).map(({ added }) => added)).toEqual([null, null, null, null, null]);
});

test('a file that is none of them is refused with the reason, and nothing is kept', async () => {
  const file = join(await aFolder(), 'weights.safetensors');
  await writeFile(file, 'no tensors');
  const terminal = io();
  expect(await iss(terminal, 'models', 'add', file)).toBe(1);
  expect(terminal.notes.join()).toMatch(/is not taken/);
  expect(await iss(io(), 'models', 'add', `${file}.none`)).toBe(1);
  await expect(readdir(data)).rejects.toThrow('ENOENT');
});

describe.skipIf(!hasShared)('with the weights of ../shared/models (absent: skipped)', () => {
  const pnet = sharedPath('models', 'mtcnn', 'pnet.safetensors');

  test('weights are recognised under any name, kept whole with hash, licence and origin, and said to be here', async () => {
    const copy = join(await aFolder(), 'x.bin');
    await writeFile(copy, await readFile(pnet));
    expect(await iss(io(), 'models', 'add', copy, '--origin', 'our mirror')).toBe(0);
    const kept = await readFile(join(data, 'models', 'mtcnn-pnet.safetensors'));
    expect(kept).toEqual(await readFile(pnet));
    expect(readSafetensors(kept).size).toBeGreaterThan(0);
    expect(metadataOf(kept)).toBeDefined();
    const added = (await list()).find(({ key }) => key === 'mtcnn-pnet')?.added;
    expect(added).toMatchObject({ origin: 'our mirror', licence: expect.stringContaining('MIT'), bytes: kept.length });
    // A second time nothing changes; nothing half-written stays behind.
    expect(await iss(io(), 'models', 'add', pnet)).toBe(0);
    expect((await readdir(join(data, 'models'))).sort()).toEqual(['mtcnn-pnet.json', 'mtcnn-pnet.safetensors']);
  });

  test('a note that cannot be read is as none: the weights are of unknown origin, and may be added anew', async () => {
    expect(await iss(io(), 'models', 'add', pnet)).toBe(0);
    for (const damaged of ['{"sha', '{}']) {
      await writeFile(join(data, 'models', 'mtcnn-pnet.json'), damaged);
      expect((await list()).find(({ key }) => key === 'mtcnn-pnet')?.added).toBeNull();
      expect(await iss(io(), 'models', 'add', pnet)).toBe(0);
      expect((await list()).find(({ key }) => key === 'mtcnn-pnet')?.added).not.toBeNull();
    }
  });

  test('a file cut short is refused, and what was there stays', async () => {
    expect(await iss(io(), 'models', 'add', pnet)).toBe(0);
    const cut = join(await aFolder(), 'pnet.safetensors');
    await writeFile(cut, await readFile(pnet));
    await truncate(cut, 5000);
    expect(await iss(io(), 'models', 'add', cut, '--replace')).toBe(1);
    expect(await readFile(join(data, 'models', 'mtcnn-pnet.safetensors'))).toEqual(await readFile(pnet));
  });

  test('others of the same kind take their place only when that is asked for', async () => {
    expect(await iss(io(), 'models', 'add', pnet)).toBe(0);
    const other = Buffer.from(await readFile(pnet));
    other.writeFloatLE(0.125, other.length - 4);
    const file = join(await aFolder(), 'other.safetensors');
    await writeFile(file, other);
    const terminal = io();
    expect(await iss(terminal, 'models', 'add', file)).toBe(1);
    expect(terminal.notes.join()).toMatch(/--replace/);
    expect(await iss(io(), 'models', 'add', file, '--replace')).toBe(0);
    expect(await readFile(join(data, 'models', 'mtcnn-pnet.safetensors'))).toEqual(other);
  });
});
