import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  hashesOf,
  paperDiffers,
  paperWeightsPath,
  weightsOfRun,
  wouldDiffer,
} from '../../../api/services/runs/paper.ts';
import { presetsOf } from '../../../api/services/runs/presets.ts';
import { readWeights, weightsLooker } from '../../../api/services/weights/weights-in-use.ts';
import { weightsPath } from '../../../api/services/weights/weights-store.ts';

const bare = mkdtempSync(join(tmpdir(), 'paper-'));
const supplied = mkdtempSync(join(tmpdir(), 'paper-'));
mkdirSync(dirname(paperWeightsPath(supplied)), { recursive: true });
writeFileSync(paperWeightsPath(supplied), 'abc');
const CPU = { gpu: false };
afterAll(() => {
  for (const directory of [bare, supplied]) rmSync(directory, { recursive: true });
});

describe('the preset paper of a network', () => {
  it('says everything that it lacks: weights and where they are to be had, a GPU and the hours without', () => {
    const { available, why } = presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: false }, CPU);
    expect(available).toEqual(['desk', 'smoke']);
    expect(why).toContain('ImageNet weights, which this server does not have: torchvision’s resnet50');
    expect(why).toMatch(/needs a GPU.*about \d+ hours.*ISS_PAPER_ON_CPU=true/);
  });

  it('still needs weights where the operator allows a processor, and still a GPU where weights are there', () => {
    expect(presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: true }, CPU).why).not.toContain('GPU');
    expect(presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: true }, CPU).available).not.toContain(
      'paper',
    );
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: false }, CPU).why).not.toContain(
      'weights,',
    );
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: false }, CPU).available).not.toContain(
      'paper',
    );
  });

  it('asks for no permission where the backend computes on a GPU', () => {
    const settings = { dataDirectory: supplied, ISS_PAPER_ON_CPU: false };
    expect(presetsOf('fusion-2', settings, { gpu: true }).available).toContain('paper');
  });

  it('is there with both; a forest’s needs neither', () => {
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: true }, CPU).available).toContain(
      'paper',
    );
    expect(presetsOf('random-forest-pain', { dataDirectory: bare, ISS_PAPER_ON_CPU: false }, CPU).available).toContain(
      'paper',
    );
  });

  it('counts the weights to what a run is, and to no run that does not read them', async () => {
    const settings = { dataDirectory: supplied };
    expect(hashesOf(await weightsOfRun(settings, { experiment: 'fusion-2', preset: 'paper' }))).toEqual({
      'resnet50-imagenet': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(await weightsOfRun(settings, { experiment: 'fusion-2', preset: 'desk' })).toEqual([]);
    expect(await weightsOfRun(settings, { experiment: 'random-forest-pain', preset: 'paper' })).toEqual([]);
  });

  it('counts EfficientNet-Lite0, where it is, to what a desk is, and to no smoke and no forest', async () => {
    const settings = { dataDirectory: mkdtempSync(join(tmpdir(), 'paper-')) };
    mkdirSync(join(settings.dataDirectory, 'models'));
    writeFileSync(weightsPath(settings.dataDirectory, 'efficientnet-lite0'), 'abc');
    const keys = async (experiment: string, preset: string) =>
      (await weightsOfRun(settings, { experiment, preset })).map(({ key }) => key);
    expect(await keys('static-audio', 'desk')).toEqual(['efficientnet-lite0']);
    expect([await keys('static-audio', 'smoke'), await keys('random-forest-landmarks', 'desk')]).toEqual([[], []]);
    rmSync(settings.dataDirectory, { recursive: true });
  });
});

describe('weights that are there', () => {
  const key = 'resnet50-imagenet';
  const facts = { key, sha256: 'a'.repeat(64), published: null, stated: null } as const;

  it('are read and hashed once, however often they are asked for, and again where others lie in their place', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'paper-'));
    mkdirSync(join(dataDirectory, 'models'));
    const path = weightsPath(dataDirectory, key);
    let reads = 0;
    const look = weightsLooker((file) => {
      reads += 1;
      return readFile(file);
    });
    expect(await look(dataDirectory, key)).toBeNull();
    writeFileSync(path, 'abc');
    const [one, other] = await Promise.all([look(dataDirectory, key), look(dataDirectory, key)]);
    expect([one?.sha256, reads]).toEqual([other?.sha256, 1]);
    await look(dataDirectory, key);
    expect(reads).toBe(1);
    writeFileSync(path, 'abcd');
    expect((await look(dataDirectory, key))?.sha256).not.toBe(one?.sha256);
    expect(reads).toBe(2);
    // What a run has looked at is not what it would train with now.
    await expect(readWeights(dataDirectory, one!)).rejects.toThrow('were replaced');
    rmSync(dataDirectory, { recursive: true });
  });

  it('are the paper’s only where they are known to be torchvision’s; otherwise who added them is quoted, unverified', () => {
    expect(paperDiffers({ ...facts, published: 'torchvision ResNet-50 IMAGENET1K_V1' })).toBeNull();
    expect(paperDiffers({ ...facts, stated: 'our mirror' })).toBe(
      'it began with ImageNet weights as stated by the operator (our mirror), not verified',
    );
    expect(paperDiffers(facts)).toBe(
      'it began with ImageNet weights of an origin that nobody has stated, not verified',
    );
  });

  it('are quoted only of the very file that was added', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'paper-'));
    mkdirSync(join(dataDirectory, 'models'));
    const path = weightsPath(dataDirectory, key);
    writeFileSync(path, 'abc');
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const added = { sha256, bytes: 3, licence: 'MIT', addedAt: '2026-11-23T00:00:00Z' };
    const note = { ...added, origin: 'our mirror', originStated: true };
    writeFileSync(path.replace('.safetensors', '.json'), JSON.stringify(note));
    expect((await weightsLooker()(dataDirectory, key))?.stated).toBe('our mirror');
    writeFileSync(path.replace('.safetensors', '.json'), JSON.stringify({ ...note, originStated: false }));
    expect((await weightsLooker()(dataDirectory, key))?.stated).toBeNull();
    writeFileSync(path.replace('.safetensors', '.json'), JSON.stringify(note));
    writeFileSync(path, 'other');
    expect((await weightsLooker()(dataDirectory, key))?.stated).toBeNull();
    rmSync(dataDirectory, { recursive: true });
  });

  it('make a preview say that it is not comparable while they are not verified', async () => {
    expect(await wouldDiffer({ dataDirectory: supplied }, { experiment: 'fusion-2', preset: 'paper' })).toContain(
      'not verified',
    );
    expect(await wouldDiffer({ dataDirectory: supplied }, { experiment: 'fusion-2', preset: 'desk' })).toContain(
      'smaller',
    );
    expect(
      await wouldDiffer({ dataDirectory: supplied }, { experiment: 'random-forest-pain', preset: 'smoke' }),
    ).toBeNull();
  });
});
