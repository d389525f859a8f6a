import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { paperWeightsPath, weightsOfRun } from '../../../api/services/runs/paper.ts';
import { presetsOf } from '../../../api/services/runs/prepare-run.ts';

const bare = mkdtempSync(join(tmpdir(), 'paper-'));
const supplied = mkdtempSync(join(tmpdir(), 'paper-'));
mkdirSync(dirname(paperWeightsPath(supplied)), { recursive: true });
writeFileSync(paperWeightsPath(supplied), 'abc');
afterAll(() => {
  for (const directory of [bare, supplied]) rmSync(directory, { recursive: true });
});

describe('the preset paper of a network', () => {
  it('says everything that it lacks: weights and where they are to be had, a GPU and the hours without', () => {
    const { available, why } = presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: false });
    expect(available).toEqual(['desk', 'smoke']);
    expect(why).toContain('ImageNet weights, which this server does not have: torchvision’s resnet50');
    expect(why).toMatch(/needs a GPU.*about \d+ hours.*ISS_PAPER_ON_CPU=true/);
  });

  it('still needs weights where the operator allows a processor, and still a GPU where weights are there', () => {
    expect(presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: true }).why).not.toContain('GPU');
    expect(presetsOf('fusion-2', { dataDirectory: bare, ISS_PAPER_ON_CPU: true }).available).not.toContain('paper');
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: false }).why).not.toContain('weights,');
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: false }).available).not.toContain(
      'paper',
    );
  });

  it('is there with both; a forest’s needs neither', () => {
    expect(presetsOf('fusion-2', { dataDirectory: supplied, ISS_PAPER_ON_CPU: true }).available).toContain('paper');
    expect(presetsOf('random-forest-pain', { dataDirectory: bare, ISS_PAPER_ON_CPU: false }).available).toContain(
      'paper',
    );
  });

  it('counts the weights to what a run is, and to no run that does not read them', async () => {
    const settings = { dataDirectory: supplied, ISS_PAPER_ON_CPU: true };
    expect(await weightsOfRun(settings, { experiment: 'fusion-2', preset: 'paper' })).toEqual({
      'resnet50-imagenet': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(await weightsOfRun(settings, { experiment: 'fusion-2', preset: 'desk' })).toEqual({});
    expect(await weightsOfRun(settings, { experiment: 'random-forest-pain', preset: 'paper' })).toEqual({});
  });
});
