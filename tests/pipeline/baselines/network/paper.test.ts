import { describe, expect, it } from 'vitest';
import { type NetworkKey, networkOf } from '../../../../pipeline/baselines/network/models.ts';
import { runNetworkExperiment } from '../../../../pipeline/baselines/network/network-experiment.ts';
import { PICTURE_SIDE, transformPicture } from '../../../../pipeline/baselines/network/picture-transform.ts';
import { pretrainedTensors } from '../../../../pipeline/baselines/network/pretrained.ts';
import { resnet50 } from '../../../../pipeline/baselines/network/resnet50.ts';
import { writeSafetensors } from '../../../../pipeline/baselines/network/safetensors.ts';
import { foldsOf } from '../../../../pipeline/labels/folds.ts';
import type { SeededRandom } from '../../../../pipeline/labels/seeded-random.ts';
import { numbersOf, tensorOf } from './formula.ts';

const imagenet = resnet50(1000);
const stored = new Map(
  [...imagenet.parameters, ...imagenet.statistics].map(([name, shape]) => [
    name,
    { shape, values: tensorOf(name, shape) },
  ]),
);
const file = writeSafetensors(stored);
const backbone = { kind: 'resnet50', size: PICTURE_SIDE } as const;

describe('the paper’s path, with weights by formula', () => {
  it.each([
    'resnet50-4-static',
    'resnet50-2-static',
    'fusion-1',
    'fusion-2',
    'fusion-3',
    'static-audio',
  ] as const)('%s begins with every tensor of its backbone, and a new last layer', (key: NetworkKey) => {
    const network = networkOf(key, 2, backbone);
    const given = pretrainedTensors(network, file);
    const names = [...network.parameters.keys(), ...network.statistics.keys()];
    expect([...given.keys()].sort()).toEqual(names.filter((name) => name.startsWith('backbone.')).sort());
    expect(given.get('backbone.layer4.0.conv1.weight')).toEqual(stored.get('layer4.0.conv1.weight')?.values);
    expect(given.has('fc.weight')).toBe(false);
  });

  it('names a tensor that a file lacks, though this network would not read it', () => {
    const less = new Map([...stored].filter(([name]) => name !== 'layer4.2.conv3.weight'));
    expect(() => pretrainedTensors(networkOf('fusion-3', 2, backbone), writeSafetensors(less))).toThrow(
      'The file has no layer4.2.conv3.weight.',
    );
  });

  it('trains and evaluates one fold at 224 x 224, varied in training alone', { timeout: 240_000 }, async () => {
    const codes = ['A', 'B', 'C', 'D'];
    const pictures = codes.map((code) => ({
      ...{ width: 160, height: 160 },
      rgb: Uint8Array.from(numbersOf(`picture ${code}`, 160 * 160 * 3, (u) => 127.5 + 127 * u)),
    }));
    const network = networkOf('resnet50-2-static', 2, backbone);
    const varied: boolean[] = [];
    const result = await runNetworkExperiment('resnet50-2-static', network, {
      patients: codes.map((patient, i) => ({
        patient,
        painLevel: i % 2 === 0 ? 'NONE' : 'SEVERE',
        ...{ sex: 'F', skinType: 'I_III', sourceDevice: null },
      })),
      folds: foldsOf([
        ['A', 'B'],
        ['C', 'D'],
      ]),
      only: [1],
      classes: 2,
      seed: 1,
      epochs: 1,
      pretrained: pretrainedTensors(network, file),
      rows: {
        patients: codes,
        async inputs(rows: Uint32Array, random: SeededRandom | null) {
          varied.push(random !== null);
          const plane = 3 * PICTURE_SIDE ** 2;
          const image = new Float32Array(rows.length * plane);
          rows.forEach((row, at) => {
            image.set(transformPicture(pictures[row]!, random), at * plane);
          });
          return { image };
        },
      },
    });
    expect(varied).toEqual([true, false]);
    expect(result.losses[0]).toBeGreaterThan(0);
    expect(result.losses[0]).toBeLessThan(5);
    expect(result.evaluation.byPatient.map(({ patient }) => patient)).toEqual(['A', 'B']);
  });
});
